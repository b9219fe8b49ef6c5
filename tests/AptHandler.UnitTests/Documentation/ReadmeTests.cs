using System.Text;
using System.Text.RegularExpressions;
using AptHandler.Apt;
using AptHandler.CommandLine;
using AptHandler.CommandLine.Manual;
using AptHandler.CommandLine.Shared;
using AptHandler.Manifests;
using AptHandler.Results;
using AptHandler.Settings;

namespace AptHandler.UnitTests.Documentation;

/// <summary>The README says what the code says.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(SourceTree.At("README.md"));

    [Fact]
    public void The_table_of_extended_result_codes_is_that_of_the_code() =>
        ShouldHoldTable(
            "## Extended result codes",
            "| code | meaning | remedy |",
            ExtendedResult
                .All.OrderBy(each => each.Code)
                .Select(each => $"| `{ExtendedResult.Format(each.Code)}` | {each.Meaning} | {each.Remedy} |")
        );

    [Fact]
    public void The_table_of_what_apt_says_is_that_of_the_code() =>
        ShouldHoldTable(
            "### What apt says",
            "| the details say | apt says | code | exit status | remedy |",
            AptCause.All.Select(each =>
            {
                string words = string.Join(", ", FailureMarks.Of(each.Kind).Select(mark => $"`{mark}`").DefaultIfEmpty("anything else"));
                string codes = string.Join(", ", each.Results.Select(result => $"`{ExtendedResult.Format(result.Code)}`"));
                return $"| {each.FullSentence} | {words} | {codes} | {(int)each.Results[0].Outcome} | {each.Remedy} |";
            })
        );

    [Fact]
    public void Every_failure_of_apt_has_a_name_and_the_words_that_it_is_known_by()
    {
        AptCause.All.Select(cause => cause.Kind).Should().OnlyHaveUniqueItems().And.BeEquivalentTo(Enum.GetValues<AptFailureKind>());
        AptCause
            .All.Where(cause => FailureMarks.Of(cause.Kind).Count == 0)
            .Should()
            .ContainSingle(cause => cause.Kind == AptFailureKind.Other);
    }

    [Fact]
    public void The_table_of_the_configuration_is_that_of_the_code() =>
        ShouldHoldTable(
            "## Configuration",
            "| member | default | meaning |",
            ConfigurationMember.All.Select(each =>
                $"| `{each.Name}` | {(each.Default is { } value ? $"`{value}`" : "")} | {each.Meaning} |"
            )
        );

    [Fact]
    public void The_table_of_commands_is_that_of_the_code() =>
        ShouldHoldTable(
            "## The command line",
            "| command | what it does |",
            CommandPage
                .Commands(DuApt.Root())
                .Select(command =>
                    $"| `{string.Join(' ', command.Arguments.Select(CommandPage.Usage).Prepend(CommandPage.NameOf(command)))}` | "
                    + $"{command.Description} |"
                )
        );

    [Fact]
    public void The_manifest_that_it_shows_is_valid()
    {
        string manifest = JsonBlocks()
            .Matches(Readme)
            .Select(match => match.Groups["json"].Value)
            .First(text => text.Contains("packages", StringComparison.Ordinal));
        ManifestReader.Read(Encoding.UTF8.GetBytes(manifest)).Problems.Should().BeEmpty();
    }

    [Fact]
    public void The_exit_statuses_are_the_outcomes_in_their_order()
    {
        Readme.Should().Contain(ExitStatuses.Sentence);
        Enum.GetValues<UpdateOutcome>()
            .Select(outcome => (int)outcome)
            .Should()
            .Equal(0, 1, 2, 3, 4)
            .And.HaveCount(ExitStatuses.Meanings.Count);
    }

    private static void ShouldHoldTable(string heading, string head, IEnumerable<string> rows) =>
        MarkdownTable.Below(heading, "README.md").ShouldBe(head, rows);

    [GeneratedRegex("```json\n(?<json>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex JsonBlocks();
}
