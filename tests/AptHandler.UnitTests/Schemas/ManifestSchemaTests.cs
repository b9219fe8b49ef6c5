using AptHandler.Manifests;
using AptHandler.UnitTests.Manifests;

namespace AptHandler.UnitTests.Schemas;

/// <summary>The JSON Schema of the apt manifest, which editors check with, says what our reader says.</summary>
public sealed class ManifestSchemaTests : IClassFixture<ManifestSchemaTests.Variants>, IDisposable
{
    private readonly Variants _variants;
    private readonly TemporaryFolder _folder = new();

    public ManifestSchemaTests(Variants variants) => _variants = variants;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Reader_and_schema_judge_every_file_of_the_corpus_alike() =>
        JudgedManifest.Judge([.. Corpus.All]).Select(manifest => manifest.Difference()).OfType<string>().Should().BeEmpty();

    [Fact]
    public void Reader_and_schema_judge_ten_thousand_variants_of_the_corpus_alike()
    {
        string[] differences = [.. _variants.Judged.Select(manifest => manifest.Difference()).OfType<string>()];

        Assert.True(
            differences.Length == 0,
            $"{differences.Length} differences, the first ones:\n{string.Join("\n\n", differences.Take(5))}"
        );
    }

    [Fact]
    public void The_variants_lie_on_both_sides_of_every_rule()
    {
        JudgedManifest[] valid = [.. _variants.Judged.Where(manifest => manifest.Reading.Manifest is not null)];

        _variants.Judged.Should().HaveCount(Variants.Count);
        valid.Length.Should().BeGreaterThan(Variants.Count / 3);
        valid.SelectMany(manifest => manifest.Reading.Problems).Select(problem => problem.Code).Should().Contain(JudgedManifest.Warnings);
        // A code that always comes with others could be missed by the schema, and nobody would notice.
        _variants
            .Judged.Where(manifest => manifest.Codes.Count == 1)
            .Select(manifest => manifest.Codes[0])
            .Distinct(StringComparer.Ordinal)
            .Should()
            .Contain(JudgedManifest.Expressible);
    }

    [Fact]
    public void What_no_schema_can_express_is_taken_by_the_schema_when_nothing_else_is_wrong()
    {
        string tooLarge = _folder.Write("too-large", ManifestText.With("""{"name":"foo"}""").PadRight(ManifestReader.MaximumSize + 1));
        string tooMany = _folder.Write("too-many", ManifestText.With([.. Enumerable.Repeat("""{"name":"foo","name":"foo"}""", 101)]));

        IEnumerable<string> onlyBeyond = JudgedManifest
            .Judge([.. Corpus.All, tooLarge, tooMany])
            .Where(manifest => manifest.Verdict.Judgement == SchemaJudgement.Valid)
            .SelectMany(manifest => manifest.Codes);

        onlyBeyond.Distinct(StringComparer.Ordinal).Should().BeEquivalentTo(JudgedManifest.BeyondSchemas.Keys);
    }

    /// <summary>The variants, judged once for all tests.</summary>
    public sealed class Variants
    {
        public const int Count = 10_000;

        public Variants()
        {
            using var folder = new TemporaryFolder();
            // What is valid is mostly no longer so after a change or two, and what is invalid stays so.
            string[] originals =
            [
                .. JudgedManifest
                    .Judge([.. Corpus.All])
                    .Where(manifest => manifest.IsComparable)
                    .SelectMany(manifest => Enumerable.Repeat(manifest.Text, manifest.Reading.Manifest is null ? 1 : 8)),
            ];
            var files = new List<string>(Count);
            foreach (byte[] variant in new ManifestVariants(originals, seed: 20_261_121).Make(Count))
            {
                files.Add(folder[$"{files.Count}.json"]);
                File.WriteAllBytes(files[^1], variant);
            }

            Judged = JudgedManifest.Judge(files);
        }

        internal IReadOnlyList<JudgedManifest> Judged { get; }
    }
}
