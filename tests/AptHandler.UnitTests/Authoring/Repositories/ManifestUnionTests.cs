using AptHandler.Authoring;
using AptHandler.Authoring.Repositories;
using AptHandler.Manifests;

namespace AptHandler.UnitTests.Authoring.Repositories;

/// <summary>Several manifests for one snapshot.</summary>
public sealed class ManifestUnionTests
{
    [Fact]
    public void What_two_want_alike_is_wanted_once_and_a_version_beats_none()
    {
        AptManifest both = ManifestUnion.Of(
            [Manifest("a", "xx=1.0", "yy", "zz-", "vv"), Manifest("b", "yy=2", "xx=1.0-0", "zz-", "ww", "vv")],
            "amd64"
        );
        both.Packages.Select(each => $"{each.Package} {each.Kind} {each.Version?.Text}")
            .Should()
            .Equal("xx InstallPinned 1.0", "yy InstallPinned 2", "zz Remove ", "vv InstallNewest ", "ww InstallNewest ");
    }

    [Theory]
    [InlineData("xx=1", "xx=2", "of xx the one wants 1, the other 2")]
    [InlineData("xx-", "xx", "of xx the one wants its removal, the other the newest version")]
    [InlineData("xx=1", "xx:amd64=2", "of xx:amd64 the one wants 1, the other 2")]
    [InlineData("xx:amd64-", "xx=1", "of xx the one wants its removal, the other 1")]
    [InlineData("xx=1", "xx-", "of xx the one wants 1, the other its removal")]
    public void What_cannot_be_is_told_with_both_wishes(string first, string second, string wishes)
    {
        Action union = () => ManifestUnion.Of([Manifest("a", first), Manifest("b", second)], "amd64");
        union.Should().Throw<InputException>().WithMessage($"cannot put a and b into one snapshot: {wishes}; *");
    }

    [Fact]
    public void Other_architectures_are_other_packages() =>
        ManifestUnion
            .Of([Manifest("a", "xx=1"), Manifest("b", "xx:arm64=2", "xx:amd64")], "amd64")
            .Packages.Select(each => $"{each.Package} {each.Version?.Text}")
            .Should()
            .Equal("xx 1", "xx:arm64 2");

    private static AptManifest Manifest(string name, params string[] words)
    {
        IEnumerable<string> entries = words.Select(word =>
            word.Split('=') is [var package, var version]
                ? $$"""{ "name": "{{package}}", "version": "{{version}}" }"""
                : $$"""{ "name": "{{word}}" }"""
        );
        return ManifestReader
            .Read(
                System.Text.Encoding.UTF8.GetBytes(
                    $$"""{ "name": "{{name}}", "version": "1", "packages": [ {{string.Join(", ", entries)}} ] }"""
                )
            )
            .Manifest!;
    }
}
