using System.Text.Json;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Authoring;

/// <summary>du-apt manifest lint, with plans by real apt.</summary>
public sealed class LintTests : DeviceTests<LintTests.Published>
{
    private const string FormOnly =
        "No problems found.\nChecked: the form. Not checked: packages and versions (--plan), earlier manifests (--previous).\n";

    public LintTests(Published packages)
        : base(packages) => Root.AptGet("update");

    [Fact]
    public void A_file_that_cannot_be_read_costs_no_finding_in_another()
    {
        var (first, last) = (
            Root.WriteManifest("""{ "name": "x" }""", "first.json"),
            Root.WriteManifest("""{ "name": "y" }""", "last.json")
        );
        var half = Root.WriteManifest("""{ "name": "x", "version": "1", "packages": [ { "name": "app" } ], "\ud800": 1 }""", "half.json");
        var outcome = Root.DuApt("manifest", "lint", first, Root.At("nowhere.json"), Root.At("."), half, last);
        outcome.ExitStatus.Should().Be(2, outcome.Text);
        outcome
            .Output.Should()
            .Contain($"{first}:1:1: error missing-member")
            .And.Contain($"{last}:1:1: error missing-member")
            .And.Contain($"{Root.At("nowhere.json")}:1:1: error not-checked: The file cannot be read: ")
            .And.Contain($"{Root.At(".")}:1:1: error not-checked")
            .And.Contain($"{half}:1:");
        using var json = JsonDocument.Parse(Root.DuApt("manifest", "lint", "--json", first, Root.At("nowhere.json"), last).Output);
        json.RootElement.GetProperty("findings")
            .EnumerateArray()
            .Select(each => each.GetProperty("file").GetString())
            .Distinct(StringComparer.Ordinal)
            .Should()
            .Equal(first, Root.At("nowhere.json"), last);
    }

    [Fact]
    public void What_the_sources_do_not_have_is_an_error_for_each_package()
    {
        var state = Device.State;
        Lint(1, Device.Manifest("app=1.0", "lib=7", "nosuch=1"), "--plan")
            .Should()
            .Equal(
                "error unknown-version $.packages[1]: write one that there is: 2.0, 1.0.",
                "error unknown-package $.packages[2]: correct its name, or add the source that has it."
            );
        Device.State.Should().Be(state, "lint changes nothing");
    }

    [Fact]
    public void A_removal_that_is_misspelt_is_a_warning_with_the_nearest_name_unless_an_earlier_manifest_has_it()
    {
        var manifest = Device.NamedManifest("line", "2.0", "app=2.0", "lib=2.0", "other=1.0", "spelledd-");
        const string Misspelt = "warning unknown-removal $.packages[3]: similar names: spelled.";
        Lint(0, manifest, "--plan").Should().Equal(Misspelt);
        Lint(1, manifest, "--plan", "--strict").Should().Equal(Misspelt);
        Lint(0, manifest, "--plan", "--previous", Device.NamedManifest("line", "1.0", "app=1.0", "lib=1.0", "other=1.0", "spelledd=3"))
            .Should()
            .BeEmpty();
        Lint(0, Device.Manifest("nothing-like-it-"), "--plan").Should().Equal("warning unknown-removal $.packages[0]: correct its name.");
        Lint(0, manifest).Should().BeEmpty("nothing was looked up");
    }

    [Fact]
    public void It_is_said_what_was_checked_and_what_was_not()
    {
        var old = Device.NamedManifest("line", "1.0", "other=1.0");
        var manifest = Device.NamedManifest("line", "2.0", "other=1.0");
        Extent(manifest).Should().Be("Checked: the form. Not checked: packages and versions (--plan), earlier manifests (--previous).");
        Extent(manifest, "--plan").Should().Be("Checked: the form, packages and versions. Not checked: earlier manifests (--previous).");
        Extent(manifest, "--previous", old)
            .Should()
            .Be("Checked: the form, earlier manifests. Not checked: packages and versions (--plan).");
        Extent(manifest, "--empty", "--previous", old).Should().Be("Checked: the form, packages and versions, earlier manifests.");
        Extent(manifest, "--previous", manifest)
            .Should()
            .EndWith("earlier manifests (--previous).", "a manifest is none of those before it");

        using var json = Answer.Json(Root.DuApt("manifest", "lint", manifest, "--plan", "--json"));
        json.RootElement.GetProperty("isPlanned").GetBoolean().Should().BeTrue();
        json.RootElement.GetProperty("isCompared").GetBoolean().Should().BeFalse();

        string Extent(params string[] words)
        {
            var outcome = Root.DuApt(["manifest", "lint", .. words]).Succeeded("lint");
            outcome.Output.Should().StartWith("No problems found.\n");
            return outcome.Output.TrimEnd('\n').Split('\n')[^1];
        }
    }

