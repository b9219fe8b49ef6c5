using System.Xml.Linq;

namespace AptHandler.UnitTests.Documentation;

public sealed class ContributingTests
{
    [Fact]
    public void The_table_of_packages_has_each_one_that_is_taken_in_their_order()
    {
        IEnumerable<string> taken = XDocument
            .Load(SourceTree.At("Directory.Packages.props"))
            .Descendants("PackageVersion")
            .Select(package => package.Attribute("Include")!.Value);

        MarkdownTable
            .Below("## What it is built with", "CONTRIBUTING.md")
            .Lines.Skip(2)
            .Select(row => row.Split('|')[1].Trim())
            .Should()
            .Equal(taken);
    }
}
