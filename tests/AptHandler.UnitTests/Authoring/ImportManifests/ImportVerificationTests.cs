using System.Text;
using System.Text.Json.Nodes;
using AptHandler.Authoring.ImportManifests;
using AptHandler.Manifests;
using FsCheck;
using FsCheck.Fluent;

namespace AptHandler.UnitTests.Authoring.ImportManifests;

public sealed class ImportVerificationTests : IDisposable
{
    private readonly SampleImport _import = new();

    [Fact]
    public void An_import_without_faults_has_no_problems()
    {
        _import.AddAptStep("more.json", "more");
        _import.Steps.Add(
            SampleImport.Parse("""{ "type": "reference", "updateId": { "provider": "Contoso", "name": "Radio", "version": "1.0" } }""")
        );
        _import.Steps.Add(
            SampleImport.Parse(
                """{ "handler": "microsoft/script:1", "files": ["check.sh"], "handlerProperties": { "installedCriteria": "1.0", "arguments": "--now" } }"""
            )
        );
        _import.AddFile("check.sh", "#!/bin/sh\n");

        _import.Findings().Should().BeEmpty();
    }

    [Theory]
    [InlineData(SampleImport.AptManifest, "$.instructions missing-member", "This is an apt manifest, which du-apt manifest lint takes")]
    [InlineData("!<arch>\ndebian-binary ", "$ not-utf8", "This is a Debian package")]
    [InlineData("updateId:\n  provider: c\n", "$ invalid-json", "it begins like YAML")]
    public void A_file_of_another_kind_is_called_what_it_is(string text, string finding, string message)
    {
        ManifestProblem problem = ImportVerification
            .Of("import.json", Encoding.UTF8.GetBytes(text), "microsoft/apt:1")
            .Should()
            .ContainSingle()
            .Which.Problems.Should()
            .ContainSingle()
            .Which;
        ($"{problem.Path} {problem.Code}", problem.Line, problem.Column).Should().Be((finding, 1, 1));
        problem.Message.Should().Contain(message);
    }

    [Fact]
    public void A_step_that_refers_to_its_own_update_is_an_error()
    {
        _import.Steps.Add(new JsonObject { ["type"] = "reference", ["updateId"] = _import.Manifest["updateId"]!.DeepClone() });

        _import.Findings().Should().ContainSingle().Which.Should().Contain("self-reference");
    }

    [Fact]
    public void A_step_that_spells_the_version_of_its_own_update_in_another_way_refers_to_it_too()
    {
        _import.Steps.Add(
            SampleImport.Parse("""{ "type": "reference", "updateId": { "provider": "Contoso", "name": "Video", "version": "01.0.00" } }""")
        );
        _import.Findings().Should().Contain("error self-reference $.instructions.steps[1].updateId");

        // A name is no version, whatever it looks like.
        _import.Manifest["updateId"]!["name"] = "1.0";
        _import.Steps[1]!["updateId"]!["name"] = "01.0";
        _import.Findings().Should().Equal("warning unusual-value $.instructions.steps[1].updateId.version");
    }

    [Fact]
    public void What_the_service_makes_another_version_of_is_a_warning_with_that_one()
    {
        _import.Manifest["updateId"]!["version"] = "01.00.10";

        _import.Findings().Should().Equal("warning unusual-value $.updateId.version");
        _import.Verify()[0].Problems.Single().Remedy.Should().Be("write \"1.0.10\".");
    }

    [Fact]
    public void The_version_of_an_import_manifest_before_today_s_is_a_warning()
    {
        _import.Manifest["manifestVersion"] = "4.0";

        _import.Findings().Should().Equal("warning unusual-value $.manifestVersion");
        _import.Verify()[0].Problems.Single().Remedy.Should().Be("write \"5.0\".");
    }

    [Fact]
    public void A_null_in_place_of_a_hash_is_refused_beside_one_that_is_right()
    {
        _import.File["hashes"]!["sha512"] = null;

        _import.Findings().Should().Equal("error wrong-type $.files[0].hashes.sha512");
    }

    [Theory]
    [InlineData("", 1, 1, "empty-file")]
    [InlineData("{", 1, 2, "invalid-json")]
    [InlineData("{\n  \"updateId\": {},\n}", 2, 17, "invalid-json")]
    [InlineData("{\n  // a comment\n}", 2, 3, "invalid-json")]
    [InlineData("{} {}", 1, 4, "invalid-json")]
    [InlineData("{\n  \"description\": \"a\",\n  \"description\": \"b\"\n}", 3, 3, "duplicate-member")]
    [InlineData("{\n  \"compatibility\": [{\n    \"model\": \"a\",\n    \"model\": \"b\" }]\n}", 4, 5, "duplicate-member")]
    [InlineData("{\n  \"description\": \"\\ud800\"\n}", 2, 18, "invalid-text")]
    [InlineData("{\n  \"compatibility\": [{\n    \"\\ud800\": \"a\" }]\n}", 3, 5, "invalid-text")]
    [InlineData("{\n  \"files\": [ 5 ]\n}", 2, 14, "wrong-type")]
    [InlineData("{\n  \"compatibility\": [{\n    \"\": \"a\" }]\n}", 3, 5, "wrong-count")]
    [InlineData("{\n  \"updateId\": { \"version\": \"1\" }\n}", 2, 28, "invalid-value")]
    [InlineData("{\n  \"updateId\": { \"version\": \"1.0\\u0000\" }\n}", 2, 28, "invalid-value")]
    public void A_fault_of_the_form_is_told_with_its_place(string text, int line, int column, string code)
    {
        IReadOnlyList<ManifestProblem> problems = _import.VerifyText(text).Single().Problems;

        problems
            .Should()
            .ContainSingle(problem => problem.Code == code)
            .Which.Should()
            .BeEquivalentTo(new { Line = line, Column = column });
    }

