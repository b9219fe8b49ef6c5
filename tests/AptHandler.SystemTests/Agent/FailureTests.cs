using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Agent;

/// <summary>
/// What an operator sees when an update cannot be installed: the results that fleets know from the agent's own handler, with a cause.
/// </summary>
public sealed class FailureTests(AgentPackages packages) : AgentTest(packages)
{
    private const string DownloadOrder = "IsInstalled IsInstalled Download";

    [Theory]
    [InlineData("""{ "name": "a", "version": "1", "packages": [ { "name": "no-such-thing" } ] }""", 0x30200100, "no-such-thing")]
    [InlineData(
        """{ "name": "a", "version": "1", "packages": [ { "name": "hello", "version": "9.9" } ] }""",
        0x30200100,
        "hello has no version 9.9"
    )]
    [InlineData("""{ "name": "a", "version": "1", "packages": [ { "name": "hello" """, 0x30000068, "line 1")]
    [InlineData("""{ "name": "a", "version": "1", "packages": [] }""", 0x30000068, "packages")]
    [InlineData("""{ "name": "a", "version": "1", "packages": [ { "version": "1.0" } ] }""", 0x30000068, "name")]
    [InlineData("""{ "version": "1", "packages": [ { "name": "hello" } ] }""", 0x30000068, "name")]
    [InlineData("[]", 0x30000068, "line 1")]
    public void A_manifest_that_cannot_be_followed_fails_the_download_with_its_cause(string manifest, uint extended, string cause)
    {
        var report = Run(Agent(manifest));
        ShouldFail(report, "Download", extended).Should().Contain(cause);
        report.Order.Should().Be(DownloadOrder);
        State().Should().BeEmpty();
    }

    [Fact]
    public void A_failing_maintainer_script_fails_the_installation_and_the_agent_asks_for_the_way_back()
    {
        var report = Run(Agent(Bad));
        ShouldFail(report, "Install", 0x30200200).Should().Contain("bad").And.Contain("exit status 7");
        report.Order.Should().Be("IsInstalled IsInstalled Download IsInstalled Backup Install Restore");
        report.Call("Restore").Result.Code.Should().Be(1100);
        Run(Agent(Bad), AgentHost.IsInstalled).Call("IsInstalled").Result.Code.Should().Be(901);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_step_has_exactly_one_file(int files)
    {
        var one = Root.WriteManifest(Hello1);
        var other = Root.WriteManifest(Hello2, "other.json");
        var report = Run(Agent(Hello1) with { Payloads = files == 0 ? [] : [one, other] });
        ShouldFail(report, "Download", 0x30200004).Should().Contain($"{files} files");
        report.DownloadCalls.Should().Be(0);
    }

    [Fact]
    public void Without_criteria_nothing_is_installed_and_the_operator_learns_what_to_add()
    {
        foreach (var criteria in new[] { null, "" })
        {
            var report = Run(Agent(Hello1) with { Criteria = criteria });
            report.Calls[0].Result.Should().Be(new AgentResult(901, 0));
            ShouldFail(report, "Download", 0x30200007).Should().Contain("installedCriteria");
        }

        State().Should().BeEmpty();
    }

    [Theory]
    [InlineData(0, 0x00100003)]
    [InlineData(0, 0x00900100)]
    [InlineData(-1, 0)]
    public void A_failure_of_the_agents_downloader_is_passed_on_unchanged(int code, uint extended)
    {
        var report = Run(Agent(Hello1) with { DownloadResult = (code, extended) });
        report.Outcome.Should().Be(new AgentResult(code, extended));
        report.Recorded.Should().Be(report.Outcome);
        report.Details.Should().Contain("cannot fetch the apt manifest");
        report.DownloadCalls.Should().Be(1);
        State().Should().BeEmpty();
    }

    [Theory]
    [InlineData(0x00100003, "check that the update was imported with this very file")]
    [InlineData(0x4000000c, "check that the update was imported with this very file")]
    [InlineData(0x40300001, "check that the update was imported with this very file")]
    [InlineData(0x40000007, "import the update again")]
    [InlineData(0x40000001, "reinstall the package of the agent")]
    [InlineData(0x40100001, "deliveryoptimization-agent")]
    [InlineData(0x40300006, "check the network of the device")]
    [InlineData(0xd0000019, "check the network of the device")]
    [InlineData(0x90000003, "a download handler of the update failed")]
    [InlineData(0x0000000c, "read the agent's log")]
    public void The_advice_for_a_failed_download_fits_its_cause(uint extended, string advice)
    {
        var details = ShouldFail(Run(Agent(Hello1) with { DownloadResult = (0, extended) }), "Download", extended);
        details.Should().Contain($"0x{extended:x8}").And.Contain(advice);
        details.Contains("imported", StringComparison.Ordinal).Should().Be(advice.Contains("imported", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, "spoilt", 1)]
    [InlineData("left by somebody", "spoilt", 2)]
    [InlineData("left by somebody", null, 2)]
    public void A_file_that_stays_wrong_fails_the_download(string? stale, string? served, int atLeast)
    {
        // Nothing has this hash: neither what lies there nor what is fetched.
        var report = Run(Agent(Hello1) with { StalePayload = stale, Served = served, PayloadHash = "bm90IHRoZSBoYXNo" });
        ShouldFail(report, "Download", 0x00100003).Should().Contain("0x00100003");
        report.DownloadCalls.Should().BeInRange(atLeast, 2);
        State().Should().BeEmpty();
    }

    [Theory]
    [InlineData("{\n  \"logDir\": \"/tmp\",\n  \"unlistedRemoval\": \"allow\"\n}\n", "line 3")]
    [InlineData("{\n  \"logDir\": 7\n}\n", "line 2")]
    [InlineData("{\n  \"lockTimeoutSeconds\": 10,\n", "line 3")]
    [InlineData("", "line 1")]
    [InlineData("null", "null")]
    [InlineData("{ \"stateDir\": \"here\" }", "stateDir")]
    [InlineData("{ \"aptConfig\": \"/nowhere/100%/apt.conf\" }", "/nowhere/")]
    public void A_wrong_configuration_fails_every_step_and_names_the_place(string text, string place)
    {
        File.WriteAllText(Root.Configuration, text);
        // Its folder for logs cannot be known: they go to the agent's usual one, which here is one of the host's own.
        var report = Run(Agent(Hello1) with { Mounts = "mount -t tmpfs none /var/log" }, AgentHost.MissingFunctions);
        foreach (var call in report.Calls.Where(call => call.Method is not "Cancel"))
            call.Result.Should().Be(new AgentResult(0, 0x30200300), call.Method);
        report.Details.Should().Contain(Root.Configuration).And.Contain(place);
        State().Should().BeEmpty();
        Directory.EnumerateFileSystemEntries(Root.At("var/lib/du-apt-handler")).Should().BeEmpty();
    }

    /// <returns>The details of the failure.</returns>
    private static string ShouldFail(AgentReport report, string method, uint extended)
    {
        report.Call(method).Result.Should().Be(new AgentResult(0, extended), report.Process.Text);
        report.Outcome.Should().Be(new AgentResult(0, extended));
        report.Recorded.Should().Be(report.Outcome, "the agent reports {0, 0} without it");
        (report.Restart, report.Reboot).Should().Be(("none", "none"));
        report.Details.Should().NotBeNullOrEmpty();
        return report.Details!;
    }
}
