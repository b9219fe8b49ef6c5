using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Rollback;

/// <summary>The next start after a worker that was killed, a disk that was full, or a state folder that was damaged.</summary>
public sealed class RecoveryTests(RecoveryTests.Published packages) : DeviceTests<RecoveryTests.Published>(packages)
{
    private string Journal => Root.At("var/lib/du-apt-handler/updates/000001/update.json");

    [Fact]
    public void Where_nothing_is_half_done_there_is_nothing_to_recover()
    {
        Device.Run("recover").Details.Should().Be("no update is half-done");
        Device.Deployed("foo=1");
        var answer = Device.Run("recover");
        (answer.Cause, answer.Details).Should().Be(((0, 1200, "0x00000000"), "no update is half-done"));
    }

    [Fact]
    public void An_apt_get_that_has_outlived_its_worker_is_waited_for()
    {
        var manifest = Device.Manifest("waiting", "foo=1");
        using (var running = Device.Start("deploy", manifest))
        {
            Wait.Until(() => File.Exists(Root.At("tmp/started")));
            running.Signal(RunningCommand.Kill);
        }

        using var recovering = Device.Start("recover", "--json");
        Thread.Sleep(300);
        recovering.HasEnded.Should().BeFalse();
        File.WriteAllText(Root.At("tmp/go"), "");
        var answer = Answer.Of(recovering.Wait());
        answer.Cause.Should().Be((0, 1200, "0x00000000"), answer.Details);
        answer.Details.Should().Contain("it was cut off, and finished afterwards");
        Root.Packages().Should().Equal("foo 1 installed", "waiting 1 installed");
        Device.Run("deploy", manifest).ResultCode.Should().Be(700, "it still has to be recorded");
    }

    [Fact]
    public void The_next_update_recovers_first()
    {
        CutOff("foo=1", "slow");
        Device.Deployed("bar").Details.Should().Be("+bar 1");
        Root.Packages().Should().Equal("bar 1 installed", "foo 1 installed", "slow 1 installed");
        using var history = Device.Ask("history");
        history.RootElement.GetProperty("updates")[1].GetProperty("state").GetString().Should().Be("installed");
    }

