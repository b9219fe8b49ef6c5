using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using AptHandler.Authoring.Linting;
using AptHandler.Authoring.Manifests;
using AptHandler.Manifests;
using AptHandler.UnitTests.Manifests;
using ManifestText = AptHandler.UnitTests.Manifests.ManifestText;

namespace AptHandler.UnitTests.Documentation;

/// <summary>The page about the apt manifest says what the code says.</summary>
public sealed partial class ManifestPageTests
{
    private const string Page = "manifest-schema/README.md";

    private static readonly string Text = File.ReadAllText(SourceTree.At(Page));

    [Theory]
    [InlineData("## Problems", typeof(ManifestProblemCodes))]
    [InlineData("## What lint finds besides", typeof(LintCodes))]
    public void A_table_has_every_code_with_its_meaning_and_what_to_do(string heading, Type codes)
    {
        MarkdownTable table = MarkdownTable.Below(heading, Page);
        (string Code, string Severity, string Meaning)[] all =
        [
            .. codes.GetFields(BindingFlags.Public | BindingFlags.Static).Select(Explained),
        ];

        table.ShouldBe(
            "| code | severity | what it is | what to do |",
            all.Select(each => $"| `{each.Code}` | {each.Severity} | {each.Meaning} | {table.LastCellOf($"`{each.Code}`")} |")
        );
        all.Select(each => table.LastCellOf($"`{each.Code}`")).Should().OnlyContain(remedy => remedy.Length > 10 && remedy.EndsWith('.'));
    }

    [Fact]
    public void Every_manifest_that_it_shows_is_one()
    {
        string[] manifests =
        [
            .. JsonBlocks()
                .Matches(Text)
                .Select(match => match.Groups["json"].Value)
                .Where(json => json.Contains("packages", StringComparison.Ordinal)),
        ];

        manifests.Should().HaveCountGreaterThan(1);
        manifests.SelectMany(manifest => ManifestText.Read(manifest).Problems).Should().BeEmpty();
    }

    [Fact]
    public void Every_file_that_it_links_to_is_there() =>
        Links()
            .Matches(Text)
            .Select(match => match.Groups["file"].Value)
            .Where(file => !Path.Exists(SourceTree.At("manifest-schema", file)))
            .Should()
            .BeEmpty();

    [Fact]
    public void Its_cumulative_manifests_are_so_to_lint_and_the_bad_one_is_not()
    {
        using var folder = new TemporaryFolder();
        ManifestFile[] releases =
        [
            .. new[] { "1.0.json", "2.0.json", "3.0.json" }.Select(file =>
                ManifestFile.Read(Path.Combine(Corpus.Examples, "cumulative", file))
            ),
        ];
        string bad = JsonBlocks()
            .Matches(Text)
            .Select(match => match.Groups["json"].Value)
            .Single(json =>
                json.Contains("watering", StringComparison.Ordinal) && !json.Contains("climatecontrol", StringComparison.Ordinal)
            );

        Findings(releases[1], releases[..1]).Should().BeEmpty();
        Findings(releases[2], releases[..2]).Should().BeEmpty();
        Findings(ManifestFile.Read(folder.Write("bad.json", bad)), releases[..1]).Should().Equal(LintCodes.NotCumulative);
    }

    private static IEnumerable<string> Findings(ManifestFile manifest, IReadOnlyList<ManifestFile> previous) =>
        Lint.Check(manifest, previous).Select(finding => finding.Problem.Code);

    // The comments of the code are where a meaning is written; they come with the assembly.
    private static (string Code, string Severity, string Meaning) Explained(FieldInfo field)
    {
        Assembly assembly = field.DeclaringType!.Assembly;
        string summary = XDocument
            .Load(Path.ChangeExtension(assembly.Location, ".xml"))
            .Descendants("member")
            .Single(member => (string?)member.Attribute("name") == $"F:{field.DeclaringType.FullName}.{field.Name}")
            .Element("summary")!
            .Value;
        summary = Blanks().Replace(summary, " ").Trim();
        int colon = summary.IndexOf(": ", StringComparison.Ordinal);
        string severity = colon > 0 && Enum.TryParse(summary[..colon], out ProblemSeverity named) ? ManifestProblem.NameOf(named) : "";
        string meaning = severity.Length > 0 ? summary[(colon + 2)..] : summary;
        return (
            (string)field.GetRawConstantValue()!,
            severity.Length > 0 ? severity : "error",
            char.ToUpperInvariant(meaning[0]) + meaning[1..]
        );
    }

    [GeneratedRegex("\\s+", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Blanks();

    [GeneratedRegex("\\]\\((?<file>[^):#]+)\\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Links();

    [GeneratedRegex("```json\n(?<json>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex JsonBlocks();
}
