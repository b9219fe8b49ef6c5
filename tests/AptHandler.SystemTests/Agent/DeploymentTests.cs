using System.Text.Json;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Agent;

/// <summary>
/// Deployments through the library as the agent loads it, judged by what the agent reports and by what dpkg says of the machine.
/// </summary>
public sealed class DeploymentTests(AgentPackages packages) : AgentTest(packages)
{
    private const string NoHello =
        """{ "name": "greeting", "version": "3.0", "packages": [ { "name": "hello-" }, { "name": "world" } ] }""";

    [Fact]
    public void An_installation_goes_through_all_steps_and_is_known_in_this_process_and_in_the_next()
    {
        var report = Run(Agent(Hello1), AgentHost.DeployAndAsk);
        report.Order.Should().Be(WholeOrder + " IsInstalled");
        report.Codes.Should().Be("901 901 500 901 1000 600 700 900");
        report.Calls.Should().OnlyContain(call => call.Result.Extended == 0);
        report.Outcome.Should().Be(new AgentResult(700, 0));
        report.Recorded.Should().BeNull("the agent takes a success from the call itself");
        (report.Restart, report.Reboot, report.DownloadCalls).Should().Be(("none", "none", 1));
        report.Call("Install").Details.Should().Be("+hello 1.0");
        report.Details.Should().Be("+hello 1.0");
        using (var state = JsonDocument.Parse(Root.DuApt("state", "--json").Output))
            report
                .Fingerprint.Should()
                .NotBeNull()
                .And.Be(state.RootElement.GetProperty("fingerprints").GetProperty("packages").GetString(), "a fleet is compared by it");
        Root.Installed("hello").Should().Be("1.0");

        var restarted = Run(Agent(Hello1), AgentHost.IsInstalled);
        restarted.Call("IsInstalled").Result.Should().Be(new AgentResult(900, 0));
    }

    [Fact]
    public void An_upgrade_a_removal_and_a_return_to_an_older_version_follow_each_other()
    {
        Run(Agent(Hello1)).Outcome!.Code.Should().Be(700);
        Run(Agent(Hello2, "2.0")).Details.Should().Contain("hello 1.0 -> 2.0").And.Contain("+world 1:1.0-1");
        (Root.Installed("hello"), Root.Installed("world")).Should().Be(("2.0", "1:1.0-1"));

        Run(Agent(NoHello, "3.0")).Details.Should().Be("-hello 2.0");
        (Root.Installed("hello"), Root.Installed("world")).Should().Be((null, "1:1.0-1"));

        // A -> B -> A: that it was installed once does not count.
        var back = Run(Agent(Hello1));
        back.Codes.Should().Be("901 901 500 901 1000 600 700");
        Root.Installed("hello").Should().Be("1.0");
    }

    [Fact]
    public void The_same_update_again_is_done_at_once_and_changes_nothing()
    {
        Run(Agent(Hello1)).Outcome!.Code.Should().Be(700);
        var state = State();
        var status = File.GetLastWriteTimeUtc(Root.At("var/lib/dpkg/status"));
        var records = Directory.GetFiles(Root.At("var/lib/du-apt-handler"), "*", SearchOption.AllDirectories);

        var again = Run(Agent(Hello1) with { Id = "update-2" });
        again.Order.Should().Be("IsInstalled");
        again.Codes.Should().Be("900");
        again.DownloadCalls.Should().Be(0);
        State().Should().Be(state);
        File.GetLastWriteTimeUtc(Root.At("var/lib/dpkg/status")).Should().Be(status);
        Directory.GetFiles(Root.At("var/lib/du-apt-handler"), "*", SearchOption.AllDirectories).Should().BeEquivalentTo(records);
    }

    [Fact]
    public void What_is_changed_by_hand_is_no_longer_installed_and_is_put_right()
    {
        Run(Agent(Hello1)).Outcome!.Code.Should().Be(700);
        Root.AptGet("-y", "remove", "hello");
        Run(Agent(Hello1), AgentHost.IsInstalled).Call("IsInstalled").Result.Code.Should().Be(901);
        Run(Agent(Hello1) with { Id = "update-2" }).Outcome!.Code.Should().Be(700);
        Root.Installed("hello").Should().Be("1.0");

        Root.Install("hello=2.0");
        Run(Agent(Hello1), AgentHost.IsInstalled).Call("IsInstalled").Result.Code.Should().Be(901);
    }

