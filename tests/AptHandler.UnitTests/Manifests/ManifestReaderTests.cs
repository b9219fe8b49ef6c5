using AptHandler.Manifests;
using static AptHandler.UnitTests.Manifests.ManifestText;

namespace AptHandler.UnitTests.Manifests;

public class ManifestReaderTests
{
    private const string ImportManifest =
        """{ "updateId": { "provider": "c", "name": "n", "version": "1" }, "instructions": { "steps": [] }, "manifestVersion": "5.0", "files": [] }""";

    [Theory]
    [InlineData(ImportManifest, "missing-member $.packages 1:1", "This is an import manifest, which du-apt import-manifest verify takes")]
    [InlineData("\uFEFF" + ImportManifest, "missing-member $.packages 1:1", "This is an import manifest")]
    [InlineData(
        "!<arch>\ndebian-binary   1410122664  0     0     100644  4         `\n2.0\n",
        "not-utf8 $ 1:1",
        "This is a Debian package"
    )]
    public void A_file_of_another_kind_is_called_what_it_is(string text, string finding, string message)
    {
        foreach (string padded in new[] { text, text.PadRight(ManifestReader.MaximumSize + 1) })
        {
            ManifestReading reading = Read(padded);
            reading.Manifest.Should().BeNull();
            reading.Findings().Should().Equal(finding);
            reading.Summary().Should().Contain(message);
        }
    }

    [Theory]
    [InlineData("""{ "instructions": "read me", "name": "n", "version": "1", "packages": [ { "name": "foo" } ] }""", true)]
    [InlineData("""{ "instructions": "read me", "name": "n", "version": "1", "packages": [] }""", false)]
    [InlineData("""{ "name": "n", "version": "1", "other": { "instructions": {} } }""", false)]
    public void A_member_that_import_manifests_have_alone_makes_no_import_manifest(string text, bool isManifest)
    {
        ManifestReading reading = Read(text);
        (reading.Manifest is not null).Should().Be(isManifest);
        reading.Summary().Should().NotContain("import");
    }

    [Fact]
    public void The_first_example_of_the_documentation_pins_two_packages_in_their_order()
    {
        ManifestReading reading = Read(
            """
            {
            "name": "contoso-iot-edge",
            "version": "1.0.0.0",
            "packages": [
            {
            "name" : "thermocontrol",
            "version" : "1.0.1"
            },
            {
            "name" : "tempreport",
            "version" : "2.0.0"
            }
            ]
            }
            """
        );

        reading.Problems.Should().BeEmpty();
        reading.Manifest!.Name.Should().Be("contoso-iot-edge");
        reading.Manifest.Version.Should().Be("1.0.0.0");
        reading.Manifest.AgentRestartRequired.Should().BeFalse();
        reading.Manifest.RecommendedInstalledCriteria.Should().Be("contoso-iot-edge-1.0.0.0");
        reading.Wishes().Should().Equal("thermocontrol=1.0.1", "tempreport=2.0.0");
        reading.Manifest.Packages.Select(intent => (intent.Line, intent.Column)).Should().Equal((5, 1), (9, 1));
    }

    [Fact]
    public void The_documentations_example_of_a_removal_removes()
    {
        ManifestReading reading = Read(
            """
            {
            "name": "contoso-video",
            "version": "2.0.0.1",
            "packages": [
            {
            "name" : "foo-"
            }
            ]
            }
            """
        );

        reading.Problems.Should().BeEmpty();
        PackageIntent intent = reading.Manifest!.Packages.Should().ContainSingle().Subject;
        intent.Kind.Should().Be(PackageIntentKind.Remove);
        intent.Package.ToString().Should().Be("foo");
        intent.Version.Should().BeNull();
    }

    [Theory]
    [InlineData("""{"name":"foo","version":"1.0.8-2"}""", "foo=1.0.8-2")]
    [InlineData("""{"version":"1.0.8-2","name":"foo"}""", "foo=1.0.8-2")]
    [InlineData("""{"name":"foo"}""", "foo")]
    [InlineData("""{"name":"foo","version":null}""", "foo")]
    [InlineData("""{"name":"foo-","version":null}""", "foo-")]
    [InlineData("""{"name":"foo:arm64"}""", "foo:arm64")]
    [InlineData("""{"name":"foo:arm64-"}""", "foo:arm64-")]
    [InlineData("""{"name":"g++"}""", "g++")]
    [InlineData("""{"name":"g++-"}""", "g++-")]
    [InlineData("""{"name":"libstdc++6-"}""", "libstdc++6-")]
    [InlineData("""{"name":"python3.11-dev"}""", "python3.11-dev")]
    [InlineData("""{"\u006eame":"f\u006fo"}""", "foo")]
    public void A_package_is_pinned_newest_or_to_be_removed(string package, string wish)
    {
        ManifestReading reading = Read(With(package));

        reading.Problems.Should().BeEmpty();
        reading.Wishes().Should().Equal(wish);
    }

