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

    [Fact]
    public void Every_command_of_the_chapter_about_repositories_works_where_the_tutorial_ends()
    {
        const string Begun = """
            set -euo pipefail
            export PATH=$PWD/artifacts:$PWD/scripts:$PATH
            cd "$(mktemp -d)"
            export XDG_CACHE_HOME=$PWD/cache
            private-root.sh package repository thermocontrol 1.0.1 'Depends: libthermo (= 1.0.1)' --and libthermo 1.0.1 --and thermocontrol 2.0.0 --and tempreport 1.0.0
            private-root.sh index repository
            private-root.sh create device "copy:$PWD/repository" "$PWD/repository/key.gpg"
            echo '{ "name": "contoso-thermo", "version": "1.0.0", "packages": [ { "name": "libthermo", "version": "1.0.1" }, { "name": "thermocontrol", "version": "1.0.1" } ] }' >thermo-1.0.0.json
            echo '{ "name": "contoso-thermo", "version": "2.0.0", "packages": [ { "name": "thermocontrol", "version": "2.0.0" }, { "name": "tempreport", "version": "1.0.0" }, { "name": "libthermo-" } ] }' >thermo-2.0.0.json
            du-apt() { command du-apt --config "$PWD/device/config.json" "$@"; }

            """;
        var readme = File.ReadAllText(Path.Combine(SourceTree.Root, "README.md"));
        var commands = Blocks()
            .Match(readme[readme.IndexOf("\n## Repositories of snapshots\n", StringComparison.Ordinal)..])
            .Groups["commands"]
            .Value;
        using var folder = new TemporaryFolder("walk");
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["TMPDIR"] = folder };
        var outcome = Command.Run("bash", ["-c", $"cd '{SourceTree.Root}'\n{Begun}{commands}\n"], environment).Succeeded("the walk");
        outcome.Output.Should().Contain("prod: thermo-2 -> thermo-1\nAll is well.\nthermo-2 is gone.\n");
    }

    [GeneratedRegex(
        "```sh\n(?<commands>.*?)\n```\n(\n```text\n(?<output>.*?)```)?",
        RegexOptions.Singleline | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 5000
    )]
    private static partial Regex Blocks();
}
