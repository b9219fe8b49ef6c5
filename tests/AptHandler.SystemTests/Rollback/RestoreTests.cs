using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Rollback;

/// <summary>Going back: by hand after an update that was a bad one, and by itself after one that failed.</summary>
public sealed class RestoreTests(RestoreTests.Published packages) : DeviceTests<RestoreTests.Published>(packages)
{
    [Fact]
    public void An_update_of_every_kind_is_undone_and_nothing_of_it_stays()
    {
        var before = OldDevice();
        Device.Deployed("app=2", "tool=1", "gone-", "new");
        Root.Packages()
            .Should()
            .Equal("app 2 installed", "gone 1 config-files", "helper 1 installed", "new 1 installed", "tool 1 installed");

        var answer = Device.Run("restore");
        answer.Cause.Should().Be((0, 1100, "0x00000000"), answer.Details);
        answer.Details.Should().Be("update 1 (update1-1.0) is undone; the device is as it was before");
        answer.Packages.Should().BeEquivalentTo(["app 2 -> 1", "gone - -> 1", "helper 1 -> -", "new 1 -> -", "tool 1 -> 2"]);
        Now().Should().Equal(before);
        Device.Run("is-installed", Root.At("update1-1.0.json")).ResultCode.Should().Be(901);
        Device.Run("restore").Details.Should().Contain("is undone already");
        Device.Deployed("app=2");
    }

    [Fact]
    public void What_came_later_and_stands_on_the_update_is_named_and_nothing_changes()
    {
        Device.Deployed("app=2");
        Root.AptGet("-y", "install", "on-top");
        var answer = Device.Run("restore");
        answer.Cause.Should().Be((1, 0, "0x30200312"), answer.Details);
        answer.Details.Should().Contain("on-top came later and cannot be without it");
        Root.Installed("app").Should().Be("2");
        Root.AptGet("-y", "remove", "on-top");
        Device.Run("restore").ResultCode.Should().Be(1100);
    }

    [Fact]
    public void A_link_and_the_owner_of_a_file_are_put_back_too()
    {
        OldDevice();
        Directory.CreateDirectory(Root.At("usr/share"));
        File.CreateSymbolicLink(Root.At("usr/share/new"), "elsewhere");
        Command
            .Run("sh", ["-c", $"chown 1234:1235 {Root.At("etc/app.conf")}; chmod 0604 {Root.At("etc/app.conf")}"])
            .Succeeded("change the owner");
        File.WriteAllText(Root.At("etc/app.conf.dpkg-dist"), "of the operator\n");
        Device.Deployed("new", "app=2");
        Device.Run("restore").ResultCode.Should().Be(1100);
        new FileInfo(Root.At("usr/share/new")).LinkTarget.Should().Be("elsewhere");
        Command.Run("stat", ["-c", "%u:%g %a", Root.At("etc/app.conf")]).Output.Should().Be("1234:1235 604\n");
        File.ReadAllText(Root.At("etc/app.conf.dpkg-dist")).Should().Be("of the operator\n");
    }

    [Fact]
    public void A_restore_that_was_cut_off_keeps_what_a_whole_one_keeps()
    {
        OldDevice();
        Device.Deployed("app=2", "slow-to-go");
        File.WriteAllText(Root.At("etc/app.conf"), "of the operator\n");
        using (var running = Device.Start("restore"))
        {
            Wait.Until(() => File.Exists(Root.At("tmp/going")));
            running.Signal(RunningCommand.Kill);
        }

        var answer = Device.Run("recover");
        answer.Cause.Should().Be((0, 1200, "0x00000000"), answer.Details);
        answer.Details.Should().Contain("/etc/app.conf was changed after the update, and stays");
        File.ReadAllText(Root.At("etc/app.conf")).Should().Be("of the operator\n");
        Root.Installed("app").Should().Be("1");
    }

    [Theory]
    [InlineData("bad-preinst")]
    [InlineData("bad-postinst")]
    [InlineData("app=3-bad-preinst")]
    [InlineData("app=3-bad-postinst")]
    [InlineData("app=3-bad-prerm")]
    [InlineData("app=3-bad-postrm")]
    [InlineData("stubborn=2")]
    [InlineData("never=2")]
    public void A_failing_maintainer_script_leaves_the_device_as_it_was(string package)
    {
        var before = OldDevice("stubborn=1", "never=1");
        var answer = Device.Deploy("tool=1", "gone-", "new", package);
        if (answer.ResultCode == 700)
        {
            // A script that runs when the package goes again does not fail yet.
            Device.Run("restore").Cause.Should().Be((0, 1100, "0x00000000"));
        }
        else
        {
            answer.Cause.Should().Be((1, 0, "0x30200200"), answer.Details);
            answer
                .Details.Should()
                .Contain($"a maintainer script of {package.Split('=')[0]} failed")
                .And.Contain("; the device is as it was before");
        }

        Now().Should().Equal(before);
        Device.Run("recover").Details.Should().Be("no update is half-done");
    }

