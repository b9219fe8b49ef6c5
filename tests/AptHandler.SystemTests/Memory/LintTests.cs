using System.Globalization;
using System.Text;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Memory;

/// <summary>Manifests as large as they may be, with something to be said about each of their packages.</summary>
public sealed class LintTests(LintTests.Published packages) : DeviceTests<LintTests.Published>(packages)
{
    private const int LargestManifest = 1 << 20;

    [Theory]
    [InlineData]
    [InlineData("--json")]
    [InlineData("--sarif")]
    public void What_is_wrong_in_very_many_places_is_listed_in_part_and_counted(params string[] options)
    {
        var (old, manifest) = (Write("old", "1", "old", out var oldCount), Write("new", "2", "new", out var newCount));
        var outcome = PeakMemory.Of(Root, ["manifest", "lint", manifest, "--previous", old, .. options]).Bounded();
        outcome.ExitStatus.Should().Be(0, outcome.Errors);
        foreach (var (count, severity) in new[] { (newCount, "notes"), (oldCount, "warnings") })
        {
            var more = (count - 1000).ToString(CultureInfo.InvariantCulture);
            outcome.Output.Should().Contain($"There are {more} more {severity} in this manifest");
        }

        outcome.Output.Length.Should().BeLessThan(3_000_000);
    }

    [Fact]
    public void Two_manifests_that_say_the_same_are_known_as_such_at_once()
    {
        var (old, manifest) = (Write("old", "1", "same", out _), Write("new", "1", "same", out _));
        var outcome = PeakMemory.Of(Root, "manifest", "lint", manifest, "--previous", old).Bounded().Succeeded("lint");
        outcome.Output.Should().NotContain("version-used-before");
        outcome.Took.Should().BeLessThan(TimeSpan.FromSeconds(10));
    }

    private string Write(string file, string version, string start, out int count)
    {
        var text = new StringBuilder($"{{\"name\":\"line\",\"version\":\"{version}\",\"packages\":[{{\"name\":\"{start}\"}}");
        for (count = 1; text.Length < LargestManifest - 50; count++)
            text.Append(CultureInfo.InvariantCulture, $",{{\"name\":\"{start}{count}\"}}");
        return Root.WriteManifest(text.Append("]}").ToString(), $"{file}.json");
    }

    public sealed class Published() : PublishedPackages(repository => repository.Package("app", "1"));
}
