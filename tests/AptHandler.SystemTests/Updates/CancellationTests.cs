using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Updates;

/// <summary>Giving up: at once while nothing has changed, never inside dpkg.</summary>
public sealed class CancellationTests(CancellationTests.Published packages) : DeviceTests<CancellationTests.Published>(packages)
{
    private const int Cancelled = 4;

    [Theory]
    [InlineData(RunningCommand.Terminate)]
    [InlineData(RunningCommand.Interrupt)]
    public void A_download_is_given_up_and_nothing_has_changed(int signal)
    {
        using var running = StartStalled("/pool/foo_*");
        running.Signal(signal);
        IsGivenUp(running);
    }

    [Theory]
    [InlineData("")]
    [InlineData("trap '' INT; ")]
    public void Cancel_gives_up_the_update_that_is_running_even_one_that_a_script_has_started_in_the_background(string background)
    {
        using var running = StartStalled("/pool/foo_*", background);
        using (var status = Device.Ask("status"))
            status.RootElement.GetProperty("isRunning").GetBoolean().Should().BeTrue();
        Device.Run("cancel").Cause.Should().Be((0, 800, "0x00000000"));
        IsGivenUp(running);
        Device.Run("cancel").Cause.Should().Be((1, 801, "0x00000000"));
        using (var status = Device.Ask("status"))
            status.RootElement.GetProperty("isRunning").GetBoolean().Should().BeFalse();
    }

    [Fact]
    public void Cancel_leaves_a_foreign_process_alone_whose_number_an_update_once_had()
    {
        const int Stop = 19;
        using var foreign = new RunningCommand("sleep", ["600"]);
        // While it is stopped, a signal that was sent to it can be seen.
        foreign.Signal(Stop);
        Wait.Until(() => StatusOf(foreign).Contains("State:\tT", StringComparison.Ordinal));
        File.WriteAllText(Root.At("run/du-apt-handler/worker.lock"), $"{foreign.ProcessId, -10}\n");
        Device.Run("cancel").Cause.Should().Be((1, 801, "0x00000000"));
        StatusOf(foreign).Should().Contain($"SigPnd:\t{0:x16}\nShdPnd:\t{0:x16}\n");
    }

    [Fact]
    public void Reading_the_lists_is_given_up_too()
    {
        using var running = StartStalled("/dists/*Packages*");
        running.Signal(RunningCommand.Terminate);
        IsGivenUp(running);
    }

    [Fact]
    public void An_update_that_was_given_up_can_be_made_again()
    {
        using (var running = StartStalled("/pool/foo_*"))
        {
            running.Signal(RunningCommand.Terminate);
            running.Wait();
        }

        Packages.Server.Heal();
        Device.Run("deploy", Root.At("update1-1.0.json")).ResultCode.Should().Be(700);
        Root.Installed("foo").Should().Be("1");
    }

    [Fact]
    public void While_dpkg_runs_it_is_not_interrupted_and_the_update_is_undone_afterwards()
    {
        var manifest = Device.Manifest("waiting", "after");
        using var running = Device.Start("deploy", manifest);
        Wait.Until(() => File.Exists(Root.At("tmp/started")));
        Device.Run("cancel").ResultCode.Should().Be(800);
        Thread.Sleep(300);
        running.HasEnded.Should().BeFalse();
        File.WriteAllText(Root.At("tmp/go"), "");

        var outcome = running.Wait();
        outcome.ExitStatus.Should().Be(Cancelled, outcome.Text);
        outcome.Output.Should().StartWith("install -1").And.Contain("not interrupted").And.Contain("the device is as it was before");
        Device
            .DpkgLog.Should()
            .Contain(
                line => line.EndsWith("status installed after:all 1", StringComparison.Ordinal),
                "the transaction came to its end first"
            );
        Root.Packages().Should().BeEmpty();
        Device.Run("is-installed", manifest).ResultCode.Should().Be(901);
        File.Exists(Device.CriteriaFile).Should().BeFalse();

        Device.Run("deploy", manifest).ResultCode.Should().Be(700);
        Device.Run("is-installed", manifest).ResultCode.Should().Be(900);
    }

