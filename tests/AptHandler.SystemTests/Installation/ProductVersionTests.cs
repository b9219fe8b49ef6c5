using System.Text.Json.Nodes;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Installation;

/// <summary>What the program says of its own build.</summary>
public sealed class ProductVersionTests
{
    [Fact]
    public void The_version_alone_is_one_line_as_dpkg_orders_it() =>
        Run().Output.Should().MatchRegex(@"\A[0-9]+\.[0-9]+\.[0-9]+(~[a-z0-9.]+)?\n\z");

    [Fact]
    public void With_verbose_it_tells_one_build_from_another_and_programs_get_the_same()
    {
        var json = JsonNode.Parse(Run("--json").Output)!;
        var version = Run().Output.Trim();
        var architecture = Command.Run("dpkg", ["--print-architecture"]).Output.Trim();

        ($"{json["version"]}", $"{json["architecture"]}").Should().Be((version, architecture));
        Command
            .Run("git", ["-C", SourceTree.Root, "merge-base", "--is-ancestor", $"{json["commit"]}", "HEAD"])
            .ExitStatus.Should()
            .Be(0, "it was built here");
        $"{json["runtime"]}".Should().MatchRegex(@"\A\.NET 10\.0\.[0-9]+\z");
        Run("--verbose")
            .Output.Should()
            .Be($"du-apt {version}\ncommit: {json["commit"]}\nruntime: {json["runtime"]}, linked in\narchitecture: {architecture}\n");
    }

    private static Outcome Run(params IEnumerable<string> options) =>
        Command.Run(SourceTree.DuApt, ["--version", .. options]).Succeeded("tell the version");
}
