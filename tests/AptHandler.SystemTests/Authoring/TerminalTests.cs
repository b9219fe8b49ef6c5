using System.Globalization;
using System.Text;
using System.Text.Json;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Authoring;

/// <summary>
/// Whatever is in a manifest, in a repository, in the name of a file or among the words of a command: a terminal obeys none of it.
/// </summary>
public sealed class TerminalTests(TerminalTests.Published packages)
    : AuthoringTests<TerminalTests.Published>(packages),
        IClassFixture<TerminalTests.Published>
{
    // A title, a cleared screen, an order that is reversed, a line of its own.
    private const string Hostile = "\u001b]0;owned\u0007\u001b[2J\u202e\u2066\u009b2J\rx";

    public static TheoryData<string> Texts =>
        new(
            """{ "name": "HOSTILE", "version": "1", "packages": [ { "name": "app" } ] }""",
            """{ "name": "x", "version": "HOSTILE:1", "packages": [ { "name": "app" } ] }""",
            """{ "name": "x", "version": "1", "packages": [ { "name": "appHOSTILE", "version": "HOSTILE:1" } ] }""",
            """{ "name": "x", "version": "1", "packages": [ { "name": "app", "version": "HOSTILE:1" } ], "HOSTILE": 1 }""",
            """{ "name": "x", "version": "1", "packages": [ { "name": "app", "version": "1HOSTILE" } ] }""",
            """{ "name": "x", "version": "1", "packages": [ { "name": "app" } ], "sources": { "HOSTILE": { "uris": [ "HOSTILE" ], "suites": [ "HOSTILE" ], "keyring": "HOSTILE" } } }""",
            """{ "updateId": { "provider": "HOSTILE", "name": "HOSTILE", "version": "HOSTILE" }, "manifestVersion": "HOSTILE", "HOSTILE": [ "HOSTILE" ] }""",
            "HOSTILE",
            "{ \"name\": \"x\", HOSTILE"
        );

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_manifest_shows_what_is_in_it(string text)
    {
        foreach (var hostile in new[] { Hostile, JsonEncodedText.Encode(Hostile).ToString() })
        {
            var file = Write("m.json", text.Replace("HOSTILE", hostile, StringComparison.Ordinal));
            var other = Device.Manifest("app");
            foreach (
                string[] words in new string[][]
                {
                    ["plan", file],
                    ["download", file],
                    ["install", file],
                    ["is-installed", file],
                    ["deploy", file],
                    ["manifest", "lint", file, "--plan"],
                    ["manifest", "lint", other, "--previous", file],
                    ["manifest", "diff", file, other],
                    ["manifest", "diff", other, file],
                    ["manifest", "lock", file],
                    ["state", "expected", "--manifest", file],
                    ["package", "pinning", file],
                    ["package", "dependency", file],
                    ["import-manifest", "create", file],
                    ["import-manifest", "verify", file],
                }
            )
            {
                ShouldBeVisible(Root.DuApt(words), words);
                ShouldBeVisible(Root.DuApt([.. words, "--json"]), words);
            }
        }
    }

    [Fact]
    public void Words_and_names_of_files_are_shown()
    {
        foreach (
            string[] words in new string[][]
            {
                [Hostile],
                ["plan", Hostile],
                ["deploy", Hostile, Hostile],
                ["plan", "--config", Hostile, Hostile],
                [$"--{Hostile}"],
                ["manifest", Hostile],
                ["history", "--show", Hostile],
                ["restore", Hostile],
                ["version", "compare", Hostile, "lt", Hostile],
                ["version", "compare", "1", Hostile, "2"],
                ["plan", "--installed-criteria", Hostile, Device.Manifest("app")],
                ["plan", "--unlisted-removals", Hostile, Device.Manifest("app")],
                ["manifest", "lint", Hostile, "--sources", $"{Hostile}.list"],
                ["manifest", "lint", Device.Manifest("app"), "--status", Hostile, "--architecture", Hostile],
                ["manifest", "capture", "--name", Hostile, "--version", Hostile],
                ["manifest", "lock", Device.Manifest("app"), "--output", $"/{Hostile}/{Hostile}"],
                ["import-manifest", "create", Hostile, "--output", Hostile],
                ["repository", "list", "--store", Hostile],
                ["repository", "init", $"/proc/{Hostile}"],
                ["deploy", "--root", Hostile, Device.Manifest("app")],
            }
        )
        {
            ShouldBeVisible(Root.DuApt(words), words);
            ShouldBeVisible(Root.DuApt([.. words, "--json"]), words);
        }

        var file = Path.Combine(Root.At("."), $"{Hostile}.json");
        File.WriteAllText(file, """{ "name": "x", "version": "1", "packages": [ { "name": "nowhere" }, { "name": "A" } ] }""");
        ShouldBeVisible(Root.DuApt("manifest", "lint", file), ["lint"]);
        ShouldBeVisible(Root.DuApt("plan", file), ["plan"]);
    }

    [Fact]
    public void Records_and_the_status_of_dpkg_are_shown()
    {
        Root.DuApt("deploy", Device.Manifest("app"));
        var record = Directory.GetFiles(Root.At("."), "update.json", SearchOption.AllDirectories).Should().ContainSingle().Which;
        File.WriteAllText(
            record,
            File.ReadAllText(record)
                .Replace("\"app\"", $"\"app{JsonEncodedText.Encode(Hostile)}\"", StringComparison.Ordinal)
                .Replace("test-1.0", $"test-1.0{JsonEncodedText.Encode(Hostile)}", StringComparison.Ordinal)
        );
        Root.DuApt("history").Output.Should().Contain("^[]0;owned^G", "else nothing is tested here");
        foreach (
            string[] words in new string[][] { ["history"], ["history", "--show", "1"], ["status"], ["drift"], ["state"], ["restore"] }
        )
        {
            ShouldBeVisible(Root.DuApt(words), words);
            ShouldBeVisible(Root.DuApt([.. words, "--json"]), words);
        }
    }

    [Fact]
    public void What_a_repository_says_of_its_packages_is_shown()
    {
        var folder = Directory.CreateDirectory(Root.At("hostile")).FullName;
        var paragraph =
            $"Package: app\nVersion: 1{Hostile}\nArchitecture: all\nDepends: lib{Hostile} (= 1{Hostile})\nFilename: {Hostile}.deb\nSize: "
            + $"1\nSHA256: {new string('0', 64)}\n";
        File.WriteAllText(Path.Combine(folder, "Packages"), paragraph.Replace("\r", "", StringComparison.Ordinal));
        var sources = Write("hostile.list", $"deb [trusted=yes] copy:{folder} ./\n");
        foreach (
            string[] words in new string[][]
            {
                ["manifest", "lint", Device.Manifest("app"), "--empty", "--sources", sources],
                ["manifest", "lock", Device.Manifest("app"), "--empty", "--sources", sources],
                ["manifest", "lock", Device.Manifest("app=2"), "--empty", "--sources", sources],
            }
        )
        {
            ShouldBeVisible(Root.DuApt(words), words);
            ShouldBeVisible(Root.DuApt([.. words, "--json"]), words);
        }
    }

    private static void ShouldBeVisible(Outcome outcome, string[] words)
    {
        foreach (var rune in outcome.Text.EnumerateRunes().Where(rune => rune.Value is not ('\n' or '\t')))
        {
            Rune.GetUnicodeCategory(rune)
                .Should()
                .NotBe(UnicodeCategory.Control, $"{string.Join(' ', words)}: {outcome.Text}")
                .And.NotBe(UnicodeCategory.Format, $"{string.Join(' ', words)}: {outcome.Text}");
        }
    }

    /// <summary>One package.</summary>
    public sealed class Published() : PublishedPackages(repository => repository.Package("app", "1"));
}
