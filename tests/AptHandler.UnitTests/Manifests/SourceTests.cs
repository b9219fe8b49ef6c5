using AptHandler.Manifests;

namespace AptHandler.UnitTests.Manifests;

/// <summary>The sources of a manifest, and what people and attackers write there.</summary>
public sealed class SourceTests
{
    private const string Key = """-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEZx4t\n=Q1w2\n-----END PGP PUBLIC KEY BLOCK-----\n""";

    [Fact]
    public void A_source_is_read_as_it_is_written()
    {
        AptManifest manifest = Read(
            $$"""
            "contoso": { "uris": ["https://a", "https://b"], "suites": ["stable"], "components": ["main"], "architectures": ["arm64"], "signingKey": "{{Key}}" },
            "flat": { "uris": ["file:/srv"], "suites": ["./"], "keyring": "/usr/share/keyrings/a.gpg" },
            "old": null
            """
        ).Manifest!;

        manifest
            .Sources.Should()
            .BeEquivalentTo(
                new[]
                {
                    new AptSource
                    {
                        Id = "contoso",
                        Uris = ["https://a", "https://b"],
                        Suites = ["stable"],
                        Components = ["main"],
                        Architectures = ["arm64"],
                        SigningKey = Key.Replace("\\n", "\n", StringComparison.Ordinal),
                    },
                    new AptSource
                    {
                        Id = "flat",
                        Uris = ["file:/srv"],
                        Suites = ["./"],
                        Keyring = "/usr/share/keyrings/a.gpg",
                    },
                    new AptSource { Id = "old", IsRemoval = true },
                },
                options => options.WithStrictOrdering()
            );
    }

    [Fact]
    public void A_manifest_without_sources_has_none() =>
        ManifestText.Read(ManifestText.With("""{"name":"foo"}""")).Manifest!.Sources.Should().BeEmpty();

    [Fact]
    public void All_that_is_wrong_is_told_at_once_each_with_its_place()
    {
        ManifestReading reading = Read(
            """
            "../x": { "uris": ["ftp://a", "https://u:p@a"], "suites": ["a b", "./"], "components": [],
                      "keyring": "/tmp/a.gpg", "signingKey": "x", "trusted": true },
            "my-own": { "uris": 1, "architectures": ["any"] },
            "my-own": null
            """
        );

        reading.Manifest.Should().BeNull();
        reading
            .Problems.Select(problem => $"{problem.Line},{problem.Column} {problem.Path} {problem.Code}")
            .Should()
            .Equal(
                """2,1 $.sources["../x"] invalid-source-id""",
                """2,20 $.sources["../x"].uris[0] invalid-uri""",
                """2,31 $.sources["../x"].uris[1] invalid-uri""",
                """2,60 $.sources["../x"].suites[0] invalid-suite""",
                """2,60 $.sources["../x"].suites[0] unfit-components""",
                """2,88 $.sources["../x"].components empty-list""",
                """2,88 $.sources["../x"].components unfit-components""",
                """3,22 $.sources["../x"].keyring invalid-keyring""",
                """3,22 $.sources["../x"].keyring not-one-key""",
                """3,50 $.sources["../x"].signingKey invalid-signing-key""",
                """3,55 $.sources["../x"].trusted unknown-source-member""",
                """4,11 $.sources["my-own"].suites missing-member""",
                """4,11 $.sources["my-own"].components unfit-components""",
                """4,11 $.sources["my-own"].keyring not-one-key""",
                """4,21 $.sources["my-own"].uris wrong-type""",
                """4,42 $.sources["my-own"].architectures[0] invalid-architecture""",
                """5,1 $.sources["my-own"] duplicate-member"""
            );
    }

    [Theory]
    [InlineData("https://user:secret@a/", "apt_auth.conf(5)")]
    [InlineData("https://user@a/", "apt_auth.conf(5)")]
    [InlineData("https://user:pw?@127.0.0.1:9/apt", "apt_auth.conf(5)")]
    [InlineData("https://127.0.0.1:9?x@127.0.0.2/apt", "apt_auth.conf(5)")]
    [InlineData("https://a?b", "up to the first '/'")]
    [InlineData("https://a_b/", "letters, digits, '-' and '.'")]
    [InlineData("https://[::1/", "in brackets")]
    [InlineData("https://a]/", "in brackets")]
    [InlineData("https://:80/", "no host")]
    [InlineData("https://a:/", "from 1 to 65535")]
    [InlineData("https://[::1]:65536/", "from 1 to 65535")]
    [InlineData("sftp://a", "https, http, file and copy")]
    [InlineData("https:///a", "no host")]
    [InlineData("file:a", "no absolute path")]
    [InlineData("https://a b", "%20")]
    public void What_is_wrong_with_an_address_is_told_with_what_to_write(string uri, string expected) =>
        Read(
            $$"""
            "x": { "uris": ["{{uri}}"], "suites": ["./"], "keyring": "/usr/share/keyrings/a.gpg" }
            """
        )
            .Problems.Should()
            .ContainSingle()
            .Which.Message.Should()
            .Contain(expected);

    [Theory]
    [InlineData("trusted")]
    [InlineData("allow-insecure")]
    [InlineData("signed-by")]
    [InlineData("enabled")]
    public void No_member_makes_a_source_unsigned_or_trusted(string member)
    {
        ManifestProblem problem = Read(
            $$"""
            "x": { "uris": ["https://a"], "suites": ["./"], "keyring": "/usr/share/keyrings/a.gpg", "{{member}}": "yes" }
            """
        )
            .Problems.Should()
            .ContainSingle()
            .Subject;

        (problem.Code, problem.Severity).Should().Be((ManifestProblemCodes.UnknownSourceMember, ProblemSeverity.Error));
    }

    private static ManifestReading Read(string sources) =>
        ManifestText.Read("{\"name\":\"n\",\"version\":\"1\",\"packages\":[{\"name\":\"foo\"}],\"sources\":{\n" + sources + "}}");
}
