using System.Text;
using AptHandler.CommandLine.Output;
using AptHandler.Manifests;

namespace AptHandler.UnitTests.CommandLine;

public sealed class ProblemLinesTests
{
    [Fact]
    public void A_problem_is_shown_with_its_line_its_place_and_its_remedy() =>
        Text("{ \"name\": \"n\", \"version\": \"1\",\n  \"packages\": [ { \"name\": \"foo\", \"version\": \">= 1.0\" } ] }")
            .Should()
            .Be(
                """
                my.json:2:45: error version-not-exact: The version ">= 1.0" of package "foo" is a range, and only one exact version can be asked for
                 2 |   "packages": [ { "name": "foo", "version": ">= 1.0" } ] }
                   |                                             ^~~~~~~~
                   = write that version, or leave the member out to install the newest version.
                """
            );

    [Theory]
    [InlineData("\t\t\"version\": 1.0", "  \"version\": 1.0", 13)]
    [InlineData("\"x\": \"ééé\", \"version\": 1.0", "\"x\": \"ééé\", \"version\": 1.0", 23)]
    public void The_mark_stands_below_the_place(string line, string shown, int column)
    {
        string[] lines = Text($"{{ \"name\": \"n\", \"packages\": [{{\"name\":\"foo\"}}],\n{line} }}").Split('\n');

        lines[^3].Should().Be($" 2 | {shown} }}");
        lines[^2].Should().Be($"   | {new string(' ', column)}^~~");
    }

    [Fact]
    public void A_byte_order_mark_moves_nothing() =>
        Text("\uFEFF{ \"name\": 1 }")
            .Split('\n')[..3]
            .Should()
            .Equal("my.json:1:1: error missing-member: The manifest has no version", " 1 | { \"name\": 1 }", "   | ^");

    [Fact]
    public void Of_a_long_line_the_part_around_the_place_is_shown()
    {
        string entries = string.Join(", ", Enumerable.Range(10, 90).Select(i => $$"""{ "name": "foo-{{i}}" }"""));
        string[] lines = Text($$"""{ "name": "n", "version": "1", "packages": [ {{entries}}, { "name": "X" } ] }""").Split('\n');

        lines[1].Length.Should().BeLessThan(120);
        lines[1].Should().StartWith(" 1 | …").And.EndWith("{ \"name\": \"X\" } ] }");
        lines[1][lines[2].IndexOf('^', StringComparison.Ordinal)..].Should().StartWith("\"X\"");
    }

    [Fact]
    public void What_a_terminal_would_obey_is_shown_and_not_sent() =>
        Text("{ \"name\": \"\u001b[2J\u202e\", \"version\": 1 }")
            .Should()
            .NotContain("\u001b")
            .And.NotContain("\u202e")
            .And.Contain("^[[2J");

    [Fact]
    public void The_end_of_the_file_is_a_place_too() =>
        Text("{\n")
            .Should()
            .Be(
                "my.json:2:1: error invalid-json: This is not JSON: the file ends before its last bracket is closed\n   = it "
                    + "seems to be cut off."
            );

    [Fact]
    public void Only_a_terminal_sees_colours()
    {
        ManifestReading reading = ManifestReader.Read("{}"u8);

        ProblemLines
            .Text("my.json", "{}"u8.ToArray(), reading.Problems, isColored: true)
            .ToString()
            .Should()
            .Contain("\u001b[31merror\u001b[0m");
        ProblemLines.Text("my.json", "{}"u8.ToArray(), reading.Problems, isColored: false).ToString().Should().NotContain("\u001b");
    }

    private static string Text(string manifest)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(manifest);
        return ProblemLines.Text("my.json", utf8, ManifestReader.Read(utf8).Problems, isColored: false).ToString();
    }
}
