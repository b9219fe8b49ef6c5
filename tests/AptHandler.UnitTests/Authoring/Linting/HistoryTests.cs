using AptHandler.Authoring.Manifests;

namespace AptHandler.UnitTests.Authoring.Linting;

public sealed class HistoryTests : ManifestTest
{
    private const string Foo1 = """{ "name": "foo", "version": "1.0" }""";
    private const string Foo2 = """{ "name": "foo", "version": "2.0" }""";
    private const string Bar = """{ "name": "bar", "version": "3.0.2" }""";
    private const string NoFoo = """{ "name": "foo-" }""";

    [Fact]
    public void The_next_version_that_keeps_every_package_and_adds_one_is_well() =>
        Check(Version("2.0", Foo1, Bar), Version("1.0", Foo1)).Should().BeEmpty();

    [Fact]
    public void A_package_that_is_neither_kept_nor_removed_is_missed()
    {
        var finding = Check(Version("2.0", Bar), Version("1.0", Foo1)).Should().ContainSingle().Subject;

        finding.Problem.ToString().Should().StartWith("(4,15): warning not-cumulative: The manifest says nothing of the package \"foo\"");
        finding.Problem.Path.Should().Be("$.packages");
        finding.Problem.Remedy.Should().StartWith("""add { "name": "foo", "version": "1.0" }""");
    }

    [Fact]
    public void A_package_of_any_earlier_manifest_is_missed_in_the_version_that_it_had_last() =>
        Check(Version("4.0", Bar), Version("3.0", Bar), Version("1.0", Foo1), Version("2.0", Foo2, Bar))
            .Should()
            .ContainSingle()
            .Which.Problem.Remedy.Should()
            .StartWith($"add {Foo2}");

    [Fact]
    public void Whether_a_package_is_to_stay_or_to_go_is_for_a_person_to_say()
    {
        ManifestFile now = Version("2.0", Bar);
        Fixed(now, Version("1.0", Foo1)).Should().Be(System.Text.Encoding.UTF8.GetString(now.Bytes));
    }

    [Fact]
    public void A_removal_is_missed_because_a_device_may_have_skipped_it() =>
        Fixed(Version("3.0", Bar), Version("1.0", Foo1, Bar), Version("2.0", NoFoo, Bar)).Should().Contain($"{Bar},\n    {NoFoo}");

    [Fact]
    public void Removing_a_package_is_as_good_as_keeping_it() => Check(Version("2.0", NoFoo), Version("1.0", Foo1)).Should().BeEmpty();

    [Fact]
    public void Versions_of_manifests_are_ordered_as_Debian_does_whatever_the_order_of_the_files() =>
        Short(Check(Version("1.10", Foo1), Version("1.9", Foo2), Version("1.2", Foo1))).Should().Equal("5:5 warning downgrade");

    [Fact]
    public void A_package_that_goes_back_is_named_with_both_versions() =>
        Check(Version("2.0", Foo1), Version("1.0", Foo2))
            .Should()
            .ContainSingle()
            .Which.Problem.Fault.Should()
            .Match("The package \"foo\" goes back to 1.0 from 2.0 of \"*line-1.0.json\"");

    [Theory]
    [InlineData("2.0", "error version-used-before")]
    [InlineData("1.9", "warning version-not-raised")]
    public void A_version_that_is_used_is_an_error_and_one_that_is_not_raised_a_warning(string version, string expected)
    {
        ManifestFile old = Version("2.0", Foo1);
        ManifestFile now = Written($$"""{ "name": "line", "version": "{{version}}", "packages": [ {{Foo2}} ] }""");

        Short(Check(now, old)).Should().Equal($"1:30 {expected}");
    }

    [Fact]
    public void Another_spelling_of_a_used_version_is_not_a_higher_one() =>
        Short(Check(Version("2.00", Foo1), Version("2.0", Foo1))).Should().Equal("3:14 warning version-not-raised");

