using System.Text;
using System.Text.Json.Nodes;
using AptHandler.Authoring;
using AptHandler.Authoring.ImportManifests;
using AptHandler.Manifests;
using AptHandler.UnitTests.Schemas;
using FsCheck;
using FsCheck.Fluent;

namespace AptHandler.UnitTests.Authoring.ImportManifests;

public sealed class ImportManifestWriterTests : IDisposable
{
    private static readonly DateTimeOffset Morning = new(2026, 11, 21, 8, 30, 0, 999, TimeSpan.FromHours(2));
    private static readonly byte[] Tools = Encoding.UTF8.GetBytes(SampleImport.AptManifest);

    private readonly TemporaryFolder _folder = new();

    private static readonly Gen<string> Names =
        from text in Gen.Elements([.. "abzAZ059.-"]).ArrayOf()
        select new string([.. text.Take(63), 'x']);

    private static readonly Gen<string> Texts =
        from text in ArbMap.Default.GeneratorFor<NonEmptyString>()
        select new string([.. text.Get.Where(c => c is not (',' or '=') && !char.IsControl(c) && !char.IsSurrogate(c)).Take(30), 'é']);

    private static readonly Gen<ImportSource> Sources =
        from provider in Names
        from name in Names
        from version in Gen.Choose(0, int.MaxValue).ArrayOf(3)
        from length in Gen.Choose(2, 3)
        from description in Gen.OneOf(Gen.Constant((string?)null), Texts.Select(text => (string?)text))
        from sets in (
            from name in Texts
            from value in Texts
            from count in Gen.Choose(1, 5)
            select string.Join(',', Enumerable.Range(0, count).Select(i => $"{i}{name}={value}"))
        ).NonEmptyListOf()
        from steps in Gen.Choose(1, 10)
        from criteria in Names
        from created in Gen.Choose(0, int.MaxValue)
        select new ImportSource
        {
            Provider = provider,
            Name = name,
            Version = string.Join('.', version.Take(length)),
            Description = description,
            Compatibility = [.. sets.Take(10)],
            Handler = "microsoft/apt:1",
            Steps =
            [
                .. Enumerable
                    .Range(0, steps)
                    .Select(i => new ImportStep(
                        $"m{i}.json",
                        Encoding.UTF8.GetBytes(SampleImport.AptManifest.Replace("1.0.0", $"{criteria}{i}", StringComparison.Ordinal)),
                        $"tools-{criteria}{i}"
                    )),
            ],
            Created = DateTimeOffset.FromUnixTimeSeconds(created),
        };

