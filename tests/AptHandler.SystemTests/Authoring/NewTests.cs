using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Authoring;

/// <summary>Manifests from the answers to questions.</summary>
public sealed class NewTests : IDisposable
{
    private const string Answers = "tools\n1.0\ntree\n\nvim\n2:9.0\nnano-\n\n";

    private readonly TemporaryFolder _folder = new("new");

    private string Output => Path.Combine(_folder, "new.json");

    [Fact]
    public void Answers_from_a_pipe_make_a_manifest_and_no_question_is_printed()
    {
        var outcome = New(Answers);
        outcome
            .Succeeded("answer")
            .Output.Should()
            .Be(
                """
                {
                  "name": "tools",
                  "version": "1.0",
                  "packages": [
                    { "name": "tree" },
                    { "name": "vim", "version": "2:9.0" },
                    { "name": "nano-" }
                  ]
                }

                """.ReplaceLineEndings("\n")
            );
        outcome.Errors.Should().BeEmpty();
    }

    [Fact]
    public void Answers_that_end_too_early_leave_nothing_behind()
    {
        for (var length = 0; length < Answers.Length - 1; length++)
        {
            var outcome = New(Answers[..length], "--output", Output);
            outcome.ExitStatus.Should().Be(2, Answers[..length]);
            outcome.Errors.Should().ContainEquivalentOf("nothing was written");
        }

        Directory.GetFileSystemEntries(_folder).Should().BeEmpty();
        New(Answers, "--output", Output).Succeeded("answer").Output.Should().BeEmpty();
        File.ReadAllText(Output).Should().Contain("tree");
    }

    [Fact]
    public void A_file_that_is_there_is_never_overwritten_by_a_pipe()
    {
        File.WriteAllText(Output, "precious");
        var outcome = New($"y\n{Answers}", "--output", Output);
        outcome.ExitStatus.Should().Be(2);
        outcome.Errors.Should().Contain(Output);
        File.ReadAllText(Output).Should().Be("precious");
    }

    [Theory]
    [InlineData("n\n", "precious")]
    [InlineData("y\ntools\n1.0\ntree\n\n\n", "tree")]
    public void On_a_terminal_it_is_asked_before_a_file_is_overwritten(string typed, string expected)
    {
        File.WriteAllText(Output, "precious");
        var outcome = OnTerminal(typed);
        outcome.Output.Should().Contain("(y/n)");
        File.ReadAllText(Output).Should().Contain(expected);
    }

    [Fact]
    public void On_a_terminal_every_answer_is_asked_for_and_again_where_it_is_not_valid()
    {
        var outcome = OnTerminal("tools\n1.0\nTree\ntree\nlatest\n\n\n");
        outcome
            .Output.Should()
            .Contain("Name of the manifest: ")
            .And.Contain("Version of the manifest: ")
            .And.Contain("write it in lower case")
            .And.Contain("Version of tree");
        outcome.Output.Split("Package (").Should().HaveCount(4, "asked for it, again, and for the next one");
        File.ReadAllText(Output).Should().Contain("""{ "name": "tree" }""");
    }

    public void Dispose() => _folder.Dispose();

    private static Outcome New(string answers, params string[] options) =>
        Command.Run(SourceTree.DuApt, ["manifest", "new", .. options], stdin: answers);

    private Outcome OnTerminal(string typed) =>
        Command.Run(
            "script",
            ["-qec", $"'{SourceTree.DuApt}' manifest new --output '{Output}'", "/dev/null"],
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["TERM"] = "xterm" },
            typed
        );
}
