using System.Globalization;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Updates;

/// <summary>Scripts of packages that fail, talk too much, or say what is not true.</summary>
public sealed class MaintainerScriptTests(MaintainerScriptTests.Published packages) : DeviceTests<MaintainerScriptTests.Published>(packages)
{
    private const string Install = "0x30200200";

    [Theory]
    [InlineData("bad-postinst", "post-installation")]
    [InlineData("bad-preinst", "pre-installation")]
    public void A_script_that_fails_while_installing_is_named_and_leaves_nothing_behind(string package, string script)
    {
        var answer = Device.Deploy("good", package);
        answer.Cause.Should().Be((1, 0, Install));
        answer.Step.Should().Be("install");
        answer
            .Details.Should()
            .Contain($"a maintainer script of {package} failed")
            .And.Contain($"{script} script")
            .And.Contain("exit status 7")
            .And.EndWith("; the device is as it was before");
        Root.Packages().Should().BeEmpty();
        Directory.EnumerateFiles(Root.At("var/lib/dpkg/info"), "*.list").Should().BeEmpty();
        Device.Run("is-installed", Root.At("update1-1.0.json")).ResultCode.Should().Be(901);
        HistoryTells(answer);
    }

    [Theory]
    [InlineData("bad-prerm", "pre-removal")]
    [InlineData("bad-postrm", "post-removal")]
    public void A_script_that_fails_while_removing_is_named_and_its_package_stays(string package, string script)
    {
        Root.Install(package);
        var answer = Device.Deploy($"{package}-");
        answer.Cause.Should().Be((1, 0, Install));
        answer.Details.Should().Contain($"a maintainer script of {package} failed").And.Contain($"{script} script");
        Root.Status(package).Should().Be("install ok installed");
        File.ReadAllText(Root.At($"var/lib/dpkg/info/{package}.{(package == "bad-prerm" ? "prerm" : "postrm")}"))
            .Should()
            .Contain("exit 7", "it is the package's own again");
        HistoryTells(answer);
        Device.Deploy($"{package}-").Cause.Should().Be((1, 0, Install), "it fails in the same way again");
    }

    [Fact]
    public void What_a_failing_script_has_printed_is_kept_for_the_operator()
    {
        Device.Deploy("bad-postinst");
        var text = Root.DuApt("history").Output;
        var transcript = text.Split('\n').Single(line => line.Contains("apt's output: ", StringComparison.Ordinal)).Split("apt's output: ")[
            1
        ];
        File.ReadAllText(transcript).Should().Contain("out of cheese");
        text.Should().Contain("failed").And.Contain(Install);
    }

    [Fact]
    public void A_package_whose_script_failed_comes_with_the_next_update()
    {
        using var repository = new Repository();
        using var server = new HttpServer(repository.Package("moody", "1", postinst: "exit 1").Index());
        using var device = new Device(repository, server);
        device.Deploy("moody").ExtendedResultCode.Should().Be(Install);
        repository.Package("moody", "2").Index();
        device.Deployed("moody=2").Packages.Should().Equal("moody - -> 2");
        device.Root.Packages().Should().Equal("moody 2 installed");
    }

    [Fact]
    public void A_script_that_fails_once_is_run_again_by_the_same_update()
    {
        var manifest = Device.Manifest("fickle", "good");
        Device.Run("deploy", manifest).ExtendedResultCode.Should().Be(Install);
        Root.Packages().Should().BeEmpty();
        Device.Run("deploy", manifest).Cause.Should().Be((1, 0, Install), "it still fails");

        File.WriteAllText(Root.At("tmp/better"), "");
        var answer = Device.Run("deploy", manifest);
        answer.Cause.Should().Be((0, 700, "0x00000000"), answer.Details);
        Root.Packages().Should().Equal("fickle 1 installed", "good 1 installed");
    }

    [Fact]
    public void A_failure_of_this_update_is_not_put_down_to_what_was_broken_before()
    {
        Root.AptGet("update");
        Root.TryAptGet("-y", "install", "bad-postinst").ExitStatus.Should().Be(100);
        var answer = Device.Deploy("bad-preinst");
        answer.Cause.Should().Be((1, 0, Install), answer.Details);
        answer.Details.Should().Contain("bad-preinst");
    }

