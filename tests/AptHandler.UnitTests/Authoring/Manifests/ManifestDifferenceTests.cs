using AptHandler.Authoring.Manifests;
using AptHandler.Manifests;
using ManifestText = AptHandler.UnitTests.Manifests.ManifestText;

namespace AptHandler.UnitTests.Authoring.Manifests;

public sealed class ManifestDifferenceTests
{
    [Theory]
    [InlineData("", "foo=1.0", "foo Added - 1.0")]
    [InlineData("", "foo", "foo Added - newest")]
    [InlineData("", "foo-", "foo Removed - removal")]
    [InlineData("foo=1.0", "", "foo Unlisted 1.0 -")]
    [InlineData("foo", "", "foo Unlisted newest -")]
    [InlineData("foo-", "", "foo Unlisted removal -")]
    [InlineData("foo=1.0", "foo-", "foo Removed 1.0 removal")]
    [InlineData("foo", "foo-", "foo Removed newest removal")]
    [InlineData("foo-", "foo", "foo Added removal newest")]
    [InlineData("foo-", "foo=1", "foo Added removal 1")]
    [InlineData("foo", "foo=1", "foo Pinned newest 1")]
    [InlineData("foo=1", "foo", "foo Unpinned 1 newest")]
    [InlineData("foo=1.9", "foo=1.10", "foo Raised 1.9 1.10")]
    [InlineData("foo=1.0", "foo=1.0~rc1", "foo Lowered 1.0 1.0~rc1")]
    [InlineData("foo=9", "foo=1:1", "foo Raised 9 1:1")]
    [InlineData("foo=1.0", "foo=1.0-0", null)]
    [InlineData("foo", "foo", null)]
    [InlineData("foo-", "foo-", null)]
    public void Each_change_of_a_wish_has_a_name_of_its_own(string before, string after, string? expected) =>
        Between($"same=1 {before}", $"{after} same=1").Should().Equal(expected is null ? [] : [expected]);

    [Fact]
    public void They_come_in_the_order_of_names_wherever_they_stand() =>
        Between("zoo=1 bar-", "new bar g++:armhf=2 g++")
            .Select(each => each.Split(' ')[0])
            .Should()
            .Equal("bar", "g++", "g++:armhf", "new", "zoo");

    private static IEnumerable<string> Between(string before, string after) =>
        ManifestDifference
            .Between(Manifest(before), Manifest(after))
            .Select(each => $"{each.Name} {each.Kind} {each.Before ?? "-"} {each.After ?? "-"}");

    private static AptManifest Manifest(string words) =>
        ManifestText
            .Read(
                ManifestText.With([
                    .. words
                        .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                        .Select(word =>
                            word.Split('=') is [var name, var version]
                                ? $$"""{ "name": "{{name}}", "version": "{{version}}" }"""
                                : $$"""{ "name": "{{word}}" }"""
                        ),
                ])
            )
            .Manifest!;
}