    [Fact]
    public void Only_one_minus_sign_is_taken_off()
    {
        PackageIntent intent = Read(With("""{"name":"foo--"}""")).Manifest!.Packages.Single();

        intent.Kind.Should().Be(PackageIntentKind.Remove);
        intent.Package.ToString().Should().Be("foo-");
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("null", false)]
    public void The_agent_is_restarted_when_the_manifest_says_so(string value, bool expected) =>
        Read($$"""{"name":"n","version":"1","agentRestartRequired":{{value}},"packages":[{"name":"foo"}]}""")
            .Manifest!.AgentRestartRequired.Should()
            .Be(expected);

    [Theory]
    [InlineData("""[]""", "wrong-type $ 1:1")]
    [InlineData(""" "text" """, "wrong-type $ 1:2")]
    [InlineData("""{}""", "missing-member $.name 1:1", "missing-member $.version 1:1", "missing-member $.packages 1:1")]
    [InlineData(
        """{"name":1,"version":2.0,"packages":3}""",
        "wrong-type $.name 1:9",
        "wrong-type $.version 1:21",
        "wrong-type $.packages 1:36"
    )]
    [InlineData(
        """{"name":[{}],"version":{"a":[]},"packages":{}}""",
        "wrong-type $.name 1:9",
        "wrong-type $.version 1:24",
        "wrong-type $.packages 1:44"
    )]
    [InlineData(
        """{"name":"","version":"\t","packages":[]}""",
        "empty-text $.name 1:9",
        "empty-text $.version 1:22",
        "no-packages $.packages 1:38"
    )]
    [InlineData(
        """{"name":"a\u0007","version":"\ud800","packages":[{"name":"foo"}]}""",
        "control-character $.name 1:9",
        "invalid-text $.version 1:29"
    )]
    [InlineData(
        """{"name":"n","version":"1","packages":[{"name":"foo"}],"agentRestartRequired":"true"}""",
        "wrong-type $.agentRestartRequired 1:78"
    )]
    public void Every_member_of_the_manifest_is_checked(string text, params string[] findings)
    {
        ManifestReading reading = Read(text);

        reading.Findings().Should().Equal(findings);
        reading.Manifest.Should().BeNull();
    }

    [Theory]
    [InlineData("""7""", "wrong-type $.packages[0] 4:5")]
    [InlineData("""{}""", "missing-member $.packages[0].name 4:5")]
    [InlineData("""{"name":null}""", "wrong-type $.packages[0].name 4:13")]
    [InlineData("""{"name":""}""", "empty-text $.packages[0].name 4:13")]
    [InlineData("""{"name":"Foo"}""", "invalid-package-name $.packages[0].name 4:13")]
    [InlineData("""{"name":"-"}""", "invalid-package-name $.packages[0].name 4:13")]
    [InlineData("""{"name":"Foo-"}""", "invalid-package-name $.packages[0].name 4:13")]
    [InlineData("""{"name":"foo","version":"=1.0"}""", "version-not-exact $.packages[0].version 4:29")]
    [InlineData("""{"name":"foo","version":"1_0"}""", "invalid-version $.packages[0].version 4:29")]
    [InlineData("""{"name":"foo","version":1.0}""", "wrong-type $.packages[0].version 4:29")]
    [InlineData("""{"name":"foo","version":true}""", "wrong-type $.packages[0].version 4:29")]
    [InlineData("""{"name":"foo","version":""}""", "empty-text $.packages[0].version 4:29")]
    [InlineData("""{"name":"foo-","version":"1.0"}""", "removal-with-version $.packages[0].version 4:30")]
    [InlineData("""{"version":"=1.0","name":"foo-"}""", "removal-with-version $.packages[0].version 4:16")]
    [InlineData(
        """{"version":"=1.0","name":"Foo"}""",
        "version-not-exact $.packages[0].version 4:16",
        "invalid-package-name $.packages[0].name 4:30"
    )]
    [InlineData("""{"version":"=1.0"}""", "missing-member $.packages[0].name 4:5", "version-not-exact $.packages[0].version 4:16")]
    [InlineData("""{"name":"foo","name":"foo"}""", "duplicate-member $.packages[0].name 4:19")]
    [InlineData("""{"x\udc00":1,"name":"foo"}""", "invalid-text $.packages[0] 4:6")]
    public void Every_member_of_a_package_is_checked(string package, params string[] findings)
    {
        ManifestReading reading = Read(With(package));

        reading.Findings().Should().Equal(findings);
        reading.Manifest.Should().BeNull();
    }

    [Fact]
    public void One_wrong_package_does_not_hide_the_next()
    {
        ManifestReading reading = Read(
            With(
                """{"name":"Foo"}""",
                """{"name":"foo","version":"*"}""",
                "[[1]]",
                """{"name":"ok"}""",
                """{"name":"bar","version":"v1"}"""
            )
        );

        reading
            .Findings()
            .Should()
            .Equal(
                "invalid-package-name $.packages[0].name 4:13",
                "version-not-exact $.packages[1].version 5:29",
                "wrong-type $.packages[2] 6:5",
                "invalid-version $.packages[4].version 8:29"
            );
    }

