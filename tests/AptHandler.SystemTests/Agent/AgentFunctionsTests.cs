using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Agent;

/// <summary>Where the library finds the agent's functions, and what becomes of an update when it does not.</summary>
public sealed class AgentFunctionsTests(AgentPackages packages) : AgentTest(packages)
{
    private const string Extensions = "/var/lib/adu/extensions/update_content_handlers/microsoft_steps_1";

    public static TheoryData<string> Places => [NativePrograms.Steps, NativePrograms.Steps10, AgentHost.GlobalSteps];

    [Theory]
    [MemberData(nameof(Places))]
    public void They_are_found_in_a_library_of_any_agent_or_among_the_global_symbols(string steps)
    {
        Run(Agent(Hello1) with { Steps = steps }).Outcome.Should().Be(new AgentResult(700, 0));
        Root.Installed("hello").Should().Be("1.0");
    }

    [Fact]
    public void Without_them_every_step_fails_and_the_log_says_why()
    {
        var report = Run(
            Agent(Hello1) with
            {
                Steps = AgentHost.NoSteps,
                Mounts = "mount -t tmpfs none /var/lib",
            },
            AgentHost.MissingFunctions
        );
        ShouldBeUnavailable(report, "cannot find the functions of the Device Update agent");
    }

    [Fact]
    public void An_agent_that_lacks_one_of_them_is_told_which()
    {
        var report = Run(Agent(Hello1) with { Steps = NativePrograms.StepsPartial }, AgentHost.MissingFunctions);
        ShouldBeUnavailable(report, "workflow_peek_id");
    }

    [Fact]
    public void They_are_loaded_from_the_steps_handler_that_is_registered()
    {
        // Opened by the library and not by the host, so its own copy of the functions is asked about a workflow that the host made.
        var report = Run(
            Agent(Hello1) with
            {
                Steps = AgentHost.NoSteps,
                Mounts = Registered($$"""{ "fileName": "{{NativePrograms.Steps}}" }"""),
            }
        );
        report.Outcome.Should().Be(new AgentResult(700, 0));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{ "fileName": 7 }""")]
    [InlineData("""{ "fileName": "/no/such/library.so" }""")]
    [InlineData("""{ "fileName": "/bin/sh" }""")]
    public void A_registration_that_leads_nowhere_is_a_failure_and_no_crash(string registration)
    {
        var report = Run(Agent(Hello1) with { Steps = AgentHost.NoSteps, Mounts = Registered(registration) }, AgentHost.MissingFunctions);
        ShouldBeUnavailable(report, "cannot find the functions of the Device Update agent");
    }

    private static string Registered(string registration) =>
        $"mount -t tmpfs none /var/lib; mkdir -p {Extensions}; printf '%s' '{registration}' >{Extensions}/content_handler.json";

    private void ShouldBeUnavailable(AgentReport report, string reason)
    {
        foreach (var call in report.Calls.Where(call => call.Method is not "Cancel"))
            call.Result.Should().Be(new AgentResult(0, 0x30200001), call.Method);
        report.Call("Cancel").Result.Code.Should().Be(801);
        var log = string.Concat(Directory.GetFiles(Root.At("var/log/adu")).Select(File.ReadAllText));
        log.Should().Contain(reason);
        State().Should().BeEmpty();
    }
}