    [Fact]
    public void The_same_manifest_in_another_file_is_the_same_update() =>
        Check(Version("1.0", Foo1), Written(File.ReadAllText(Version("1.0", Foo1).Path), "copy.json")).Should().BeEmpty();

    [Fact]
    public void Another_name_begins_another_line_of_updates()
    {
        ManifestFile other = Written($$"""{ "name": "other", "version": "1.0", "packages": [ {{Foo1}} ] }""");

        Short(Check(other, Version("1.0", Foo1, Bar))).Should().Equal("1:11 warning name-changed");
        Check(
                other,
                Version("1.0", Foo1, Bar),
                Written($$"""{ "name": "other", "version": "0.9", "packages": [ {{Foo1}} ] }""", "old.json")
            )
            .Should()
            .BeEmpty();
    }

    [Theory]
    [InlineData("https://two.example/", "stable", "a")]
    [InlineData("https://one.example/", "testing", "a")]
    [InlineData("https://one.example/", "stable", "b")]
    public void The_same_version_with_another_source_is_not_the_same_update(string uri, string suite, string key)
    {
        ManifestFile old = Sourced("1.0", Source("https://one.example/", "stable", "a"));

        Check(Sourced("1.0", Source("https://one.example/", "stable", "a"), "copy.json"), old).Should().BeEmpty();
        Short(Check(Sourced("1.0", Source(uri, suite, key), "new.json"), old))
            .Should()
            .Equal("1:30 error version-used-before", "2:12 note source-changed");
        Short(Check(Sourced("1.0", "null", "new.json"), old)).Should().Equal("1:30 error version-used-before");
    }

    [Fact]
    public void A_source_that_is_another_one_in_a_later_version_is_told_with_what_is_different()
    {
        ManifestFile old = Sourced("1.0", Source("https://one.example/", "stable", "a"));
        var finding = Check(Sourced("2.0", Source("https://two.example/", "testing", "a")), old).Should().ContainSingle().Subject;

        finding.Problem.Path.Should().Be("$.sources");
        finding.Problem.Fault.Should().Match("The source \"edge\" is another one than in \"*line-1.0.json\", by its uris, suites");
    }

    [Fact]
    public void A_source_that_is_neither_kept_nor_removed_is_missed_and_so_is_the_removal_of_one()
    {
        ManifestFile brings = Sourced("1.0", Source("https://one.example/", "stable", "a")),
            removes = Sourced("2.0", "null");

        Short(Check(Version("3.0", Foo1), brings)).Should().Equal("1:1 warning not-cumulative");
        Check(Version("3.0", Foo1), brings)[0]
            .Problem.Message.Should()
            .Contain("says nothing of the source \"edge\"")
            .And.Contain("as null");
        Check(Version("3.0", Foo1), brings, removes)[0]
            .Problem.Message.Should()
            .Contain("no longer removes the source \"edge\"")
            .And.Contain("add \"edge\": null");
        Check(Sourced("3.0", "null"), brings, removes).Should().BeEmpty();
        Check(Sourced("3.0", Source("https://one.example/", "stable", "a")), brings, removes).Should().BeEmpty();
    }

    private static string Source(string uri, string suite, string key) =>
        $$"""{ "uris": ["{{uri}}"], "suites": ["{{suite}}"], "components": ["main"], "keyring": "/usr/share/keyrings/{{key}}.gpg" }""";

    private ManifestFile Sourced(string version, string source, string? file = null) =>
        Written(
            $$"""
            { "name": "line", "version": "{{version}}", "packages": [ {{Foo1}} ],
            "sources": { "edge": {{source}} } }
            """,
            file ?? $"line-{version}.json"
        );

    [Fact]
    public void A_package_without_a_version_is_told_without_any_earlier_manifest() =>
        Short(Check(Version("1.0", """{ "name": "foo" }"""))).Should().Equal("5:5 note not-pinned");
}
