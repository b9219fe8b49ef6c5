using System.Text.Json;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Authoring;

/// <summary>du-apt import-manifest as people and build servers call it.</summary>
public sealed class ImportManifestTests : IDisposable
{
    private const string Name = "Contoso.Video.1.0.0.importmanifest.json";
    private const string Manifest = """{ "name": "tools", "version": "1.0.0", "packages": [ { "name": "tree" } ] }""";

    private readonly TemporaryFolder _folder = new("import");

    public ImportManifestTests()
    {
        Write("config.json", "{}");
        Write("tools.json", Manifest);
    }

    [Fact]
    public void What_create_writes_is_the_same_each_time_and_verified_without_a_problem()
    {
        var first = Directory.CreateDirectory(At("first")).FullName;
        File.Copy(At("tools.json"), Path.Combine(first, "tools.json"));

        var printed = Create("--manifest", At("tools.json")).Succeeded("print it").Output;
        Create("--manifest", Path.Combine(first, "tools.json"), "--output", first)
            .Should()
            .Match<Outcome>(outcome =>
                outcome.ExitStatus == 0 && outcome.Output == $"{Path.Combine(first, Name)}\n" && outcome.Errors.Length == 0
            );
        Create("--manifest", At("tools.json"), "--output", At("second/"))
            .Should()
            .Match<Outcome>(outcome =>
                outcome.ExitStatus == 0 && outcome.Errors.Contains("tools.json is not beside the import manifest", StringComparison.Ordinal)
            );

        File.ReadAllText(Path.Combine(first, Name))
            .Should()
            .Be(printed)
            .And.Contain("\"createdDateTime\": \"2026-11-21T06:30:00Z\"")
            .And.Contain("\"installedCriteria\": \"tools-1.0.0\"");
        File.ReadAllText(At($"second/{Name}")).Should().Be(printed);
        Directory.GetFileSystemEntries(first).Should().HaveCount(2, "nothing is left behind");
        Directory.GetFileSystemEntries(At("second")).Should().ContainSingle("the apt manifest is not copied");
        Run("verify", Path.Combine(first, Name))
            .Should()
            .Match<Outcome>(outcome => outcome.ExitStatus == 0 && outcome.Output == "All is well.\n");
    }

    [Fact]
    public void An_import_with_errors_ends_with_1_and_tells_each_under_the_name_of_its_file()
    {
        var file = At(Name);
        Create("--manifest", At("tools.json"), "--output", file).Succeeded("write it");
        Write("tools.json", Manifest.Replace("tree", "Tree", StringComparison.Ordinal));

        var text = Run("verify", file);
        text.ExitStatus.Should().Be(1);
        text.Output.Should()
            .MatchRegex($"(?m)^{file}:\\d+:\\d+: error changed-file: ")
            .And.MatchRegex($"(?m)^{At("tools.json")}:1:\\d+: error invalid-package-name: ")
            .And.EndWith("Errors: 2, warnings: 0.\n")
            .And.NotContain("\u001b");

        var answer = Run("verify", file, "--json");
        answer.ExitStatus.Should().Be(1);
        using var json = Answer.Json(answer);
        json.RootElement.GetProperty("isValid").GetBoolean().Should().BeFalse();
        var problems = json.RootElement.GetProperty("problems").EnumerateArray().ToArray();
        problems
            .Select(problem =>
                $"{problem.GetProperty("file")} {problem.GetProperty("severity")} {problem.GetProperty("code")} "
                + $"{problem.GetProperty("path")}"
            )
            .Should()
            .Equal(
                $"{file} error changed-file $.files[0].hashes.sha256",
                $"{At("tools.json")} error invalid-package-name $.packages[0].name"
            );
        problems[1]
            .EnumerateObject()
            .Select(member => member.Name)
            .Should()
            .Equal("file", "code", "severity", "path", "line", "column", "message", "remedy");
        problems[1].GetProperty("line").GetInt32().Should().Be(1);
        problems[1].GetProperty("remedy").GetString().Should().Be("write it in lower case.");
    }

    [Fact]
    public void A_file_that_cannot_be_read_and_wrong_words_end_with_2()
    {
        foreach (var file in new[] { At("missing"), _folder, "/dev/zero", "" })
            Run("verify", file)
                .Should()
                .Match<Outcome>(
                    outcome =>
                        outcome.ExitStatus == 2
                        && outcome.Output.Length == 0
                        && outcome.Errors.Contains("cannot ", StringComparison.Ordinal),
                    file
                );
        foreach (var words in new string[][] { ["verify"], ["verify", "a", "b"], ["create"], [], ["check"] })
            Run(words).ExitStatus.Should().Be(2);
    }

    [Fact]
    public void An_apt_manifest_that_is_not_valid_is_refused_with_all_its_problems()
    {
        Write("tools.json", """{ "name": "", "version": "1", "packages": [ { "name": "Tree" } ] }""");

        var outcome = Create("--manifest", At("tools.json"), "--output", At("x.json"));

        outcome.ExitStatus.Should().Be(2);
        outcome.Errors.Should().Contain($"{At("tools.json")}:1:11: error empty-text").And.Contain("error invalid-package-name");
        File.Exists(At("x.json")).Should().BeFalse();
    }

