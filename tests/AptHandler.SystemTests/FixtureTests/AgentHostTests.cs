using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.FixtureTests;

/// <summary>
/// The stand-in for the agent, tried on a handler that does nothing: a report on the product is only worth what the host notices here.
/// </summary>
public sealed class AgentHostTests : IDisposable
{
    private readonly Repository _repository = new();
    private readonly PrivateRoot _root;
    private readonly AgentHost _host;

    public AgentHostTests()
    {
        _root = PrivateRoot.Create(_repository.Index());
        _host = new AgentHost { Handler = NativePrograms.NullHandler, Payloads = [_root.WriteManifest("{}")] };
    }

    [Fact]
    public void A_deployment_goes_through_the_phases_in_the_agents_order_and_threads()
    {
        var report = _host.Run(_root);
        report.Process.ExitStatus.Should().Be(0, report.Process.Text);
        report.Order.Should().Be("IsInstalled IsInstalled Download IsInstalled Backup Install Apply");
        report.Calls.Select(call => call.Thread).Should().Equal("main", "download", "download", "install", "install", "install", "install");
        report.Outcome.Should().Be(new AgentResult(700, 0));
        report.Details.Should().Be("fetched apt-manifest.json\nand nothing else");
        report.DownloadCalls.Should().Be(1);
        File.ReadAllText(_root.At("work/apt-manifest.json")).Should().Be("{}");
        report.MemoryAtEndKib.Should().BePositive();
        report.OpenTook.Should().BePositive();
        (report.Restart, report.Reboot, report.Recorded).Should().Be(("none", "none", null));
    }

    [Theory]
    [InlineData("IsInstalled=900", "IsInstalled", null)]
    [InlineData("Download=0", "IsInstalled IsInstalled Download", 0)]
    [InlineData("Backup=0", "IsInstalled IsInstalled Download IsInstalled Backup", 0)]
    [InlineData("Install=0", "IsInstalled IsInstalled Download IsInstalled Backup Install Restore", 0)]
    [InlineData("Install=-1", "IsInstalled IsInstalled Download IsInstalled Backup Install Restore", -1)]
    [InlineData("Install=603", "IsInstalled IsInstalled Download IsInstalled Backup Install", 603)]
    [InlineData("Apply=0", "IsInstalled IsInstalled Download IsInstalled Backup Install Apply Restore", 0)]
    public void A_result_decides_what_is_called_next(string result, string order, int? outcome)
    {
        var report = With("NULL_HANDLER_RESULT", result).Run(_root);
        report.Order.Should().Be(order);
        (report.Outcome?.Code).Should().Be(outcome);
    }

    [Theory]
    [InlineData("percent", "details with a percent sign")]
    [InlineData("leak", "1 file entities taken from the agent and not given back")]
    [InlineData("signals", "signals changed: SIGTERM")]
    [InlineData("children", "children changed: child 40 cannot be waited for")]
    [InlineData("contract", "the contract written behind the object's table has changed")]
    public void A_handler_that_breaks_a_rule_is_found_out(string fault, string failure)
    {
        var report = With("NULL_HANDLER_FAULT", fault).Run(_root);
        report.Process.ExitStatus.Should().Be(3);
        report.Failures.Should().ContainSingle().Which.Should().StartWith(failure);
    }

    [Fact]
    public void The_agents_functions_can_be_in_the_program_in_an_old_library_or_nowhere()
    {
        (_host with { Steps = AgentHost.GlobalSteps }).Run(_root).Outcome!.Code.Should().Be(700);
        (_host with { Steps = NativePrograms.Steps10 }).Run(_root).Outcome!.Code.Should().Be(700);
        (_host with { Steps = AgentHost.NoSteps }).Run(_root).Outcome.Should().Be(new AgentResult(0, 0x30200001));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void The_host_can_ignore_its_children_or_reap_everybodys(bool ignore, bool reap)
    {
        var report = (_host with { IgnoreChildren = ignore, ReapChildren = reap }).Run(_root);
        report.Process.ExitStatus.Should().Be(0, report.Process.Text);
    }

    [Fact]
    public void Cancelling_reaches_the_handler_as_a_flag_or_as_a_call_from_another_thread()
    {
        var host = _host with { CancelAfter = TimeSpan.FromMilliseconds(15) };
        host.Run(_root, AgentHost.CancelDuringInstall).Outcome!.Code.Should().Be(-1);
        var report = host.Run(_root, AgentHost.ConcurrentCancel);
        report.Call("Cancel").Thread.Should().Be("cancel");
        report.Outcome!.Code.Should().Be(700);
    }

    [Fact]
    public void A_handler_is_called_without_data_and_without_a_workflow()
    {
        var report = _host.Run(_root, AgentHost.NullHandle);
        report.Process.ExitStatus.Should().Be(0, report.Process.Text);
        report.Calls.Should().HaveCount(14);
        report.Calls.Select(call => call.Remark).Should().OnlyContain(remark => remark == "data=null" || remark == "data=no-handle");
    }

    [Fact]
    public void Downloads_fail_as_they_do_in_the_agent()
    {
        (_host with { DownloadResult = (0, 0x00100003) }).Run(_root).Outcome.Should().Be(new AgentResult(0, 0x00100003));
        (_host with { PayloadHash = "bm90IHRoZSBoYXNo" }).Run(_root).Outcome.Should().Be(new AgentResult(0, 0x00100003));

        // The gap: a stale file is deleted, nothing is downloaded, and the answer is success.
        (_host with { StalePayload = "stale" })
            .Run(_root)
            .Outcome!.Code.Should()
            .Be(700);
        File.Exists(_root.At("work/apt-manifest.json")).Should().BeFalse();
    }

    [Fact]
    public void Wishes_for_a_restart_are_reported()
    {
        With("NULL_HANDLER_RESTART", "1").Run(_root).Restart.Should().Be("immediate");
    }

    [Fact]
    public void What_is_no_handler_is_refused()
    {
        (_host with { Handler = NativePrograms.Steps }).Run(_root).Process.ExitStatus.Should().Be(4);
    }

    public void Dispose()
    {
        _root.Dispose();
        _repository.Dispose();
    }

    private AgentHost With(string variable, string value) =>
        _host with
        {
            Environment = new Dictionary<string, string?>(StringComparer.Ordinal) { [variable] = value },
        };
}