    [Fact]
    public void It_is_written_in_a_stable_order_for_people_to_read() =>
        Written(Source(description: "Tools", properties: ["unlistedRemovals=allow", "x=a=b"]))
            .Should()
            .Be(
                """
                {
                  "$schema": "https://json.schemastore.org/azure-deviceupdate-import-manifest-5.0.json",
                  "updateId": {
                    "provider": "Contoso",
                    "name": "Video",
                    "version": "1.0.0"
                  },
                  "description": "Tools",
                  "compatibility": [
                    {
                      "manufacturer": "Contoso",
                      "model": "Video"
                    }
                  ],
                  "instructions": {
                    "steps": [
                      {
                        "handler": "microsoft/apt:1",
                        "files": [
                          "tools.json"
                        ],
                        "handlerProperties": {
                          "installedCriteria": "tools-1.0.0",
                          "unlistedRemovals": "allow",
                          "x": "a=b"
                        }
                      }
                    ]
                  },
                  "files": [
                    {
                      "filename": "tools.json",
                      "sizeInBytes": 75,
                      "hashes": {
                        "sha256": "HASH"
                      }
                    }
                  ],
                  "manifestVersion": "5.0",
                  "createdDateTime": "2026-11-21T06:30:00Z"
                }

                """.Replace("HASH", Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(Tools)), StringComparison.Ordinal)
            );

    [Fact]
    public void The_file_is_called_as_by_custom() => Source().FileName.Should().Be("Contoso.Video.1.0.0.importmanifest.json");

    [Fact]
    public void What_is_written_is_verified_without_a_problem_and_valid_by_the_schema()
    {
        var written = new List<string>();
        Prop.ForAll(
                Sources.ToArbitrary(),
                source =>
                {
                    string folder = Directory.CreateDirectory(_folder[$"{written.Count}"]).FullName;
                    foreach (ImportStep step in source.Steps)
                        File.WriteAllBytes(Path.Combine(folder, step.FileName), step.Content.Span);
                    string file = Path.Combine(folder, source.FileName);
                    byte[] text = ImportManifestWriter.Write(source, out IReadOnlyList<ManifestProblem> warnings);
                    File.WriteAllBytes(file, text);
                    written.Add(file);

                    warnings.Should().BeEmpty();
                    SampleImport.FindingsOf(ImportVerification.Of(file, text, "microsoft/apt:1")).Should().BeEmpty();
                    ImportManifestWriter.Write(source, out _).Should().Equal(text);

                    // One byte of one apt manifest is another one.
                    string changed = Path.Combine(folder, source.Steps[^1].FileName);
                    byte[] content = File.ReadAllBytes(changed);
                    content[content.Length / 2] ^= 1;
                    File.WriteAllBytes(changed, content);
                    SampleImport
                        .FindingsOf(ImportVerification.Of(file, text, "microsoft/apt:1"))
                        .Should()
                        .Contain($"error changed-file $.files[{source.Steps.Length - 1}].hashes.sha256");
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(30));

        SchemaValidator
            .Judge(SourceTree.At("tests", "corpus", "import-manifest", "import-manifest.schema.json"), written)
            .Should()
            .OnlyContain(verdict => verdict.Judgement == SchemaJudgement.Valid);
    }

    [Fact]
    public void Steps_stay_in_their_order_and_a_file_that_they_share_is_imported_once()
    {
        JsonNode manifest = JsonNode.Parse(
            Written(Source([new("b.json", Tools, "one"), new("a.json", Tools, "two"), new("b.json", Tools, "three")]))
        )!;

        manifest["instructions"]!["steps"]!
            .AsArray()
            .Select(step => $"{step!["files"]![0]} {step["handlerProperties"]!["installedCriteria"]}")
            .Should()
            .Equal("b.json one", "a.json two", "b.json three");
        manifest["files"]!.AsArray().Select(file => $"{file!["filename"]}").Should().Equal("b.json", "a.json");
    }

    [Fact]
    public void Two_manifests_with_one_name_and_different_content_are_refused() =>
        Refusal(Source([new("a.json", Tools, "one"), new("a.json", [.. Tools, (byte)'\n'], "two")]))
            .Should()
            .Contain("\"a.json\"")
            .And.Contain("rename");

    [Fact]
    public void The_same_criteria_in_two_steps_are_refused() =>
        Refusal(Source([new("a.json", Tools, "same"), new("b.json", Tools, "same")]))
            .Should()
            .Contain("Another step has these installedCriteria");

    [Fact]
    public void Criteria_that_look_like_a_version_are_written_with_a_warning()
    {
        ImportManifestWriter.Write(Source([new("a.json", Tools, "1.0")]), out IReadOnlyList<ManifestProblem> warnings);

        warnings.Should().ContainSingle().Which.Code.Should().Be("unusual-criteria");
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once()
    {
        ImportSource source = Source();

        Refusal(
                new ImportSource
                {
                    Provider = "Con toso",
                    Name = "",
                    Version = "1",
                    Description = new string('x', 513),
                    Compatibility = ["model="],
                    Handler = source.Handler,
                    Steps = source.Steps,
                    StepProperties = ["unlistedRemovals=perhaps"],
                    Created = source.Created,
                }
            )
            .Split('\n')
            .Should()
            .HaveCount(7)
            .And.HaveElementAt(0, "cannot create the import manifest:")
            .And.ContainMatch("  \"provider\" \"Con toso\" *; leave those out.")
            .And.ContainMatch("  \"name\" has 0 characters; write 1 to 64.")
            .And.ContainMatch("  \"version\" \"1\" *; write one such as \"1.0.0\".")
            .And.ContainMatch("  \"description\" has 513 characters; write 1 to 512.")
            .And.ContainMatch("  \"model\" has 0 characters; write 1 to 64.")
            .And.ContainMatch("  \"unlistedRemovals\" \"perhaps\" *; write \"refuse\" or \"allow\".");
    }

    [Theory]
    [InlineData("model")]
    [InlineData("")]
    [InlineData("model=a,")]
    public void A_property_without_a_value_is_refused(string set) =>
        Refusal(Source(set: set)).Should().EndWith("has no equals sign; write <name>=<value>");

    [Theory]
    [InlineData("manufacturer=Contoso, Inc.,model=Video", "manufacturer: Contoso, Inc.", "model: Video")]
    [InlineData("model=a,b,c", "model: a,b,c")]
    [InlineData("model=a=b,c", "model: a=b,c")]
    public void A_comma_belongs_to_a_value_where_no_property_follows_it(string set, params string[] properties) =>
        JsonNode.Parse(Written(Source(set: set)))!["compatibility"]![0]!
            .AsObject()
            .Select(property => $"{property.Key}: {property.Value}")
            .Should()
            .Equal(properties);

    [Theory]
    [InlineData("model=a,model=b", "\"model\" stands in this object already")]
    [InlineData("a=1,b=2,c=3,d=4,e=5,f=6", "has 6 entries; write 1 to 5.")]
    [InlineData("=a", "\"\" has 0 characters in its name; write 1 to 32.")]
    public void A_set_that_the_service_would_refuse_is_refused(string set, string fault) =>
        Refusal(Source(set: set)).Should().Contain(fault);

    public void Dispose() => _folder.Dispose();

    private static ImportSource Source(
        ImportStep[]? steps = null,
        string set = "manufacturer=Contoso,model=Video",
        string? description = null,
        string[]? properties = null
    ) =>
        new()
        {
            Provider = "Contoso",
            Name = "Video",
            Version = "1.0.0",
            Description = description,
            Compatibility = [set],
            Handler = "microsoft/apt:1",
            Steps = steps ?? [new("tools.json", Tools, "tools-1.0.0")],
            StepProperties = properties ?? [],
            Created = Morning,
        };

    private static string Written(ImportSource source) => Encoding.UTF8.GetString(ImportManifestWriter.Write(source, out _));

    private static string Refusal(ImportSource source)
    {
        Action write = () => ImportManifestWriter.Write(source, out _);
        return write.Should().Throw<InputException>().Which.Message;
    }
}
