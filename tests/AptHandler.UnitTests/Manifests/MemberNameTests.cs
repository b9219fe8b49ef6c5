using AptHandler.Manifests;
using static AptHandler.UnitTests.Manifests.ManifestText;

namespace AptHandler.UnitTests.Manifests;

public class MemberNameTests
{
    [Theory]
    [InlineData("Packages", "packages")]
    [InlineData("pakages", "packages")]
    [InlineData("package", "packages")]
    [InlineData("versions", "version")]
    [InlineData("Name", "name")]
    [InlineData("AgentRestartRequired", "agentRestartRequired")]
    [InlineData("agent_restart_required", "agentRestartRequired")]
    [InlineData("agentRestartRequierd", "agentRestartRequired")]
    [InlineData("comment", null)]
    [InlineData("installedCriteria", null)]
    [InlineData("", null)]
    public void An_unknown_member_is_a_warning_that_suggests_the_nearest_known_one(string unknown, string? nearest)
    {
        ManifestReading reading = Read($$"""{"{{unknown}}":[{"deep":1}],"name":"n","version":"1","packages":[{"name":"foo"}]}""");

        ManifestProblem problem = reading.Problems.Should().ContainSingle().Subject;
        problem.Severity.Should().Be(ProblemSeverity.Warning);
        problem.Code.Should().Be("unknown-member");
        (problem.Line, problem.Column).Should().Be((1, 2));
        if (nearest is null)
            problem.Message.Should().NotContain("did you mean");
        else
            problem.Message.Should().EndWith($"did you mean \"{nearest}\"?");
        reading.Wishes().Should().Equal("foo");
    }

    [Theory]
    [InlineData("x-note", "$[\"x-note\"]")]
    [InlineData("x\\u001b", "$[\"x\\u001b\"]")]
    [InlineData("note_1", "$.note_1")]
    public void A_path_quotes_names_that_are_no_words(string name, string path) =>
        Read($$"""{"{{name}}":0,"name":"n","version":"1","packages":[{"name":"foo"}]}""").Problems.Single().Path.Should().Be(path);

    [Theory]
    [InlineData("""{"name":"n","name":"m","version":"1","packages":[{"name":"foo"}]}""", "duplicate-member $.name 1:13")]
    [InlineData(
        """{"name":"n","version":"1","packages":[{"name":"foo"}],"packages":[{"name":"Bad"}]}""",
        "duplicate-member $.packages 1:55"
    )]
    [InlineData("""{"name":"n","version":"1","packages":[{"name":"foo"}],"\u006eame":[[]]}""", "duplicate-member $.name 1:55")]
    [InlineData(
        """{"name":"n","version":"1","x":1,"packages":[{"name":"foo"}],"x":2}""",
        "unknown-member $.x 1:27",
        "duplicate-member $.x 1:61"
    )]
    public void A_member_that_stands_twice_is_an_error_and_the_second_one_is_not_read(string text, params string[] findings) =>
        Read(text).Findings().Should().Equal(findings);

    [Fact]
    public void The_reference_to_a_schema_is_known() =>
        Read("""{"$schema":"a.json","name":"n","version":"1","packages":[{"name":"foo"}]}""").Problems.Should().BeEmpty();

    [Fact]
    public void What_an_unknown_member_holds_is_not_looked_at() =>
        Read("""{"x":{"name":"Bad","name":[{"a":"\ud800"}]},"name":"n","version":"1","packages":[{"name":"foo"}]}""")
            .Findings()
            .Should()
            .Equal("unknown-member $.x 1:2");
}