    [Fact]
    public void Pins_that_strict_dependencies_force_are_named_and_added()
    {
        var manifest = Device.Manifest("app=1.0");
        Lint(0, manifest, "--empty")
            .Should()
            .Equal(
                "note also-installed $.packages: du-apt manifest lock pins it.",
                """warning forced-pin $.packages[0]: add { "name": "lib", "version": "1.0" }."""
            );

        Lint(0, manifest, "--empty", "--fix").Should().Equal("note also-installed $.packages: du-apt manifest lock pins it.");
        Device.Deployed("other").Packages.Should().NotBeEmpty();
        Device.Run("deploy", manifest).ExitStatus.Should().Be(0);
        (Root.Installed("app"), Root.Installed("lib")).Should().Be(("1.0", "1.0"));
    }

    [Fact]
    public void What_else_comes_or_goes_on_this_device_is_told()
    {
        Root.Install("oldone");
        Lint(0, Device.Manifest("app=2.0", "lib=2.0"), "--plan")
            .Should()
            .Equal(
                "note also-installed $.packages: du-apt manifest lock pins it.",
                "note also-removed $.packages: list it with a trailing minus sign to say that this is wanted."
            );
        Lint(0, Device.Manifest("app=2.0", "lib=2.0", "other=1.0", "oldone-"), "--plan").Should().BeEmpty();
    }

    [Fact]
    public void What_the_handler_would_refuse_is_an_error_in_its_own_words()
    {
        var finding = Lint(1, Device.Manifest("app=1.0", "lib=2.0"), "--plan").Should().ContainSingle().Subject;
        finding.Should().StartWith("error no-plan $.packages");
        Root.DuApt("manifest", "lint", "--plan", Device.Manifest("app=1.0", "lib=2.0"))
            .Output.Should()
            .Contain("app : Depends: lib (= 1.0)");
    }

    [Fact]
    public void A_version_that_the_sources_spell_differently_is_found_and_can_be_mended()
    {
        var manifest = Device.Manifest("spelled=1.0");
        Lint(0, manifest, "--plan").Should().Equal("note other-spelling $.packages[0]: write it so for handlers that compare texts.");
        Lint(0, manifest, "--plan", "--fix").Should().BeEmpty();
        File.ReadAllText(manifest).Should().Contain("\"1.0-0\"");
    }

    [Fact]
    public void The_sources_of_another_place_can_be_asked()
    {
        using var other = new Repository();
        other.Package("app", "3.0").Index();
        var sources = Root.At("other.list");
        File.WriteAllText(sources, $"deb [signed-by={other.Keyring}] {other.CopyUri} stable main\n");

        Lint(0, Device.Manifest("app=3.0"), "--sources", sources, "--empty").Should().BeEmpty();
        Lint(1, Device.Manifest("app=3.0"), "--plan").Should().ContainSingle().Which.Should().StartWith("error unknown-version");
    }

