using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Agent;

/// <summary>Updates that are given up: at once while nothing has changed, and never in the middle of dpkg.</summary>
public sealed class CancellationTests(AgentPackages packages) : AgentTest(packages, overHttp: true)
{
    private const string Archive = "/pool/hello_*";

    [Fact]
    public void A_download_that_stalls_is_given_up_and_nothing_has_changed()
    {
        Server!.Fail(Archive, Fault.Stall);
        using var running = (Agent(Hello1) with { CancelWhen = Root.At("cancel-now") }).Start(Root, AgentHost.CancelDuringDownload);
        WaitForStall();
        File.WriteAllText(Root.At("cancel-now"), "");
        var report = Checked(AgentReport.Read(running.Wait()));
        report.Outcome.Should().Be(new AgentResult(-1, 0));
        report.Recorded.Should().Be(report.Outcome);
        report.Details.Should().Contain("cancelled").And.Contain("nothing was changed");
        State().Should().BeEmpty();
        WaitUntilNothingRuns();

        // The next attempt is not hindered by what was left of this one.
        Server.Heal();
        Run(Agent(Hello1)).Outcome!.Code.Should().Be(700);
        Root.Installed("hello").Should().Be("1.0");
    }

    [Fact]
    public void Cancelling_while_dpkg_runs_lets_it_finish_and_then_undoes_it()
    {
        using var running = (Agent(Slow) with { CancelWhen = Root.At("tmp/started") }).Start(Root, AgentHost.CancelDuringInstall);
        var report = FinishAfterCancel(running);
        ShouldBeUndone(report);
    }

    [Fact]
    public void Cancel_may_be_called_while_Install_runs()
    {
        using var running = (Agent(Slow) with { CancelWhen = Root.At("tmp/started") }).Start(Root, AgentHost.ConcurrentCancel);
        var report = FinishAfterCancel(running);
        report.Call("Cancel").Should().Match<AgentCall>(call => call.Thread == "cancel" && call.Result.Code == 800);
        ShouldBeUndone(report);
    }

    [Fact]
    public void Cancel_may_be_called_at_any_time()
    {
        var report = Run(Agent(Hello1), AgentHost.CancelAnytime);
        report.Outcome.Should().Be(new AgentResult(-1, 0));
        report.Cancels.Able.Should().BePositive("a step was running");
        report.Cancels.Unable.Should().BePositive("nothing was running before the first call");
        report.Cancels.Other.Should().Be(0);
        State().Should().BeEmpty();
        WaitUntilNothingRuns();
    }

    [Fact]
    public void A_cancel_while_the_agent_still_fetches_the_manifest_is_not_forgotten()
    {
        // The host's downloader sleeps inside the step, before there is a worker that could be told.
        var agent = Agent(Hello1) with
        {
            DownloadDelay = TimeSpan.FromSeconds(1),
        };
        var report = Run(agent, AgentHost.CancelCallDuringDownload);
        report.Call("Cancel").Result.Code.Should().Be(800);
        report.Outcome.Should().Be(new AgentResult(-1, 0));
        State().Should().BeEmpty();

        // And it is over with the step that it was meant for.
        Run(Agent(Hello1)).Outcome!.Code.Should().Be(700);
    }

    private AgentReport FinishAfterCancel(RunningCommand running)
    {
        running.WaitForText("cancelled");
        // The flag is looked at ten times a second. If dpkg ended before that, there would be nothing to cancel.
        Thread.Sleep(1500);
        File.WriteAllText(Root.At("tmp/go"), "");
        return Checked(AgentReport.Read(running.Wait()));
    }

    private void ShouldBeUndone(AgentReport report)
    {
        report.Outcome.Should().Be(new AgentResult(-1, 0));
        report
            .Order.Replace(" Cancel", "", StringComparison.Ordinal)
            .Should()
            .Be("IsInstalled IsInstalled Download IsInstalled Backup Install Restore");
        var details = report.Call("Install").Details ?? report.Details;
        details.Should().Contain("cancelled while dpkg was running").And.EndWith("; the device is as it was before");
        Root.Status("slow").Should().BeNull();
        report.Call("Restore").Result.Code.Should().Be(1100);
        WaitUntilNothingRuns();
        Run(Agent(Slow), AgentHost.IsInstalled).Call("IsInstalled").Result.Code.Should().Be(901, "it was not applied");
    }

    private void WaitForStall() =>
        WaitFor(() => Directory.GetFiles(Root.At("var/cache/apt/archives/partial")).Length > 0, "a partial archive");
}