    [Fact]
    public void A_file_that_belongs_to_another_package_is_named()
    {
        Root.Install("owner");
        var answer = Device.Deploy("thief");
        answer.Cause.Should().Be((1, 0, Install), answer.Details);
        answer.Details.Should().Contain("at thief").And.Contain("/usr/share/common").And.Contain("owner");
    }

    [Fact]
    public void A_daemon_that_keeps_the_output_open_is_not_waited_for()
    {
        Device.Deployed("daemon");
        using var daemon = System.Diagnostics.Process.GetProcessById(
            int.Parse(File.ReadAllText(Root.At("tmp/daemon")), CultureInfo.InvariantCulture)
        );
        daemon.HasExited.Should().BeFalse();
        daemon.Kill();
    }

    [Fact]
    public void A_megabyte_without_an_end_of_line_does_no_harm()
    {
        Device.Deployed("chatty");
        Root.Installed("chatty").Should().Be("1");
    }

    [Fact]
    public void A_script_that_lies_and_succeeds_is_a_success()
    {
        Device.Deployed("liar").Details.Should().Be("+liar 1");
        Root.Installed("liar").Should().Be("1");
    }

    [Theory]
    [InlineData("failing-liar")]
    [InlineData("interrupted-liar")]
    [InlineData("full-liar")]
    public void A_script_that_lies_and_fails_is_run_once_and_not_believed(string package)
    {
        Device.Configure("lockTimeoutSeconds", 5);
        var answer = Device.Deploy(package);
        answer.Cause.Should().Be((1, 0, Install), answer.Details);
        answer.Details.Should().Contain($"a maintainer script of {package} failed");
        File.ReadAllLines(Root.At("tmp/runs")).Should().ContainSingle();
    }

    private void HistoryTells(Answer answer)
    {
        using var history = Device.Ask("history");
        var update = history.RootElement.GetProperty("updates")[0];
        update.GetProperty("state").GetString().Should().Be("failed");
        var result = update.GetProperty("result");
        result.GetProperty("step").GetString().Should().Be("install");
        result.GetProperty("extendedResultCode").GetString().Should().Be(answer.ExtendedResultCode);
        result.GetProperty("details").GetString().Should().Be(answer.Details);
    }

    public sealed class Published()
        : PublishedPackages(repository =>
            repository
                .Package("good", "1")
                .Package("owner", "1", file: "/usr/share/common=1")
                .Package("thief", "1", file: "/usr/share/common=2")
                .Package("fickle", "1", postinst: "[ -e $DPKG_ROOT/tmp/better ]")
                .Package("bad-postinst", "1", postinst: "echo 100% out of cheese >&2; exit 7")
                .Package("bad-preinst", "1", preinst: "exit 7")
                .Package("bad-prerm", "1", prerm: "exit 7")
                .Package("bad-postrm", "1", postrm: "exit 7")
                .Package("daemon", "1", postinst: "sleep 100 & echo $! >$DPKG_ROOT/tmp/daemon")
                .Package(
                    "chatty",
                    "1",
                    postinst: "head -c 1000000 /dev/zero | tr '\\0' x; { head -c 1000000 /dev/zero | tr '\\0' y >&3; } 2>/dev/null || true"
                )
                .Package("liar", "1", postinst: Lies)
                .Package("failing-liar", "1", postinst: $"echo run >>$DPKG_ROOT/tmp/runs; {Lies}; exit 1")
                .Package(
                    "interrupted-liar",
                    "1",
                    postinst: "echo run >>$DPKG_ROOT/tmp/runs; echo \"E: dpkg was interrupted, you must manually run 'dpkg --configure -a' "
                        + "to correct the problem.\"; exit 1"
                )
                .Package(
                    "full-liar",
                    "1",
                    postinst: "echo run >>$DPKG_ROOT/tmp/runs; echo E: No space left on device; echo E: Failed to fetch something; exit 1"
                )
        )
    {
        private const string Lies =
            "echo 'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1 (init)'; "
            + "echo 'dpkg: error: dpkg frontend lock was locked by another process with pid 1' >&2; "
            + "{ echo 'pmstatus:liar:99.0:nearly'; echo 'dlstatus:::'; } >&3 2>/dev/null || true";
    }
}
