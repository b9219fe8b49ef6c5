using System.Text.RegularExpressions;

namespace AptHandler.UnitTests.Documentation;

/// <summary>SECURITY.md claims nothing without a test that shows it, or a reason beside it.</summary>
public sealed partial class SecurityPageTests
{
    private static readonly string Page = File.ReadAllText(SourceTree.At("SECURITY.md"));

    private static string Claims => Page[Page.IndexOf("## What holds", StringComparison.Ordinal)..];

    [Fact]
    public void Each_claim_names_a_test_or_a_reason() =>
        Items()
            .Matches(Claims)
            .Select(item => item.Value)
            .Should()
            .HaveCountGreaterThan(30)
            .And.OnlyContain(item => item.Contains("Reason: ", StringComparison.Ordinal) || Tests().IsMatch(item));

    [Fact]
    public void Each_test_that_is_named_is_there()
    {
        var sources = Directory
            .EnumerateFiles(SourceTree.At("tests"), "*Tests.cs", SearchOption.AllDirectories)
            .ToLookup(path => Path.GetFileNameWithoutExtension(path), File.ReadAllText, StringComparer.Ordinal);
        foreach (var test in Tests().Matches(Claims).Select(match => match.Groups))
        {
            sources[test["class"].Value]
                .Should()
                .NotBeEmpty(test["class"].Value)
                .And.Contain(
                    text => text.Contains($"void {test["method"].Value}(", StringComparison.Ordinal) || test["method"].Length == 0,
                    test["method"].Value
                );
        }
    }

    [GeneratedRegex(@"^- (?:.+\n)(?:  .+\n)*", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Items();

    [GeneratedRegex(@"\[`(?<class>\w+)(\.(?<method>\w+))?`\]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Tests();
}