    [Fact]
    public void Every_fault_of_the_form_is_told_at_once_with_its_path() =>
        _import
            .VerifyText(
                """
                {
                  "updateId": { "provider": "a b", "name": "Video" },
                  "compatibility": [ { "model": "" }, {} ],
                  "instructions": { "steps": [ { "handler": "apt", "files": ["../x", 7] }, { "type": "reference", "files": ["x"] } ] },
                  "files": [ { "filename": "x", "sizeInBytes": 0, "hashes": {} } ],
                  "manifestVersion": "3.0",
                  "createdDateTime": "today"
                }
                """
            )
            .Single()
            .Problems.Select(problem => $"{problem.Code} {problem.Path}")
            .Should()
            .Equal(
                "missing-member $.updateId.version",
                "invalid-value $.updateId.provider",
                "wrong-count $.compatibility[0].model",
                "wrong-count $.compatibility[1]",
                "invalid-value $.instructions.steps[0].handler",
                "invalid-value $.instructions.steps[0].files[0]",
                "wrong-type $.instructions.steps[0].files[1]",
                "missing-member $.instructions.steps[1].updateId",
                "misplaced-member $.instructions.steps[1].files",
                "missing-file $.files[0].filename",
                "invalid-value $.files[0].sizeInBytes",
                "missing-member $.files[0].hashes.sha256",
                "invalid-value $.manifestVersion",
                "invalid-value $.createdDateTime"
            );

    [Fact]
    public void A_member_that_nobody_knows_is_told_with_the_name_that_was_meant_and_refused_where_the_service_refuses_it()
    {
        _import.Manifest["descripton"] = "Tools";
        _import.Manifest["updateId"]!["vendor"] = "Contoso";
        _import.Manifest["instructions"]!["step"] = new JsonArray();
        _import.Step["handlerproperties"] = new JsonObject();
        _import.File["sha256"] = "x";

        _import
            .Findings()
            .Should()
            .Equal(
                "error unexpected-member $.updateId.vendor",
                "error unexpected-member $.instructions.steps[0].handlerproperties",
                "error unexpected-member $.instructions.step",
                "warning unknown-member $.files[0].sha256",
                "warning unknown-member $.descripton"
            );
        _import
            .Verify()[0]
            .Problems.Should()
            .Contain(problem => problem.Message.Contains("did you mean \"handlerProperties\"?", StringComparison.Ordinal));
        _import
            .Verify()[0]
            .Problems.Should()
            .Contain(problem => problem.Message.Contains("did you mean \"description\"?", StringComparison.Ordinal));
    }

    [Fact]
    public void Lists_that_are_far_too_long_are_told_in_a_moment_and_not_compared()
    {
        string files = string.Join(
            ',',
            Enumerable.Repeat(
                """{"filename":"a","sizeInBytes":1,"hashes":{"sha256":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}""",
                9000
            )
        );
        string steps = string.Join(',', Enumerable.Repeat("""{"handler":"a/b:1","files":["b"]}""", 9000));

        _import
            .VerifyText($$$"""{"files":[{{{files}}}],"instructions":{"steps":[{{{steps}}}]}}""")
            .Single()
            .Problems.Select(problem => problem.Code)
            .Should()
            .BeEquivalentTo("missing-member", "missing-member", "missing-member", "missing-member", "wrong-count", "wrong-count");
    }

    [Fact]
    public void Any_change_of_the_text_is_read_without_an_exception_and_problems_lie_inside_it()
    {
        byte[] text = Encoding.UTF8.GetBytes(_import.Manifest.ToJsonString(new() { WriteIndented = true }));
        Gen<byte[]> mutants =
            from place in Gen.Choose(0, text.Length - 1)
            from removed in Gen.Choose(0, 20)
            from inserted in Gen.Elements("", "{", "}", "[", "]", ",", ":", "\"", "null", "1", "\"\\ud800\"", "\0", "é", "\n")
            select (byte[])[.. text[..place], .. Encoding.UTF8.GetBytes(inserted), .. text[Math.Min(text.Length, place + removed)..]];

        Prop.ForAll(
                mutants.ToArbitrary(),
                mutant =>
                {
                    string[] lines = Encoding.UTF8.GetString(mutant).Split('\n');
                    foreach (ManifestProblem problem in ImportVerification.Of(mutant, "microsoft/apt:1"))
                    {
                        problem.Line.Should().BeInRange(1, lines.Length);
                        problem.Column.Should().BeInRange(1, lines[problem.Line - 1].Length + 1);
                        problem.Message.Should().MatchRegex("^[\"\\p{Lu}].*[.?]$").And.NotMatchRegex("[\\p{Cc}\\p{Cf}\\p{Cs}]");
                    }
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    public void Dispose() => _import.Dispose();
}
