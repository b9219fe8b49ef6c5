using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Authoring;

/// <summary>du-apt manifest diff of manifests with sources.</summary>
public sealed class DiffTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("diff");

    [Fact]
    public void Another_source_of_the_same_packages_is_shown()
    {
        const string Source = """{ "uris": ["https://one.example/"], "suites": ["./"], "keyring": "/usr/share/keyrings/a.gpg" }""";
        var old = Write("old.json", Source);
        var now = Write("new.json", Source.Replace("one", "two", StringComparison.Ordinal));
        Diff(old, old).Should().Equal("Both manifests ask for the same.");
        Diff(old, now).Should().Equal("source edge uris               https://one.example/ -> https://two.example/  (changed)");
        var gone = Write("gone.json", "null");
        Diff(old, gone).Should().Equal("source edge                    https://one.example/ -> removal  (now to be removed)");
        Diff(gone, Write("none.json", null)).Should().Equal("source edge                    removal -> -  (no longer listed)");

        using var json = Answer.Json(Run(old, now, "--json"));
        var source = json.RootElement.GetProperty("sources").EnumerateArray().Should().ContainSingle().Subject;
        source
            .EnumerateObject()
            .Select(member => $"{member.Name}: {member.Value}")
            .Should()
            .Equal("id: edge", "change: changed", "member: uris", "before: https://one.example/", "after: https://two.example/");
    }

    public void Dispose() => _folder.Dispose();

    private static string[] Diff(string old, string now) => Run(old, now).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static Outcome Run(params string[] words) => Command.Run(SourceTree.DuApt, ["manifest", "diff", .. words]).Succeeded("diff");

    private string Write(string name, string? source)
    {
        var path = Path.Combine(_folder, name);
        var sources = source is null ? "" : $", \"sources\": {{ \"edge\": {source} }}";
        File.WriteAllText(path, $$"""{ "name": "line", "version": "1", "packages": [ { "name": "foo", "version": "1" } ]{{sources}} }""");
        return path;
    }
}
