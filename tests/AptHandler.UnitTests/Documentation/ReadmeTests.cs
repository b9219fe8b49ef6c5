using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using AptHandler.Manifests;
using AptHandler.Updates;

namespace AptHandler.UnitTests.Documentation;

/// <summary>The README says what the code says.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(Path.Combine(Root(), "README.md"));

    [Fact]
    public void The_table_of_extended_result_codes_is_that_of_the_code()
    {
        string[] expected = [.. ExtendedResult.All.OrderBy(each => each.Code).Select(each => $"| `{ExtendedResult.Format(each.Code)}` | {each.Meaning} | {each.Remedy} |")];
        Rows("## Extended result codes").Should().Equal(expected);
    }

    [Fact]
    public void The_manifest_that_it_shows_is_valid()
    {
        string manifest = JsonBlocks().Matches(Readme).Select(match => match.Groups["json"].Value).First(text => text.Contains("packages", StringComparison.Ordinal));
        ManifestReader.Read(Encoding.UTF8.GetBytes(manifest)).Problems.Should().BeEmpty();
    }

    [Fact]
    public void The_exit_statuses_are_the_outcomes_in_their_order()
    {
        Readme.Should().Contain("Exit status: 0 done, 1 the update failed, 2 the input is not valid, 3 worth another try later (a lock, the network), 4 cancelled.");
        Enum.GetValues<UpdateOutcome>().Select(outcome => (int)outcome).Should().Equal(0, 1, 2, 3, 4);
    }

    // The rows of the first table below a heading, without its head.
    private static IEnumerable<string> Rows(string heading) => Readme[Readme.IndexOf(heading, StringComparison.Ordinal)..]
        .Split('\n')
        .SkipWhile(line => !line.StartsWith('|'))
        .TakeWhile(line => line.StartsWith('|'))
        .Skip(2);

    [GeneratedRegex("```json\n(?<json>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex JsonBlocks();

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "AptHandler.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new DirectoryNotFoundException("cannot find the folder of AptHandler.sln above the tests");
    }
}
