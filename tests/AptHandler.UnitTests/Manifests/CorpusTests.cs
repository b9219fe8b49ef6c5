using System.Reflection;
using AptHandler.Manifests;

namespace AptHandler.UnitTests.Manifests;

public class CorpusTests
{
    public static TheoryData<string> Examples => Corpus.FilesOf(Corpus.Examples);

    public static TheoryData<string> Invalid => Corpus.FilesOf(Corpus.Invalid);

    public static TheoryData<string> Warned => Corpus.FilesOf(Corpus.Warned);

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_is_a_manifest_without_any_problem(string file)
    {
        ManifestReading reading = ManifestReader.Read(File.ReadAllBytes(Path.Combine(Corpus.Examples, file)));

        reading.Problems.Should().BeEmpty();
        reading.Manifest!.Packages.Should().NotBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public void An_invalid_file_has_the_errors_that_its_name_says_and_no_others(string file)
    {
        ManifestReading reading = ManifestReader.Read(File.ReadAllBytes(Path.Combine(Corpus.Invalid, file)));
        string expected = CodeOf(file);

        reading.Manifest.Should().BeNull();
        IEnumerable<ManifestProblem> errors = reading.Problems.Where(problem => problem.Severity == ProblemSeverity.Error);
        if (expected is ManifestProblemCodes.TooManyProblems)
            reading.Problems[^1].Code.Should().Be(expected);
        else
            errors.Should().ContainSingle().Which.Code.Should().Be(expected);
    }

    [Theory]
    [MemberData(nameof(Warned))]
    public void A_doubtful_file_has_the_warning_that_its_name_says_and_is_a_manifest_all_the_same(string file)
    {
        ManifestReading reading = ManifestReader.Read(File.ReadAllBytes(Path.Combine(Corpus.Warned, file)));

        reading.Manifest.Should().NotBeNull();
        reading.Problems.Should().OnlyContain(problem => problem.Severity == ProblemSeverity.Warning);
        reading.Problems[^1].Code.Should().Be(CodeOf(file));
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public void A_message_is_one_printable_sentence_and_its_summary_fits_into_an_operators_message(string file)
    {
        ManifestReading reading = ManifestReader.Read(File.ReadAllBytes(Path.Combine(Corpus.Invalid, file)));

        foreach (ManifestProblem problem in reading.Problems)
        {
            problem.Message.Should().MatchRegex("^[\"\\p{Lu}].*[.?]$").And.NotMatchRegex("[\\p{Cc}\\p{Cf}\\p{Cs}]");
            (problem.Path + problem).Should().NotMatchRegex("[\\p{Cc}\\p{Cf}\\p{Cs}]");
        }

        System.Text.Encoding.UTF8.GetByteCount(reading.Summary()).Should().BeLessThan(800);
    }

    [Fact]
    public void Every_code_has_a_file_in_the_corpus()
    {
        IEnumerable<string> codes = typeof(ManifestProblemCodes)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (string)field.GetRawConstantValue()!);
        IEnumerable<string> files = Directory.EnumerateFiles(Corpus.Invalid).Concat(Directory.EnumerateFiles(Corpus.Warned));

        // A file of more than a megabyte is better made than kept.
        codes
            .Except([ManifestProblemCodes.TooLarge], StringComparer.Ordinal)
            .Should()
            .BeSubsetOf(files.Select(file => CodeOf(Path.GetFileName(file))));
    }

    private static string CodeOf(string file) => file[..file.IndexOf('.', StringComparison.Ordinal)];
}