    [Fact]
    public void What_dpkg_has_done_is_kept_where_the_configuration_says_so_and_the_agents_wish_to_restore_changes_nothing()
    {
        Device.Configure("cancelDuringInstall", "keep");
        var manifest = Device.Manifest("waiting", "after");
        using var running = Device.Start("deploy", manifest);
        Wait.Until(() => File.Exists(Root.At("tmp/started")));
        Device.Run("cancel").ResultCode.Should().Be(800);
        File.WriteAllText(Root.At("tmp/go"), "");

        var outcome = running.Wait();
        outcome.ExitStatus.Should().Be(Cancelled, outcome.Text);
        outcome.Output.Should().StartWith("install -1").And.Contain("the packages are installed, but the update is not recorded");
        Root.Packages().Should().Equal("after 1 installed", "waiting 1 installed");
        Device.Run("is-installed", manifest).ResultCode.Should().Be(901);
        Device.Run("recover").ResultCode.Should().Be(1200);
        Root.Packages().Should().Equal("after 1 installed", "waiting 1 installed");

        // By hand it can still be undone, and what was written since stays.
        File.WriteAllText(Root.At("usr/share/after/data"), "of an operator\n");
        Device.Run("restore").Details.Should().Contain("left over: /usr");
        Root.Packages().Should().BeEmpty();
        File.ReadAllText(Root.At("usr/share/after/data")).Should().Be("of an operator\n");
    }

    [Fact]
    public void The_end_of_the_terminal_or_of_the_machine_while_dpkg_runs_cancels_nothing()
    {
        var manifest = Device.Manifest("waiting", "after");
        using var running = Device.Start("deploy", manifest);
        Wait.Until(() => File.Exists(Root.At("tmp/started")));
        foreach (var signal in new[] { "HUP", "TERM" })
            Command.Run("/bin/sh", ["-c", $"kill -{signal} {running.ProcessId}"]).Succeeded("signal the worker");
        Thread.Sleep(300);
        File.WriteAllText(Root.At("tmp/go"), "");
        running.Wait();
        Root.Packages().Should().Equal("after 1 installed", "waiting 1 installed");
        Device.Run("deploy", manifest).ResultCode.Should().BeOneOf([700, 900], "what is recorded already depends on where it was");
    }

    [Fact]
    public void A_signal_to_the_whole_process_group_while_dpkg_runs_does_not_reach_apt()
    {
        using var running = new RunningCommand(
            "setsid",
            [SourceTree.DuApt, "--config", Root.Configuration, "deploy", Device.Manifest("waiting", "after")]
        );
        running.CloseInput();
        Wait.Until(() => File.Exists(Root.At("tmp/started")));
        foreach (var signal in new[] { "INT", "HUP", "TERM" })
            Command.Run("/bin/sh", ["-c", $"kill -{signal} -{running.ProcessId}"]).Succeeded("signal the process group");
        Thread.Sleep(300);
        running.HasEnded.Should().BeFalse();
        File.WriteAllText(Root.At("tmp/go"), "");
        running.Wait().ExitStatus.Should().Be(Cancelled);
        Device.DpkgLog.Should().Contain(line => line.EndsWith("status installed after:all 1", StringComparison.Ordinal));
        Root.Packages().Should().BeEmpty();
        Root.IsDpkgInterrupted().Should().BeFalse();
    }

    public override void Dispose()
    {
        Packages.Server.Heal();
        base.Dispose();
    }

    private static string StatusOf(RunningCommand process) => File.ReadAllText($"/proc/{process.ProcessId}/status");

    private RunningCommand StartStalled(string pattern, string background = "")
    {
        var before = Packages.Server.Exchanges.Count;
        Packages.Server.Fail(pattern, Fault.Stall);
        var running = new RunningCommand(
            "sh",
            ["-c", $"{background}exec \"$@\"", "sh", SourceTree.DuApt, "--config", Root.Configuration, "deploy", Device.Manifest("foo")]
        );
        running.CloseInput();
        Wait.Until(() =>
            Packages
                .Server.Exchanges.Skip(before)
                .Any(exchange => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, exchange.Path))
        );
        return running;
    }

    private void IsGivenUp(RunningCommand running)
    {
        var outcome = running.Wait();
        outcome.ExitStatus.Should().Be(Cancelled, outcome.Text);
        outcome.Output.Should().StartWith("download -1").And.Contain("nothing was changed");
        Root.Packages().Should().BeEmpty();
        Device.DpkgLog.Should().BeEmpty();
        using var history = Device.Ask("history");
        history.RootElement.GetProperty("updates")[0].GetProperty("state").GetString().Should().Be("cancelled");
    }

    public sealed class Published()
        : PublishedPackages(repository =>
            repository
                .Package("foo", "1", sizeKib: 200)
                .Package("after", "1", depends: "waiting")
                .WithFile("/usr/share/after/data", "1")
                .Package("waiting", "1", postinst: Wait.ForTheTest)
        );
}