    [Fact]
    public void The_exit_status_tells_errors_from_warnings_and_from_what_cannot_be_read()
    {
        var old = Device.NamedManifest("line", "1.0", "foo=1.0");
        var missing = Device.NamedManifest("line", "2.0", "bar=1.0");
        var broken = Root.WriteManifest("{", "broken.json");

        Root.DuApt("manifest", "lint", old).Should().Match<Outcome>(outcome => outcome.ExitStatus == 0 && outcome.Output == FormOnly);
        Root.DuApt("manifest", "lint", missing, "--previous", old).ExitStatus.Should().Be(0);
        Root.DuApt("manifest", "lint", missing, "--previous", old, "--strict").ExitStatus.Should().Be(1);
        Root.DuApt("manifest", "lint", broken).ExitStatus.Should().Be(1);
        Root.DuApt("manifest", "lint", Root.At("nothing.json")).ExitStatus.Should().Be(2);
        Root.DuApt("manifest", "lint", old, "--previous", broken)
            .Should()
            .Match<Outcome>(outcome => outcome.ExitStatus == 2 && outcome.Errors.Contains("broken.json"));
        Root.DuApt("manifest", "lint", old, "--json", "--sarif").ExitStatus.Should().Be(2);
    }

    [Fact]
    public void The_log_for_code_review_is_of_the_published_type()
    {
        var manifest = Root.WriteManifest(
            """{ "name": "n", "version": 1, "packages": [ { "name": "foo" }, { "name": "foo" } ] }""",
            "a manifest.json"
        );
        var log = Root.DuApt("manifest", "lint", "--sarif", manifest);
        log.ExitStatus.Should().Be(1);

        TypeCheck(log.Output).ExitStatus.Should().Be(0);
        TypeCheck(log.Output.Replace("\"error\"", "\"grave\"", StringComparison.Ordinal)).Output.Should().Contain("not assignable");
        using var json = Answer.Json(log);
        var run = json.RootElement.GetProperty("runs")[0];
        var results = run.GetProperty("results").EnumerateArray().ToArray();
        results
            .Select(each => $"{each.GetProperty("level").GetString()} {each.GetProperty("ruleId").GetString()}")
            .Should()
            .Equal("error wrong-type", "warning repeated-package");
        foreach (var result in results)
        {
            run.GetProperty("tool")
                .GetProperty("driver")
                .GetProperty("rules")[result.GetProperty("ruleIndex").GetInt32()]
                .GetProperty("id")
                .GetString()
                .Should()
                .Be(result.GetProperty("ruleId").GetString());
            result
                .GetProperty("locations")[0]
                .GetProperty("physicalLocation")
                .GetProperty("artifactLocation")
                .GetProperty("uri")
                .GetString()
                .Should()
                .Be(new Uri(manifest).AbsoluteUri);
        }
    }

    [Fact]
    public void Standard_input_is_a_manifest_too_but_none_that_can_be_mended()
    {
        var text = File.ReadAllText(Device.Manifest("foo=1.0"));
        Command.Run(SourceTree.DuApt, ["manifest", "lint", "-"], stdin: text).Output.Should().Be(FormOnly);
        Command
            .Run(SourceTree.DuApt, ["manifest", "lint", "-"], stdin: new string(' ', 2 << 20))
            .Output.Should()
            .StartWith("-:1:1: error too-large");
        Command.Run(SourceTree.DuApt, ["manifest", "lint", "--fix", "-"], stdin: text).ExitStatus.Should().Be(2);
    }

    [Fact]
    public void Sources_that_have_nothing_are_named_and_not_the_manifest()
    {
        var sources = Root.At("wrong.list");
        File.WriteAllText(sources, $"deb [signed-by={Packages.Repository.Keyring}] {Packages.Repository.CopyUri} stable nosuchcomponent\n");

        var outcome = Root.DuApt("manifest", "lint", Device.Manifest("app=1.0"), "--sources", sources);
        (outcome.ExitStatus, outcome.Errors)
            .Should()
            .Be((2, $"du-apt: the sources of {sources} have no packages for amd64; check its suites and components\n"));
    }

