using System.Text.RegularExpressions;
using System.Xml.Linq;
using AptHandler.UnitTests.Architecture;

namespace AptHandler.UnitTests.Documentation;

public sealed partial class ContributingTests
{
    private const string Page = "CONTRIBUTING.md";

    [Fact]
    public void The_table_of_packages_has_each_one_that_is_taken_in_their_order()
    {
        IEnumerable<string> taken = XDocument
            .Load(SourceTree.At("Directory.Packages.props"))
            .Descendants("PackageVersion")
            .Select(package => package.Attribute("Include")!.Value);

        MarkdownTable.Below("## What it is built with", Page).Lines.Skip(2).Select(row => row.Split('|')[1].Trim()).Should().Equal(taken);
    }

    [Fact]
    public void The_list_of_rooms_is_the_plan_of_the_house() =>
        Rooms()
            .Matches(File.ReadAllText(SourceTree.At(Page)))
            .Select(room => room.Groups["name"].Value.Replace('/', '.'))
            .Should()
            .Equal(HousePlan.All.SelectMany(plan => plan.Rooms).Where(room => room.Length > 0));

    [Theory]
    [InlineData("## One manifest, file by file")]
    [InlineData("## One crash, file by file")]
    public void A_walk_goes_by_files_that_are_as_long_as_it_says(string heading)
    {
        MarkdownTable table = MarkdownTable.Below(heading, Page);
        string[] files = [.. table.Lines.Skip(2).Select(row => row.Split('`')[1])];

        table.ShouldBe(
            "| file | lines | what happens |",
            files.Select(file => $"| `{file}` | {File.ReadLines(SourceTree.At(file)).Count()} | {table.LastCellOf($"`{file}`")} |")
        );
    }

    [GeneratedRegex(
        "^ {8}(?<name>[A-Z][A-Za-z/]+) {2,}",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 5000
    )]
    private static partial Regex Rooms();
}
