using System.Text;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Agent;

/// <summary>
/// Names, criteria, texts and files that somebody chose with care: refused or harmless, and never in the way of the operator's one line.
/// </summary>
public sealed class HostileInputTests(AgentPackages packages) : AgentTest(packages)
{
    private const string Secret = "{ \"password\": \"correct horse\" }";

    [Theory]
    [InlineData("../manifest.json")]
    [InlineData("sub/manifest.json")]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    public void A_payload_with_a_path_for_a_name_is_refused_before_it_is_fetched(string name)
    {
        var report = Run(Agent(Hello1) with { TargetName = name });
        report.Outcome.Should().Be(new AgentResult(0, 0x30200005));
        report.Details.Should().Contain("no plain file name");
        report.DownloadCalls.Should().Be(0);
        State().Should().BeEmpty();
    }

    [Theory]
    [InlineData("%s%n%x.json")]
    [InlineData(" a 'b' \"c\" \\ $(touch x) `y` ; z\n.json")]
    [InlineData("-rf")]
    [InlineData("ünïcödé ☃ 😀.json")]
    public void Any_other_name_is_a_name(string name)
    {
        Run(Agent(Hello1) with { TargetName = name }).Outcome.Should().Be(new AgentResult(700, 0));
    }

    [Fact]
    public void A_link_in_place_of_the_payload_is_not_followed_although_its_content_is_right()
    {
        var elsewhere = Root.WriteManifest(Hello1, "elsewhere.json");
        var report = Run(Agent(Hello1) with { StaleLink = elsewhere });
        report.Outcome.Should().Be(new AgentResult(0, 0x30200311));
        report.Details.Should().Contain("symbolic link");
        State().Should().BeEmpty();
    }

    [Theory]
    [InlineData("secret")]
    [InlineData("/dev/zero")]
    [InlineData("/proc/self/mem")]
    public void A_link_that_takes_the_place_of_the_payload_later_is_not_followed_and_shows_nothing(string target)
    {
        File.WriteAllText(Root.At("secret"), Secret);
        var report = Run(Agent(Hello1) with { SwappedLink = target == "secret" ? Root.At("secret") : target });
        report.Outcome.Should().Be(new AgentResult(0, 0x30200311));
        report.Order.Should().Be("IsInstalled IsInstalled Download IsInstalled Backup");
        report.Process.Text.Should().NotContain("correct horse");
        State().Should().BeEmpty();
    }

    [Theory]
    [InlineData("%s%n%x%1000d")]
    [InlineData("it's \"1.0\" \\ $(reboot) `reboot`; reboot & ")]
    [InlineData("../../etc/passwd")]
    [InlineData("ünïcödé ☃ 😀 \u202e0.1")]
    public void Criteria_of_any_text_are_recorded_and_recognized(string criteria)
    {
        var report = Run(Agent(Hello1, criteria), AgentHost.DeployAndAsk);
        report.Codes.Should().Be("901 901 500 901 1000 600 700 900");
        Run(Agent(Hello1, criteria), AgentHost.IsInstalled).Call("IsInstalled").Result.Code.Should().Be(900);
        Run(Agent(Hello1, criteria + "x"), AgentHost.IsInstalled).Call("IsInstalled").Result.Code.Should().Be(901);
    }

    [Theory]
    [InlineData("two\nlines")]
    [InlineData("\u001b[2Jwiped")]
    [InlineData("\u007f")]
    public void Criteria_with_control_characters_are_refused(string criteria) => ShouldRefuse(criteria);

    [Theory]
    [InlineData('x', 1025)]
    [InlineData('%', 10_000)]
    [InlineData('x', 100_000)]
    [InlineData('\u0001', 30_000)]
    public void Criteria_that_are_too_long_are_refused_and_the_cause_is_not_lost_behind_them(char letter, int length) =>
        ShouldRefuse(new string(letter, length));

    [Fact]
    public void Criteria_that_are_no_text_do_no_harm()
    {
        var report = Run(Agent(Hello1) with { Criteria = null, CriteriaBytes = [0xff, 0xfe, (byte)'%', 0xc3, 0x28, 0xed, 0xa0, 0x80] });
        report.Calls[0].Result.Code.Should().Be(901);
        report.Outcome!.Code.Should().Be(700);
        Root.Installed("hello").Should().Be("1.0");
    }

    [Theory]
    [InlineData("""{ "name": "100%s%n", "version": "1%d", "packages": [ { "name": "%s%n", "version": "%x" } ] }""")]
    [InlineData("""{ "%n%n": 1, "name": "a", "version": "1", "packages": [ { "name": "hello", "version": "1.0%s" } ] }""")]
    [InlineData("""{ "name": "a", "version": "1", "packages": [ { "name": "hello", "version": "1.0" } ] } %s""")]
    public void A_manifest_full_of_formats_fails_without_one(string manifest)
    {
        var report = Run(Agent(manifest));
        report.Outcome.Should().Be(new AgentResult(0, 0x30000068));
        report.Details.Should().NotBeNullOrEmpty();
    }

    [Fact]
    public void A_manifest_with_very_many_problems_fails_in_one_short_line()
    {
        var entries = string.Join(
            ", ",
            Enumerable.Range(0, 500).Select(i => $$"""{ "name": "NOT VALID %{{i}}", "version": "also not % {{new string('x', 200)}}" }""")
        );
        var report = Run(Agent($$"""{ "name": "a", "version": "1", "packages": [ {{entries}} ] }"""));
        report.Outcome.Should().Be(new AgentResult(0, 0x30000068));
        Encoding.UTF8.GetByteCount(report.Details!).Should().BeInRange(50, 1000);
    }

    [Fact]
    public void What_a_maintainer_script_prints_cannot_spoil_the_details()
    {
        using var repository = new Repository();
        repository
            .Package(
                "loud",
                "1:1.0",
                postinst: "i=0; while [ $i -lt 300 ]; do printf 'dpkg: error processing package %%s%%n \\033[2J \\377 ünï 100%%\\n' >&2; "
                    + "i=$((i+1)); done; exit 1"
            )
            .Index();
        Root.AddSource("loud", repository);
        var report = Run(Agent("""{ "name": "a", "version": "1", "packages": [ { "name": "loud", "version": "1:1.0" } ] }"""));
        report.Outcome.Should().Be(new AgentResult(0, 0x30200200));
        report.Details.Should().NotBeNullOrEmpty();
    }

    private void ShouldRefuse(string criteria)
    {
        var report = Run(Agent(Hello1, criteria));
        report.Calls[0].Result.Code.Should().Be(901);
        report.Outcome.Should().Be(new AgentResult(0, 0x30200007));
        report.Details.Should().Contain("control characters");
        State().Should().BeEmpty();
    }
}