    [Fact]
    public void The_handler_is_the_update_type_that_the_devices_have_registered()
    {
        Write("config.json", """{ "updateType": "contoso/packages:7" }""");

        Create("--manifest", At("tools.json"), "--output", At(Name)).Succeeded("write it");

        File.ReadAllText(At(Name)).Should().Contain("\"handler\": \"contoso/packages:7\"");
        Run("verify", At(Name)).ExitStatus.Should().Be(0);
    }

    [Fact]
    public void Each_manifest_can_have_criteria_of_its_own()
    {
        Write("more.json", Manifest);

        var both = Create(
            "--manifest",
            At("more.json"),
            "--manifest",
            At("tools.json"),
            "--installed-criteria",
            "one",
            "--installed-criteria",
            "two",
            "--step-property",
            "unlistedRemovals=allow"
        );

        using var json = JsonDocument.Parse(both.Succeeded("print it").Output);
        json.RootElement.GetProperty("instructions")
            .GetProperty("steps")
            .EnumerateArray()
            .Select(step =>
                $"{step.GetProperty("files")[0]} {step.GetProperty("handlerProperties").GetProperty("installedCriteria")} "
                + $"{step.GetProperty("handlerProperties").GetProperty("unlistedRemovals")}"
            )
            .Should()
            .Equal("more.json one allow", "tools.json two allow");
    }

    [Fact]
    public void Sets_of_properties_are_taken_in_the_form_of_the_Azure_command_line_too()
    {
        Compatibility("--compat", "manufacturer=Contoso", "model=Thermo").Should().Equal("manufacturer: Contoso; model: Thermo");
        Compatibility("--compat", "manufacturer=Contoso, Inc.", "model=Thermo", "--compat", "model=Video,manufacturer=Contoso")
            .Should()
            .Equal("manufacturer: Contoso, Inc.; model: Thermo", "model: Video; manufacturer: Contoso");
        Compatibility("--compat=manufacturer=Contoso, Inc.,model=Thermo").Should().Equal("manufacturer: Contoso, Inc.; model: Thermo");

        string[] Compatibility(params string[] words)
        {
            string[] others = ["create", "--provider", "Contoso", "--name", "Video", "--version", "1.0.0"];
            using var json = JsonDocument.Parse(Run([.. others, .. words, "--manifest", At("tools.json")]).Succeeded("create").Output);
            var sets = json.RootElement.GetProperty("compatibility").EnumerateArray();
            return
            [
                .. sets.Select(set => string.Join("; ", set.EnumerateObject().Select(property => $"{property.Name}: {property.Value}"))),
            ];
        }
    }

    [Theory]
    [InlineData("\"Inc.\" has no equals sign", "--compat", "manufacturer=Contoso", "Inc.")]
    [InlineData("cannot tell which of 1 installed criteria", "--manifest", "tools.json", "--installed-criteria", "one")]
    [InlineData("Another step has these installedCriteria", "--manifest", "more.json")]
    [InlineData("use --installed-criteria", "--step-property", "installedCriteria=1.0")]
    [InlineData("has no equals sign", "--step-property", "unlistedRemovals")]
    [InlineData("has no equals sign", "--compat", "model")]
    [InlineData("No such file or directory; name another file or folder", "--output", "nothing/here.json")]
    [InlineData("cannot write /dev/null/x/: ", "--output", "/dev/null/x/")]
    [InlineData("cannot write to a file without a name", "--output", "")]
    [InlineData("an apt manifest of the import has that name", "--output", "tools.json")]
    public void What_cannot_be_written_is_refused_with_a_remedy(string fault, params string[] words)
    {
        Write("more.json", Manifest);

        var outcome = Create([
            "--manifest",
            At("tools.json"),
            .. words.Select(word => word.EndsWith(".json", StringComparison.Ordinal) ? At(word) : word),
        ]);

        outcome.ExitStatus.Should().Be(2, outcome.Text);
        outcome.Errors.Should().StartWith("du-apt: cannot ").And.Contain(fault).And.NotContain("   at ");
        outcome.Output.Should().BeEmpty();
        File.ReadAllText(At("tools.json")).Should().Be(Manifest);
    }

    [Fact]
    public void What_is_no_regular_file_stays_what_it_is()
    {
        // As root, the terminal or /dev/null would be gone.
        var pipe = At("pipe");
        Command.Run("mkfifo", [pipe]).Succeeded("make a pipe");

        var outcome = Create("--manifest", At("tools.json"), "--output", pipe);

        outcome.ExitStatus.Should().Be(2);
        outcome.Errors.Should().Contain($"cannot write {pipe}: it is not a regular file");
        Command.Run("test", ["-p", pipe]).ExitStatus.Should().Be(0);
    }

    public void Dispose() => _folder.Dispose();

    private string At(string name) => Path.Combine(_folder, name);

    private void Write(string name, string content) => File.WriteAllText(At(name), content);

    private Outcome Create(params string[] words) =>
        Run([
            "create",
            "--provider",
            "Contoso",
            "--name",
            "Video",
            "--version",
            "1.0.0",
            "--compat",
            "manufacturer=Contoso,model=Video",
            .. words,
        ]);

    private Outcome Run(params string[] words) =>
        Command.Run(
            SourceTree.DuApt,
            ["--config", At("config.json"), "import-manifest", .. words],
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["SOURCE_DATE_EPOCH"] = "1795242600" }
        );
}