    [Fact]
    public void A_name_and_a_version_of_256_characters_are_accepted_and_of_257_are_not()
    {
        string Labelled(string character, int length) =>
            $$"""{"name":"{{string.Concat(Enumerable.Repeat(character, length))}}","version":"1","packages":[{"name":"foo"}]}""";

        Read(Labelled("n", 256)).Problems.Should().BeEmpty();
        Read(Labelled("n", 257)).Findings().Should().Equal("text-too-long $.name 1:9");
        Read(Labelled("😀", 256)).Problems.Should().BeEmpty();
        Read(Labelled("😀", 257)).Findings().Should().Equal("text-too-long $.name 1:9");
    }

    [Theory]
    [InlineData("""{"name":"foo","version":1.0}""", """write it in quotation marks: "1.0".""")]
    [InlineData("""{"name":"foo","version":"=1.0"}""", """The version "=1.0" of package "foo" starts with an equals sign*write "1.0".""")]
    [InlineData("""{"name":"foo","version":""}""", "leave the member out to install the newest version")]
    [InlineData("""{"name":"foo","version":"latest"}""", "leave the member out to install the newest version")]
    [InlineData("""{"name":"foo","version":">= 1.0"}""", "only one exact version can be asked for")]
    [InlineData("""{"name":"foo","version":"1.*"}""", "is a pattern")]
    [InlineData("""{"name":"foo","version":"2.0-1-"}""", "a removal has the sign after its name")]
    [InlineData("""{"name":"foo","version":" 1.0"}""", "holds a blank")]
    [InlineData("""{"name":" foo"}""", "has blanks around it")]
    [InlineData("""{"name":"foo=1.0"}""", """write what follows it as "version".""")]
    [InlineData("""{"name":"foo/stable"}""", "a manifest knows no suites")]
    [InlineData("""{"name":"foo bar"}""", "write one object for every package")]
    [InlineData("""{"name":"lib*"}""", "looks like a pattern")]
    [InlineData("""{"name":"foo-:arm64"}""", "foo:arm64-")]
    [InlineData("""{"name":"-"}""", "names no package before the minus sign")]
    [InlineData("""{"name":"foo-","version":"1"}""", "leave out the version or the minus sign")]
    public void A_message_says_what_to_write_instead(string package, string remedy) =>
        Read(With(package)).Problems.Should().ContainSingle().Which.Message.Should().Match($"*{remedy}*");

    [Fact]
    public void A_string_instead_of_a_boolean_is_told_to_lose_its_quotation_marks() =>
        Read("""{"name":"n","version":"1","packages":[{"name":"foo"}],"agentRestartRequired":"true"}""")
            .Problems.Single()
            .Message.Should()
            .Contain("without quotation marks")
            .And.Contain("a string");

    [Fact]
    public void Foreign_text_is_quoted_in_part_and_without_control_characters()
    {
        string message = Read(With($$"""{"name":"\u001b[2J\u202e{{new string('x', 500)}}"}""")).Problems.Single().Message;

        message.Should().Contain("\\u001b[2J\\u202exxx").And.Contain("x…\"");
        message.Length.Should().BeLessThan(250);
    }

    [Fact]
    public void A_file_of_the_largest_size_is_read_and_one_byte_more_is_refused()
    {
        string text = With("""{"name":"foo"}""");

        Read(text.PadRight(ManifestReader.MaximumSize)).Problems.Should().BeEmpty();
        Read(text.PadRight(ManifestReader.MaximumSize + 1)).Findings().Should().Equal("too-large $ 1:1");
    }

    [Fact]
    public void Too_many_errors_end_the_reading()
    {
        ManifestReading reading = Read(With([.. Enumerable.Repeat("1", 5000)]));

        reading.Problems.Should().HaveCount(101);
        reading.Findings().Last().Should().Be("too-many-problems $.packages[100] 104:5");
        reading.Problems[^1].Severity.Should().Be(ProblemSeverity.Error);
    }

    [Fact]
    public void Too_many_warnings_do_not_make_an_error_and_do_not_hide_one()
    {
        string[] doubtful = [.. Enumerable.Range(0, 150).Select(i => $$"""{"name":"foo{{i}}","note":0}""")];

        ManifestReading reading = Read(With(doubtful));
        reading.Manifest!.Packages.Should().HaveCount(150);
        reading.Problems.Should().HaveCount(101);
        reading.Findings().Last().Should().Be("too-many-problems $.packages[100].note 104:22");
        reading.Problems[^1].Severity.Should().Be(ProblemSeverity.Warning);
        Read(With([.. doubtful, "1"])).Findings().Last().Should().Be("wrong-type $.packages[150] 154:5");
    }

    [Fact]
    public void A_manifest_holds_as_many_packages_as_fit() =>
        Read(With([.. Enumerable.Range(0, 20_000).Select(i => $$"""{"name":"package-{{i}}"}""")]))
            .Manifest!.Packages.Should()
            .HaveCount(20_000)
            .And.OnlyHaveUniqueItems();
}
