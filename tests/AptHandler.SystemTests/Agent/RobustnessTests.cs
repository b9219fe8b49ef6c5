using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Agent;

/// <summary>The library as a guest in the agent's process: nothing of the host's is touched, nothing crashes it, nothing grows.</summary>
public sealed class RobustnessTests(AgentPackages packages) : AgentTest(packages)
{
    // What the product promises for a whole deployment.
    private const int MostMemoryKib = 6144;

    // The runtime keeps /dev/urandom open once it has needed a random number.
    private const int MostDescriptors = 1;

    [Fact]
    public void Calls_without_data_or_without_a_workflow_fail_and_do_no_more()
    {
        var report = Run(Agent(Hello1), AgentHost.NullHandle);
        report.Calls.Should().HaveCount(14);
        report.Calls.Where(call => call.Method is not "Cancel").Should().OnlyContain(call => call.Result == new AgentResult(0, 0x30200001));
        report.Calls.Where(call => call.Method is "Cancel").Should().OnlyContain(call => call.Result == new AgentResult(801, 0));
        State().Should().BeEmpty();
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_host_may_ignore_its_children_or_reap_everybodys(bool ignore, bool reap)
    {
        Run(Agent(Hello1) with { IgnoreChildren = ignore, ReapChildren = reap }).Outcome.Should().Be(new AgentResult(700, 0));
        Root.Installed("hello").Should().Be("1.0");
        Run(Agent(Bad, "2.0") with { IgnoreChildren = ignore, ReapChildren = reap }).Outcome.Should().Be(new AgentResult(0, 0x30200200));
    }

    [Theory]
    [InlineData(AgentHost.LoadOnly)]
    [InlineData(AgentHost.CreateOnly)]
    [InlineData(AgentHost.CreateMany)]
    public void The_library_can_be_closed_whatever_was_called_before(string scenario)
    {
        // The host judges: an object that changes, a crash at dlclose or at exit, signals and children that are no longer its own.
        var report = Run(Agent(Hello1), scenario);
        report.Calls.Should().BeEmpty();
        report.DescriptorsAtEnd.Should().Be(report.DescriptorsBefore);
    }

    [Fact]
    public void A_deployment_stays_within_the_promised_memory_and_leaves_no_descriptor_open()
    {
        var report = Run(Agent(Hello2, "2.0"), AgentHost.DeployAndAsk);
        report.Outcome!.Code.Should().Be(700);
        (report.MemoryAtEndKib - report.MemoryBeforeKib).Should().BeLessThanOrEqualTo(MostMemoryKib);
        (report.DescriptorsAtEnd - report.DescriptorsBefore).Should().BeLessThanOrEqualTo(MostDescriptors);
    }

    [Theory]
    [InlineData("1.0", "900")]
    [InlineData("never deployed", "901")]
    public void Asking_ten_thousand_times_costs_neither_memory_nor_descriptors(string criteria, string answer)
    {
        Run(Agent(Hello1)).Outcome!.Code.Should().Be(700);
        var report = Run(Agent(Hello1, criteria) with { Repeat = 10_000 }, AgentHost.IsInstalledLoop);
        report.LoopAnswers.Should().Be(answer);
        report.LoopDescriptors.Should().Be(0);
        report.LoopMemoryKib.Should().BeLessThan(2048, "10,000 leaks of half a page would be more than ten times that");
        // The logs of the agent's folder are uploaded: a few files of a bounded size.
        Directory.GetFiles(Root.At("var/log/adu")).Sum(file => new FileInfo(file).Length).Should().BeLessThan(8 << 20);
    }

    [Fact]
    public void Asking_starts_no_process()
    {
        Run(Agent(Hello1)).Outcome!.Code.Should().Be(700);
        var trace = Root.At("trace");
        var agent = Agent(Hello1) with { Repeat = 20, HasNoChildren = true };
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["DU_APT_HANDLER_CONFIG"] = Root.Configuration };
        string[] strace = ["-f", "-qq", "-o", trace, "-e", "trace=fork,vfork,clone,clone3,execve", NativePrograms.AgentHost];
        var report = Checked(
            AgentReport.Read(Command.Run("strace", [.. strace, .. agent.Arguments(Root, AgentHost.IsInstalledLoop)], environment))
        );
        report.LoopAnswers.Should().Be("900");

        var processes = File.ReadAllLines(trace)
            .Where(line => !line.Contains("CLONE_THREAD", StringComparison.Ordinal) && !line.Contains("resumed", StringComparison.Ordinal));
        processes.Should().ContainSingle("the host itself").Which.Should().Contain("execve(").And.Contain("agent-host");
    }
}