    [Fact]
    public void Criteria_alone_make_nothing_installed()
    {
        Run(Agent(Hello1)).Outcome!.Code.Should().Be(700);
        Run(Agent(Hello1, "1.1"), AgentHost.IsInstalled).Call("IsInstalled").Result.Code.Should().Be(901);
    }

    [Theory]
    [InlineData("report", 700, "none")]
    [InlineData("deferred", 706, "requested")]
    [InlineData("immediate", 705, "immediate")]
    public void A_reboot_that_a_package_wants_is_told_or_asked_of_the_agent(string policy, int code, string asked)
    {
        File.WriteAllText(
            Root.Configuration,
            File.ReadAllText(Root.Configuration).Replace("{", $"{{ \"reboot\": \"{policy}\",", StringComparison.Ordinal)
        );
        File.WriteAllText(Root.At("run/reboot-required"), "");
        var report = Run(Agent(Hello1));
        report.Outcome!.Code.Should().Be(code);
        report.Details.Should().StartWith("a reboot is required");
        (report.Restart, report.Reboot).Should().Be(("none", asked));
    }

    [Theory]
    [InlineData("""{ "name": "a", "version": "1", "agentRestartRequired": true, "packages": [ { "name": "hello", "version": "1.0" } ] }""")]
    [InlineData("""{ "name": "a", "version": "1", "packages": [ { "name": "deviceupdate-agent", "version": "1.1.0" } ] }""")]
    [InlineData("""{ "name": "a", "version": "1", "packages": [ { "name": "deviceupdate-agent-extra" } ] }""")]
    public void An_update_that_wants_it_restarts_the_agent_and_does_not_reboot(string manifest)
    {
        var report = Run(Agent(manifest));
        report.Outcome.Should().Be(new AgentResult(707, 0));
        (report.Restart, report.Reboot).Should().Be(("immediate", "none"));
        report.Details.Should().StartWith("the agent restarts");

        Run(Agent(manifest), AgentHost.IsInstalled).Call("IsInstalled").Result.Code.Should().Be(900, "else it would restart for ever");
    }

    [Fact]
    public void A_file_in_the_way_with_a_wrong_hash_is_fetched_again_once()
    {
        var report = Run(Agent(Hello1) with { StalePayload = "left by somebody" });
        report.DownloadCalls.Should().Be(2);
        report.Outcome.Should().Be(new AgentResult(700, 0));
        Root.Installed("hello").Should().Be("1.0");
    }

    [Theory]
    [InlineData("refuse", 0, 0x30200304)]
    [InlineData("allow", 700, 0)]
    [InlineData("", 0, 0x30200304)]
    [InlineData("Allow 100%", 0, 0x30200300)]
    public void The_step_decides_on_removals_that_the_manifest_does_not_list(string setting, int code, uint extended)
    {
        Root.Install("fan", "hello=1.0");
        var report = Run(
            Agent(Hello2) with
            {
                Properties = new Dictionary<string, string>(StringComparer.Ordinal) { ["unlistedRemovals"] = setting },
            }
        );
        report.Outcome.Should().Be(new AgentResult(code, extended));
        (Root.Installed("fan"), Root.Installed("hello")).Should().Be(code == 700 ? (null, "2.0") : ("1.0", "1.0"));
        report.Details.Should().Contain(extended == 0x30200300 ? "write refuse or allow" : "fan");
    }

    [Theory]
    [InlineData("true")]
    [InlineData("7")]
    [InlineData("[\"allow\"]")]
    public void A_setting_of_the_step_that_is_no_text_is_refused_and_not_left_out(string value)
    {
        var report = Run(Agent(Hello1) with { RawProperties = Raw(value) });
        report.Outcome.Should().Be(new AgentResult(0, 0x30200300));
        report.Details.Should().Contain($"handlerProperties.unlistedRemovals is {value}; write refuse or allow");
        Root.Installed("hello").Should().BeNull();
    }

    [Theory]
    [InlineData("null", false)]
    [InlineData("true", true)]
    public void What_no_agent_can_tell_and_what_says_nothing_is_left_out(string value, bool isOldAgent)
    {
        var agent = Agent(Hello1) with { RawProperties = Raw(value), Steps = isOldAgent ? NativePrograms.Steps10 : NativePrograms.Steps };
        Run(agent).Outcome.Should().Be(new AgentResult(700, 0));
    }

    private static Dictionary<string, string> Raw(string value) => new(StringComparer.Ordinal) { ["unlistedRemovals"] = value };
}
