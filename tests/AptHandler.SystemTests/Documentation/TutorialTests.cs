using System.Text;
using System.Text.RegularExpressions;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Documentation;

/// <summary>The chapters of the README for those who write updates and for those who deploy them, pasted as a newcomer would.</summary>
public sealed partial class TutorialTests
{
    private const string First = "## Writing updates, step by step\n";
    private const string Behind = "\n## Images\n";
    private const string Mark = "@@ end of block";

    [Fact]
    public void Every_command_of_the_tutorial_prints_what_stands_below_it()
    {
        var readme = File.ReadAllText(Path.Combine(SourceTree.Root, "README.md"));
        var begin = readme.IndexOf(First, StringComparison.Ordinal);
        var blocks = Blocks().Matches(readme[begin..readme.IndexOf(Behind, StringComparison.Ordinal)]);
        blocks.Count.Should().BeGreaterThan(10);
        var script = new StringBuilder($"set -euo pipefail\ncd '{SourceTree.Root}'\n");
        foreach (Match block in blocks)
            script.Append(block.Groups["commands"].Value).Append($"\necho '{Mark}'\n");

        using var folder = new TemporaryFolder("tutorial");
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["TMPDIR"] = folder };
        var outcome = Command.Run("bash", ["-c", script.ToString()], environment);

        outcome.ExitStatus.Should().Be(0, outcome.Text);
        outcome.Output.Split($"{Mark}\n")[..^1].Should().Equal(blocks.Select(block => block.Groups["output"].Value));
    }

    [GeneratedRegex("```sh\n(?<commands>.*?)\n```\n(\n```text\n(?<output>.*?)```)?", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Blocks();
}