    [Fact]
    public void The_pins_of_this_machine_do_not_count_for_the_sources_of_another_place()
    {
        Directory.CreateDirectory(Root.At("etc/apt/preferences.d"));
        File.WriteAllText(Root.At("etc/apt/preferences.d/pin"), "Package: lib\nPin: version 1.0\nPin-Priority: 1001\n");
        var sources = Root.At("same.list");
        File.WriteAllText(sources, $"deb [signed-by={Packages.Repository.Keyring}] {Packages.Repository.CopyUri} stable main\n");
        var manifest = Device.Manifest("lib");

        Root.DuApt("manifest", "lock", manifest, "--empty").Output.Should().Contain("\"1.0\" }");
        Root.DuApt("manifest", "lock", manifest, "--empty", "--sources", sources).Output.Should().Contain("\"2.0\" }");
    }

    [Fact]
    public void Files_that_cannot_be_read_are_told_before_any_other_is_mended()
    {
        var manifest = Root.WriteManifest("""{ "name": "n", "version": 1, "packages": [ { "name": "foo-" } ] }""", "first.json");
        Root.DuApt("manifest", "lint", "--fix", manifest, Root.At("nothing.json")).ExitStatus.Should().Be(2);
        File.ReadAllText(manifest).Should().Contain("\"version\": 1,");
        Root.DuApt("manifest", "lint", "--previous", Device.Manifest("foo=1.0")).Errors.Should().Contain("name it before that");
    }

    [Fact]
    public void All_manifests_of_a_folder_can_be_the_earlier_ones()
    {
        var old = Device.NamedManifest("line", "1.0", "foo=1.0");
        var now = Device.NamedManifest("line", "2.0", "bar=1.0");
        Lint(0, now, "--previous", old, now).Should().ContainSingle().Which.Should().StartWith("warning not-cumulative");
    }

    [Fact]
    public void What_is_mended_keeps_the_file_s_mode_and_the_link_to_it()
    {
        var manifest = Root.WriteManifest("""{ "name": "n", "version": 1, "packages": [ { "name": "foo-" } ] }""", "real.json");
        File.SetUnixFileMode(manifest, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var link = Root.At("link.json");
        File.CreateSymbolicLink(link, manifest);

        var outcome = Root.DuApt("manifest", "lint", "--fix", link);

        outcome
            .Output.Should()
            .Be($"{link}: mended wrong-type: The version of the manifest must be a string, but this is a number\n{FormOnly}");
        new FileInfo(link).LinkTarget.Should().Be(manifest);
        File.GetUnixFileMode(manifest).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.ReadAllText(manifest).Should().Contain("\"version\": \"1\"");
    }

    // The types of SARIF 2.1.0 are published for TypeScript, whose compiler takes a literal with a wrong word or an unknown member for an
    // error.
    private Outcome TypeCheck(string log)
    {
        var folder = Path.Combine(SourceTree.Root, "tests", "schema-validator", "node_modules");
        var program = Root.At("log.ts");
        File.WriteAllText(program, $"export const log: import(\"sarif\").Log & {{ $schema: string }} = {log};");
        return Command.Run(
            Path.Combine(folder, ".bin", "tsc"),
            ["--noEmit", "--strict", "--typeRoots", Path.Combine(folder, "@types"), "--types", "sarif", program]
        );
    }

    // The findings as "severity code path: remedy".
    private List<string> Lint(int exitStatus, string manifest, params string[] options)
    {
        var outcome = Root.DuApt(["manifest", "lint", manifest, .. options, "--json"]);
        outcome.ExitStatus.Should().Be(exitStatus, outcome.Text);
        using var json = Answer.Json(outcome);
        return
        [
            .. json
                .RootElement.GetProperty("findings")
                .EnumerateArray()
                .Select(finding =>
                    $"{Text(finding, "severity")} {Text(finding, "code")} {Text(finding, "path")}: {Text(finding, "remedy")}"
                ),
        ];
    }

    private static string? Text(JsonElement finding, string member) => finding.GetProperty(member).GetString();

    public sealed class Published()
        : PublishedPackages(repository =>
            repository
                .Package("app", "1.0", depends: "lib (= 1.0), other")
                .Package("app", "2.0", depends: "lib (= 2.0), other")
                .Package("lib", "1.0")
                .Package("lib", "2.0")
                .Package("other", "1.0", fields: "Conflicts: oldone")
                .Package("oldone", "1.0")
                .Package("spelled", "1.0-0")
        );
}
