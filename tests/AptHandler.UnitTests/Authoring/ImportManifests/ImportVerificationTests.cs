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
    public void A_file_that_is_not_there_is_told()
    {
        File.Delete(Path.Combine(_import.Folder, "tools.json"));

        _import.Findings().Should().Equal("error missing-file $.files[0].filename");
    }

    [Theory]
    [InlineData("link")]
    [InlineData("fifo")]
    [InlineData("folder")]
    [InlineData("device")]
    [InlineData("long name")]
    public void Only_a_regular_file_of_the_folder_itself_is_opened(string kind)
    {
        string file = Path.Combine(_import.Folder, "tools.json");
        string moved = Path.Combine(_import.Folder, "moved");
        File.Move(file, moved);
        switch (kind)
        {
            case "link":
                File.CreateSymbolicLink(file, moved);
                break;
            case "fifo":
                Posix.MakeFifo(file);
                break;
            case "folder":
                Directory.CreateDirectory(file);
                break;
            case "device":
                File.CreateSymbolicLink(file, "/dev/zero");
                break;
            default:
                // More bytes than a name may have, in no more characters than the service takes.
                _import.File["filename"] = new string('é', 200);
                _import.Step["files"] = new JsonArray(new string('é', 200));
                break;
        }

        _import.Findings().Should().Equal("error unreadable-file $.files[0].filename");
    }

    [Theory]
    [InlineData("../outside.json")]
    [InlineData("/etc/hostname")]
    [InlineData("..")]
    [InlineData("sub/tools.json")]
    [InlineData("..\\outside.json")]
    [InlineData("a\0b")]
    public void A_name_that_leads_out_of_the_folder_is_refused_and_not_followed(string name)
    {
        _import.File["filename"] = name;
        _import.Step["files"] = new JsonArray(name);

        _import
            .Findings()
            .Should()
            .Equal("error invalid-value $.instructions.steps[0].files[0]", "error invalid-value $.files[0].filename");
    }

    [Fact]
    public void A_file_of_another_size_and_one_with_another_byte_are_told_apart()
    {
        _import.Write("tools.json", $"{SampleImport.AptManifest}\n");
        _import.Findings().Should().Equal("error changed-file $.files[0].sizeInBytes");

        _import.Write("tools.json", SampleImport.AptManifest.Replace("tree", "trek", StringComparison.Ordinal));
        _import.Findings().Should().Equal("error changed-file $.files[0].hashes.sha256");
        _import.Verify()[0].Problems.Single().Message.Should().MatchRegex("has the hash \"[A-Za-z0-9+/]{43}=\"");
    }

    [Fact]
    public void A_large_file_of_a_script_is_compared_without_being_read_into_memory()
    {
        byte[] content = new byte[5 << 20];
        File.WriteAllBytes(Path.Combine(_import.Folder, "image.bin"), content);
        _import.Files.Add(SampleImport.Parse(SampleImport.FileEntry("image.bin", content)));
        _import.Steps.Add(SampleImport.Parse("""{ "handler": "microsoft/swupdate:1", "files": ["image.bin"] }"""));

        _import.Findings().Should().BeEmpty();
        content[^1] = 1;
        File.WriteAllBytes(Path.Combine(_import.Folder, "image.bin"), content);
        _import.Findings().Should().Equal("error changed-file $.files[1].hashes.sha256");
    }

    [Fact]
    public void A_related_file_is_verified_and_need_not_be_in_a_step()
    {
        _import.Write("delta", "x");
        _import.File["relatedFiles"] = new JsonArray(SampleImport.Parse(SampleImport.FileEntry("delta", "x")));
        _import.Findings().Should().BeEmpty();

        _import.Write("delta", "y");
        _import.Findings().Should().Equal("error changed-file $.files[0].relatedFiles[0].hashes.sha256");
    }

    [Fact]
    public void Steps_and_files_must_name_each_other()
    {
        _import.AddFile("unused", "x");
        _import.Steps.Add(SampleImport.Parse("""{ "handler": "microsoft/script:1", "files": ["tools.json", "unlisted"] }"""));
        _import.Files.Add(SampleImport.Parse(SampleImport.FileEntry("tools.json", SampleImport.AptManifest)));

        _import
            .Findings()
            .Should()
            .Equal(
                "error unlisted-file $.instructions.steps[1].files[1]",
                "error unused-file $.files[1].filename",
                "error repeated-file $.files[2].filename"
            );
    }

    [Fact]
    public void An_apt_step_has_exactly_one_file()
    {
        _import.AddFile("more.json", SampleImport.AptManifest);
        _import.Step["files"] = new JsonArray("tools.json", "more.json");

        _import.Findings().Should().Equal("error wrong-count $.instructions.steps[0].files[1]");
    }

    [Fact]
    public void The_problems_of_an_apt_manifest_are_told_under_its_own_name()
    {
        const string Text =
            "{ \"name\": \"tools\", \"version\": \"1.0.0\",\n\"packages\": [ { \"name\": \"Tree\" }, { \"nam\": 1, \"name\": \"x1\" } ] }";
        _import.Files.Clear();
        _import.AddFile("tools.json", Text);

        IReadOnlyList<VerifiedFile> files = _import.Verify();

        SampleImport
            .FindingsOf(files)
            .Should()
            .Equal("tools.json: error invalid-package-name $.packages[0].name", "tools.json: warning unknown-member $.packages[1].nam");
        files[1].File.Should().Be(Path.Combine(_import.Folder, "tools.json"));
        files[1].Utf8.Should().Equal(Encoding.UTF8.GetBytes(Text));
        files[1].Problems[0].Line.Should().Be(2);
    }

    [Fact]
    public void A_file_too_large_for_an_apt_manifest_is_told_and_not_read()
    {
        string large = SampleImport.AptManifest.PadRight(ManifestReader.MaximumSize + 1);
        _import.Files.Clear();
        _import.AddFile("tools.json", large);
        _import.Findings().Should().Equal("error too-large $.files[0].filename");

        _import.Files.Clear();
        _import.AddFile("tools.json", large[..ManifestReader.MaximumSize]);
        _import.Findings().Should().BeEmpty();
    }

    [Theory]
    [InlineData("microsoft/apt:1", true)]
    [InlineData("microsoft/apt:2", true)]
    [InlineData("contoso/packages:7", true)]
    [InlineData("contoso/packages:8", false)]
    [InlineData("microsoft/script:1", false)]
    public void An_apt_step_is_one_of_Microsofts_type_or_of_the_configured_one(string handler, bool isApt)
    {
        _import.Step["handler"] = handler;
        _import.Step.Remove("handlerProperties");

        _import.Findings("contoso/packages:7").Should().Equal(isApt ? ["error missing-criteria $.instructions.steps[0]"] : []);
    }

    [Fact]
    public void Missing_criteria_are_an_error_that_says_which_to_write()
    {
        _import.Step["handlerProperties"] = new JsonObject { ["installedCritera"] = "tools-1.0.0" };

        _import.Findings().Should().Equal("error missing-criteria $.instructions.steps[0]");
        _import.Verify()[0].Problems.Single().Remedy.Should().Be("add \"handlerProperties\": { \"installedCriteria\": \"tools-1.0.0\" }.");
    }

    [Theory]
    [InlineData("1.0")]
    [InlineData("1.0.0")]
    [InlineData("tools-1.0")]
    [InlineData("Tools-1.0.0")]
    public void Criteria_that_another_update_can_have_too_are_a_warning(string criteria)
    {
        _import.Step["handlerProperties"]!["installedCriteria"] = criteria;

        _import.Findings().Should().Equal("warning unusual-criteria $.instructions.steps[0].handlerProperties.installedCriteria");
        _import.Verify()[0].Problems.Single().Remedy.Should().Contain("\"tools-1.0.0\"");
    }

    [Fact]
    public void Criteria_that_look_like_a_version_are_a_warning_even_where_the_apt_manifest_is_not_to_be_had()
    {
        File.Delete(Path.Combine(_import.Folder, "tools.json"));
        _import.Step["handlerProperties"]!["installedCriteria"] = "1.0";

        _import
            .Findings()
            .Should()
            .Equal(
                "warning unusual-criteria $.instructions.steps[0].handlerProperties.installedCriteria",
                "error missing-file $.files[0].filename"
            );
    }

    [Fact]
    public void Two_apt_steps_with_the_same_criteria_are_an_error()
    {
        _import.AddAptStep("more.json", "more")["handlerProperties"]!["installedCriteria"] = "tools-1.0.0";

        _import.Findings().Should().Equal("error repeated-criteria $.instructions.steps[1].handlerProperties.installedCriteria");
        _import.Verify()[0].Problems.Single().Remedy.Should().Contain("\"more-1.0.0\"");
    }

    [Theory]
    [InlineData("5")]
    [InlineData("null")]
    [InlineData("\"\"")]
    public void Criteria_of_a_wrong_kind_are_told_once(string value)
    {
        _import.Step["handlerProperties"]!["installedCriteria"] = JsonNode.Parse(value);

        _import.Findings().Should().ContainSingle().Which.Should().EndWith("$.instructions.steps[0].handlerProperties.installedCriteria");
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