    [Fact]
    public void A_configuration_file_that_was_changed_after_the_update_stays_and_is_named()
    {
        OldDevice();
        Device.Deployed("app=2");
        File.WriteAllText(Root.At("etc/app.conf"), "of the operator\n");
        Device.Run("restore").Details.Should().Contain("/etc/app.conf was changed after the update, and stays");
        File.ReadAllText(Root.At("etc/app.conf")).Should().Be("of the operator\n");
        Root.Installed("app").Should().Be("1");
    }

    [Fact]
    public void A_file_that_was_there_before_a_package_brought_its_own_is_put_back()
    {
        Directory.CreateDirectory(Root.At("usr/share"));
        File.WriteAllText(Root.At("usr/share/new"), "of the operator\n");
        Device.Deployed("new");
        File.ReadAllText(Root.At("usr/share/new")).Should().Be("of the package\n");
        Device.Run("restore").ResultCode.Should().Be(1100);
        File.ReadAllText(Root.At("usr/share/new")).Should().Be("of the operator\n");
    }

    [Fact]
    public void Neither_the_network_nor_the_lists_nor_the_cache_of_apt_are_needed()
    {
        var before = OldDevice();
        Device.Deployed("app=2", "tool=1", "gone-", "new");
        Directory.Delete(Root.At("var/cache/apt/archives"), recursive: true);
        Directory.Delete(Root.At("var/lib/apt/lists"), recursive: true);
        Packages.Server.Fail("*", Fault.Refuse);
        try
        {
            var answer = Device.Run("restore");
            answer.ResultCode.Should().Be(1100, answer.Details);
        }
        finally
        {
            Packages.Server.Heal();
        }

        Now().Should().Equal(before);
    }

    [Fact]
    public void Only_the_newest_update_can_be_undone_and_the_one_before_counts_again()
    {
        var first = Device.NamedManifest("fleet", "1", "app=1");
        var second = Device.NamedManifest("fleet", "2", "app=2");
        Device.Run("deploy", first).ResultCode.Should().Be(700);
        Device.Run("deploy", second).ResultCode.Should().Be(700);
        Device.Run("restore").ResultCode.Should().Be(1100);
        Device.Run("is-installed", first).ResultCode.Should().Be(900);
        Device.Run("is-installed", second).ResultCode.Should().Be(901);
        File.ReadAllText(Device.CriteriaFile).Should().Contain("fleet-1").And.NotContain("fleet-2");
        var again = Device.Run("restore");
        (again.ResultCode, again.Details).Should().Be((1100, "update 2 (fleet-2) is undone already; there is nothing to bring back"));
        Root.Packages().Should().Equal("app 1 installed");
    }