    [Fact]
    public void A_script_that_fails_on_the_way_forward_turns_it_round()
    {
        File.WriteAllText(Root.At("tmp/sick"), "");
        CutOff("foo=1", "slow", "moody");
        var answer = Device.Run("recover");
        answer.Details.Should().Contain("a maintainer script of moody failed").And.Contain("the device is as it was before");
        Root.Packages().Should().BeEmpty();
        Device.Run("recover").Details.Should().Be("no update is half-done");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"number\":1,\"insta")]
    [InlineData("[]")]
    [InlineData("\0\0\0\0\0\0\0\0")]
    [InlineData("{\"number\":\"one\"}")]
    public void A_damaged_journal_is_no_reason_to_stay_in_between(string content)
    {
        CutOff("foo=1", "slow");
        File.WriteAllText(Journal, content);
        Device.Run("is-installed", Root.At("update1-1.0.json")).ResultCode.Should().Be(901);
        var answer = Device.Run("recover");
        answer.Cause.Should().Be((0, 1200, "0x00000000"), answer.Details);
        Root.Packages().Should().Equal("foo 1 installed", "slow 1 installed");
        Root.IsDpkgInterrupted().Should().BeFalse();
        Device.Deployed("bar");
    }

    [Fact]
    public void Without_journal_and_backup_it_says_what_a_person_can_do_and_the_next_update_is_not_kept_away()
    {
        Device.Deployed("foo=1");
        File.WriteAllText(Journal, "torn");
        File.WriteAllText(Root.At("var/lib/du-apt-handler/updates/000001/backup/backup.json"), "{\"packages\":[");
        var answer = Device.Run("recover");
        answer.Cause.Should().Be((1, 0, "0x30200313"), answer.Details);
        answer.Details.Should().Contain("dpkg --configure -a");
        Root.Packages().Should().Equal("foo 1 installed");
        Device.Run("recover").ResultCode.Should().Be(1200);
        Device.Deployed("bar");
    }

    [Fact]
    public void A_damaged_journal_of_an_update_that_is_long_over_changes_no_package()
    {
        Device.Deployed("foo=1");
        Root.AptGet("-y", "install", "foo=2");
        File.WriteAllText(Journal, "torn");
        var answer = Device.Run("recover");
        answer.Details.Should().Contain("the record of update 1 was damaged");
        Root.Installed("foo").Should().Be("2");
        Device.Deployed("bar");
    }

    [Fact]
    public void A_full_disk_does_not_keep_it_from_recovering()
    {
        using var small = SmallFileSystem.Around(Root.At("var"));
        CutOff("foo=1", "slow");
        small.LeaveKib(0);
        var answer = Device.Run("recover");
        answer.Cause.Should().Be((0, 1200, "0x00000000"), answer.Details);
        Root.Packages().Should().Equal("foo 1 installed", "slow 1 installed");
    }

    [Fact]
    public void A_lock_of_somebody_else_is_worth_another_try_and_costs_none()
    {
        CutOff("foo=1", "slow");
        Device.Configure("lockTimeoutSeconds", 0);
        using (Root.HoldLock(AptLock.DpkgFrontend))
        {
            for (var time = 0; time < 5; time++)
                Device.Run("recover").Cause.Should().Be((3, 0, "0x30200305"));
            Device.Deploy("bar").Cause.Should().Be((3, 0, "0x30200305"), "nothing begins on a device that is half-way");
        }

        Device.Run("recover").ResultCode.Should().Be(1200);
        Root.Packages().Should().Equal("foo 1 installed", "slow 1 installed");
    }

    [Fact]
    public void A_program_that_only_says_that_it_is_of_the_update_is_not_waited_for()
    {
        CutOff("foo=1", "slow");
        var program = Root.At("tmp/dpkg");
        File.Copy("/bin/sleep", program);
        using var stranger = new RunningCommand(
            program,
            ["600"],
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["DU_APT_HANDLER_UPDATE"] = "1" }
        );
        Device.Run("recover").ResultCode.Should().Be(1200);
        stranger.HasEnded.Should().BeFalse();
    }

    [Theory]
    [InlineData("chown 1234")]
    [InlineData("chmod o+w")]
    public void A_state_folder_that_others_can_write_is_not_trusted(string change)
    {
        Command.Run("sh", ["-c", $"{change} {Root.At("var/lib/du-apt-handler")}"]).Succeeded(change);
        var answer = Device.Deploy("foo=1");
        answer.Cause.Should().Be((1, 0, "0x3020030d"), answer.Details);
        answer.Details.Should().Contain("cannot trust").And.Contain("chown root");
        Root.Packages().Should().BeEmpty();
    }

    [Theory]
    [InlineData("printf 'Package: fo' >updates/0042")]
    [InlineData(": >status")]
    [InlineData("rm status")]
    [InlineData("truncate -s 0 status; truncate -s 300 status")]
    public void What_a_power_cut_has_left_of_dpkgs_own_files_is_repaired_on_the_way(string damage)
    {
        Device.Deployed("bar");
        CutOff("foo=1", "slow");
        Command.Run("sh", ["-ec", $"cd {Root.At("var/lib/dpkg")}; {damage}"]).Succeeded(damage);
        Device.Run("recover").Cause.Should().Be((0, 1200, "0x00000000"));
        Root.Packages().Should().Equal("bar 1 installed", "foo 1 installed", "slow 1 installed");
    }

    [Fact]
    public void Where_the_status_file_before_is_damaged_too_nothing_is_done_and_the_remedy_is_told()
    {
        Device.Deployed("bar");
        CutOff("foo=1", "slow");
        Command.Run("sh", ["-ec", $"cd {Root.At("var/lib/dpkg")}; : >status; : >status-old"]).Succeeded("damage both");
        Device.Run("recover").Details.Should().Contain("status-old").And.Contain("restore it from /var/backups, then run du-apt recover");
        File.ReadAllText(Root.At("var/lib/dpkg/status")).Should().BeEmpty();
    }

    [Fact]
    public void A_clock_that_is_set_back_changes_nothing()
    {
        CutOff("foo=1", "slow");
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(Journal)!))
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddYears(3));
        File.WriteAllText(Journal, File.ReadAllText(Journal).Replace($"\"{DateTime.UtcNow.Year}-", "\"2099-", StringComparison.Ordinal));
        Device.Run("recover").ResultCode.Should().Be(1200);
        Root.Packages().Should().Equal("foo 1 installed", "slow 1 installed");
        Device.Deployed("bar");
    }

    [Fact]
    public void A_script_that_hangs_is_ended_with_all_that_it_has_started_and_the_update_undone()
    {
        Device.Configure("scriptTimeoutMinutes", 1);
        var answer = Device.Deploy("foo=1", "hanging");
        answer.Cause.Should().Be((1, 0, "0x30200200"), answer.Details);
        answer.Details.Should().Contain("hanging.postinst took too long").And.Contain("the device is as it was before");
        Root.Packages().Should().BeEmpty();
        foreach (var process in File.ReadAllLines(Root.At("tmp/hanging")))
            Directory.Exists($"/proc/{process}").Should().BeFalse($"process {process} was started by the script");
    }

    [Fact]
    public void A_shutdown_that_ends_dpkg_too_leaves_the_update_to_the_next_start()
    {
        var answer = Answer.Of(CutOff(RunningCommand.Terminate, ["--json"], "foo=1", "slow"));
        answer.Cause.Should().Be((1, 0, "0x3020030e"), answer.Details);
        answer.Details.Should().Be("a shutdown ended dpkg in the middle of its work; the next start finishes the update");
        Device.Run("recover").Details.Should().Contain("it was cut off, and finished afterwards");
        Root.Packages().Should().Equal("foo 1 installed", "slow 1 installed");
    }

    private void CutOff(params string[] words) => CutOff(RunningCommand.Kill, [], words);

    // Signals the worker while the postinst of "slow" runs, and kills all that works for it, and the script itself.
    private Outcome CutOff(int signal, string[] options, params string[] words)
    {
        File.Delete(Root.At("tmp/slow"));
        using var running = Device.Start(["deploy", Device.Manifest(words), .. options]);
        Wait.Until(() => File.Exists(Root.At("tmp/slow")));
        running.Signal(signal);
        Root.KillPrograms(except: running.ProcessId);
        var result = running.Wait();
        Root.Status("slow").Should().Be("install ok half-configured", result.Output);
        return result;
    }

    public sealed class Published()
        : PublishedPackages(repository =>
            repository
                .Package("foo", "1", file: "/usr/share/foo=1")
                .Package("foo", "2")
                .Package("bar", "1")
                .Package("waiting", "1", postinst: "touch $DPKG_ROOT/tmp/started; while [ ! -e $DPKG_ROOT/tmp/go ]; do sleep 0.05; done")
                .Package("slow", "1", postinst: "if [ ! -e $DPKG_ROOT/tmp/slow ]; then touch $DPKG_ROOT/tmp/slow; sleep 100; fi")
                .Package("moody", "1", depends: "slow", postinst: "[ ! -e $DPKG_ROOT/tmp/sick ]")
                .Package(
                    "hanging",
                    "1",
                    postinst: "sleep 1000 & echo $! >$DPKG_ROOT/tmp/hanging; setsid sleep 1001 & echo $! >>$DPKG_ROOT/tmp/hanging; trap '' "
                        + "TERM; sleep 1002; sleep 1003"
                )
        );
}
