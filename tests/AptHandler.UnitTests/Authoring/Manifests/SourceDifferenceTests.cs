using AptHandler.Authoring.Manifests;
using AptHandler.Manifests;
using ManifestText = AptHandler.UnitTests.Manifests.ManifestText;

namespace AptHandler.UnitTests.Authoring.Manifests;

public sealed class SourceDifferenceTests
{
    private const string Plain =
        """{ "uris": ["https://one.example"], "suites": ["stable"], "components": ["main"], "keyring": "/usr/share/keyrings/a.gpg" }""";

    [Theory]
    [InlineData("https://one.example", "https://two.example", "contoso Changed uris https://one.example https://two.example")]
    [InlineData(
        "\"https://one.example\"",
        "\"https://one.example\", \"https://two.example\"",
        "contoso Changed uris https://one.example https://one.example https://two.example"
    )]
    [InlineData("\"stable\"", "\"testing\"", "contoso Changed suites stable testing")]
    [InlineData("\"main\"", "\"main\", \"extra\"", "contoso Changed components main main extra")]
    [InlineData("\"keyring\"", "\"architectures\": [\"arm64\"], \"keyring\"", "contoso Changed architectures - arm64")]
    [InlineData("a.gpg", "b.gpg", "contoso Changed keyring /usr/share/keyrings/a.gpg /usr/share/keyrings/b.gpg")]
    public void A_member_of_a_source_that_is_another_one_is_a_difference(string text, string other, string expected) =>
        Between(Plain, Plain.Replace(text, other, StringComparison.Ordinal)).Should().Equal(expected);

    [Fact]
    public void Another_key_is_a_difference_and_told_by_its_hash()
    {
        string[] differences = [.. Between(Signed("AAAA"), Signed("BBBB"))];
        differences
            .Should()
            .ContainSingle()
            .Which.Should()
            .MatchRegex("^contoso Changed signingKey SHA-256 [0-9a-f]{64} SHA-256 [0-9a-f]{64}$");
        differences[0].Split(' ').Distinct(StringComparer.Ordinal).Should().HaveCount(6, "the two hashes are not the same");
        Between(Plain, Signed("AAAA")).Select(each => each.Split(' ')[2]).Should().Equal("signingKey", "keyring");
    }

    [Fact]
    public void A_source_that_comes_is_told_with_all_its_members()
    {
        string[] members =
        [
            "contoso Added uris - https://one.example",
            "contoso Added suites - stable",
            "contoso Added components - main",
            "contoso Added keyring - /usr/share/keyrings/a.gpg",
        ];
        Between(null, Plain).Should().Equal(members);
        Between("null", Plain).Should().Equal(members);
    }

    [Fact]
    public void A_source_that_goes_or_is_no_longer_named_is_told_and_so_is_a_removal_that_is_dropped()
    {
        Between(Plain, "null").Should().Equal("contoso Removed  https://one.example removal");
        Between(Plain, null).Should().Equal("contoso Unlisted  https://one.example -");
        Between("null", null).Should().Equal("contoso Unlisted  removal -");
        Between(null, "null").Should().Equal("contoso Removed  - removal");
    }

    [Fact]
    public void The_same_sources_are_no_difference()
    {
        Between(Plain, Plain).Should().BeEmpty();
        Between("null", "null").Should().BeEmpty();
        Between(Signed("AAAA"), Signed("AAAA")).Should().BeEmpty();
    }

    private static string Signed(string key) =>
        Plain.Replace(
            "\"keyring\": \"/usr/share/keyrings/a.gpg\"",
            $"\"signingKey\": \"-----BEGIN PGP PUBLIC KEY BLOCK-----\\n\\n{key}\\n-----END PGP PUBLIC KEY BLOCK-----\\n\"",
            StringComparison.Ordinal
        );

    private static IEnumerable<string> Between(string? before, string? after) =>
        SourceDifference
            .Between(Manifest(before), Manifest(after))
            .Select(each => $"{each.Id} {each.Kind} {each.Member} {each.Before ?? "-"} {each.After ?? "-"}");

    private static AptManifest Manifest(string? source)
    {
        string sources = source is null ? "" : $", \"sources\": {{ \"contoso\": {source} }}";
        string text = ManifestText.With("""{ "name": "foo", "version": "1" }""").TrimEnd('}') + $"{sources} }}";
        ManifestReading reading = ManifestText.Read(text);
        reading.Problems.Should().BeEmpty();
        return reading.Manifest!;
    }
}
