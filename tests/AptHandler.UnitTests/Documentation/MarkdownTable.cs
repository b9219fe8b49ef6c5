using System.Text.RegularExpressions;

namespace AptHandler.UnitTests.Documentation;

/// <summary>A table of a page of ours, which has to say what the code says.</summary>
/// <param name="Page">The page, from the root of the repository.</param>
/// <param name="Heading">The heading that it stands below.</param>
/// <param name="Lines">Its lines.</param>
internal sealed partial record MarkdownTable(string Page, string Heading, IReadOnlyList<string> Lines)
{
    /// <summary>The first table below a heading.</summary>
    public static MarkdownTable Below(string heading, string page)
    {
        string text = File.ReadAllText(SourceTree.At(page));
        return new(
            page,
            heading,
            [
                .. text[text.IndexOf($"\n{heading}\n", StringComparison.Ordinal)..]
                    .Split('\n')
                    .SkipWhile(line => !line.StartsWith('|'))
                    .TakeWhile(line => line.StartsWith('|')),
            ]
        );
    }

    /// <summary>The last cell of the row that begins with a cell; empty where there is no such row.</summary>
    public string LastCellOf(string first) =>
        Lines.FirstOrDefault(line => line.StartsWith($"| {first} |", StringComparison.Ordinal)) is { } row
            ? row.TrimEnd('|').Split('|')[^1].Trim()
            : "";

    /// <summary>
    /// Compares all of it; where it differs the failure prints what has to be there. Where <c>DU_APT_WRITE_DOCS</c> is set, as
    /// scripts/docs.sh does, it is written instead.
    /// </summary>
    public void ShouldBe(string head, IEnumerable<string> rows)
    {
        // What stands in angle brackets would be a tag.
        string right = string.Join(
            '\n',
            [
                head,
                Cells().Replace(head, " --- "),
                .. rows.Select(row => row.Replace("<", "\\<", StringComparison.Ordinal).Replace("  ", " ", StringComparison.Ordinal)),
            ]
        );
        string now = string.Join('\n', Lines);
        if (now != right && Environment.GetEnvironmentVariable("DU_APT_WRITE_DOCS") == "1")
        {
            string file = SourceTree.At(Page);
            File.WriteAllText(file, File.ReadAllText(file).Replace(now, right, StringComparison.Ordinal));
            return;
        }

        Assert.True(now == right, $"the table below \"{Heading}\" in {Page} must be as below; scripts/docs.sh writes it:\n{right}\n");
    }

    [GeneratedRegex("[^|]+", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Cells();
}