    [Fact]
    public void A_hold_is_kept_although_dpkg_forgets_it()
    {
        var before = OldDevice();
        Root.Hold("app");
        Device.Deployed("tool=1");
        Device.Run("restore").ResultCode.Should().Be(1100);
        Root.Status("app").Should().Be("hold ok installed");
        Now().Should().Equal(before.Select(line => line.Replace("app install", "app hold", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_read_only_file_system_is_told_and_nothing_changes()
    {
        Directory.CreateDirectory(Root.At("usr"));
        using var small = SmallFileSystem.Around(Root.At("usr"), mebibytes: 8);
        Command.Run("mount", ["-o", "remount,bind,ro", Root.At("usr")]).Succeeded("make it read-only");
        var answer = Device.Deploy("new");
        answer.Cause.Should().Be((1, 0, "0x30200315"), answer.Details);
        answer.Details.Should().Contain($"{Root.At("usr")} is mounted read-only");
        Root.Packages().Should().BeEmpty();
    }

    [Fact]
    public void A_second_worker_for_the_same_update_takes_the_result_of_the_first()
    {
        var manifest = Device.Manifest("slow-to-come", "bad-postinst");
        Device.Run("download", manifest).ResultCode.Should().Be(500);
        using var first = Device.Start("install", manifest, "--json");
        Wait.Until(() => File.Exists(Root.At("tmp/coming")));
        Device.Configure("lockTimeoutSeconds", 0);
        using var second = Device.Start("install", manifest, "--json");
        Device.Deploy("tool=1").ExtendedResultCode.Should().Be("0x3020030f", "another update does not wait for longer than it is told");
        var one = Answer.Of(first.Wait());
        var other = Answer.Of(second.Wait());
        one.Cause.Should().Be((1, 0, "0x30200200"));
        (other.Cause, other.Details).Should().Be((one.Cause, one.Details));
        File.ReadAllLines(Root.At("tmp/coming")).Should().ContainSingle("it was installed once");
    }

    [Fact]
    public void A_reboot_that_is_required_is_told_in_the_result_and_in_the_status()
    {
        File.WriteAllText(Root.At("run/reboot-required"), "*** System restart required ***\n");
        File.WriteAllText(Root.At("run/reboot-required.pkgs"), "linux-image\nlibc6\nlibc6\n");
        Device.Deployed("new").Details.Should().StartWith("a reboot is required by libc6, linux-image; ");
        Root.DuApt("status").Output.Should().Contain("A reboot is required by libc6, linux-image.");
        Device.Configure("reboot", "deferred");
        Device.Deploy("tool=1").ResultCode.Should().Be(706);
        Device.Configure("reboot", "immediate");
        Device.Deploy("tool=2").ResultCode.Should().Be(705);
    }

    // An old device: an edited configuration file, an automatic package, and one that goes.
    private List<string> OldDevice(params string[] more)
    {
        Root.Install(["app=1", "tool=2", "gone=1", .. more]);
        Root.AptGet("update");
        Command.Run("apt-mark", ["auto", "gone"], Root.Environment).Succeeded("mark");
        File.AppendAllText(Root.At("etc/gone.conf"), "edited\n");
        return Now();
    }

    private List<string> Now()
    {
        string[] roots = [Root.At("etc"), Root.At("usr")];
        var selections = Command
            .Run("dpkg-query", [$"--admindir={Root.At("var/lib/dpkg")}", "-W", "-f", "${Package} ${Status} ${Version}\n"])
            .Output;
        return
        [
            .. selections.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            .. Root.AutoMarks(),
            .. roots
                .Where(Directory.Exists)
                .SelectMany(root => Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
                .Where(file => !file.StartsWith(Root.At("etc/apt"), StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(file => $"{file}: {File.ReadAllText(file)}"),
            .. Directory
                .EnumerateFiles(Root.At("var/lib/dpkg/info"))
                .Order(StringComparer.Ordinal)
                .Select(file => $"{file}: {File.ReadAllText(file)}"),
        ];
    }

    public sealed class Published()
        : PublishedPackages(repository =>
        {
            repository
                .Package("app", "1", conffile: "/etc/app.conf=one", file: "/usr/share/app=1")
                .Package("app", "2", depends: "helper", conffile: "/etc/app.conf=two", file: "/usr/share/app=2")
                .Package("helper", "1")
                .Package("tool", "1")
                .Package("tool", "2", file: "/usr/share/tool=2")
                .Package("on-top", "1", depends: "helper")
                .Package("slow-to-come", "1", postinst: "echo once >>$DPKG_ROOT/tmp/coming; sleep 3")
                .Package("slow-to-go", "1", prerm: "touch $DPKG_ROOT/tmp/going; sleep 1")
                .Package("gone", "1", conffile: "/etc/gone.conf=1")
                .Package("new", "1", conffile: "/etc/new.conf=new", file: "/usr/share/new=of the package")
                .Package("bad-preinst", "1", preinst: "exit 7", file: "/usr/share/bad=1")
                .Package("bad-postinst", "1", postinst: "exit 7", file: "/usr/share/bad=1")
                .Package("app", "3-bad-preinst", preinst: "exit 7", file: "/usr/share/app=3")
                .Package("app", "3-bad-postinst", postinst: "exit 7", conffile: "/etc/app.conf=three", file: "/usr/share/app3=3")
                .Package("app", "3-bad-prerm", prerm: "exit 7", file: "/usr/share/app=3")
                .Package("app", "3-bad-postrm", postrm: "exit 7", file: "/usr/share/app=3")
                // The old package will not be configured again, and the older one not even be unpacked.
                .Package("stubborn", "1", postinst: "[ -z \"$2\" ]", file: "/usr/share/stubborn=1")
                .Package("stubborn", "2", postinst: "exit 7")
                .Package("never", "1", preinst: "[ \"$1\" = install ]", file: "/usr/share/never=1")
                .Package("never", "2", postinst: "exit 7");
        });
}
