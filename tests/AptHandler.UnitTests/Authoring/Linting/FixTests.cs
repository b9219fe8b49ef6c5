using AptHandler.Authoring.Linting;
using AptHandler.Authoring.Manifests;
using AptHandler.Manifests;
using AptHandler.UnitTests.Manifests;

namespace AptHandler.UnitTests.Authoring.Linting;

public sealed class FixTests : ManifestTest
{
    public static TheoryData<string> Faulty =>
        [
            .. Directory
                .EnumerateFiles(Corpus.Invalid)
                .Concat(Directory.EnumerateFiles(Corpus.Warned))
                .Order(StringComparer.Ordinal)
                .Select(Path.GetFileName)
                .OfType<string>(),
        ];

    [Theory]
    [InlineData("""{ "name": "foo", "version": "=1.0" }""", """{ "name": "foo", "version": "1.0" }""")]
    [InlineData("""{ "name": "foo", "version": " 1.0 " }""", """{ "name": "foo", "version": "1.0" }""")]
    [InlineData("""{ "name": "foo", "version": "v1.0" }""", """{ "name": "foo", "version": "1.0" }""")]
    [InlineData("""{ "name": "foo", "version": 1.0 }""", """{ "name": "foo", "version": "1.0" }""")]
    [InlineData("""{ "name": "foo", "version": "latest" }""", """{ "name": "foo" }""")]
    [InlineData("""{ "name": " Foo" }""", """{ "name": "foo" }""")]
    [InlineData("""{ "name": "foo=1:1.0-1" }""", """{ "name": "foo", "version": "1:1.0-1" }""")]
    [InlineData("""{ "name": "foo", }""", """{ "name": "foo" }""")]
    [InlineData("""{ "name": "foo" } ,""", """{ "name": "foo" } """)]
    [InlineData("""{ "name": "foo" }, { "name": "foo" }, { "name": "bar" }""", """{ "name": "foo" }, { "name": "bar" }""")]
    [InlineData("""{ "name": "Foo", }, { "name": "foo", "version": "any" },""", """{ "name": "foo" }""")]
    [InlineData("""{ "\ud800": 1, "name": " foo" }""", """{ "\ud800": 1, "name": "foo" }""")]
    public void What_can_have_only_one_meaning_is_written_so(string entries, string mended) =>
        Fixed(Written(Around(entries))).Should().Be(Around(mended));

    [Theory]
    [InlineData("""{ "name": "foo", "version": ">= 1.0" }""")]
    [InlineData("""{ "name": "foo-", "version": "1.0" }""")]
    [InlineData("""{ "name": "foo", "version": "1.0" }, { "name": "foo", "version": "2.0" }""")]
    [InlineData("""{ "name": "foo", "name": "bar" }""")]
    [InlineData("""{ "name": "foo", "version": "latest", "version": "latest" }""")]
    [InlineData("""{ "name": "foo", "version": 1, "version": 2 }""")]
    [InlineData("""{ "name": "foo*" }""")]
    [InlineData("""{ "version": "latest", "name": "foo" }""")]
    [InlineData("""{ "name": "foo", "version": "1.0-" }""")]
    [InlineData("""{ "name": "foo" } { "name": "bar" }""")]
    public void What_can_have_several_meanings_is_left_to_its_author(string entries) =>
        Fixed(Written(Around(entries))).Should().Be(Around(entries));

    [Fact]
    public void Everything_else_in_the_file_stays_as_it_was_written()
    {
        const string Text =
            "\uFEFF{ \"x-note\" : [ 1,2 "
            + "],\r\n\t\"name\":\"é\",\"version\":\"1\",\r\n\t\"packages\":[\r\n\t\t{\"name\":\"foo\",\"version\":\"=1\"}]}\r\n";

        Fixed(Written(Text)).Should().Be(Text.Replace("=1", "1", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_added_stands_in_lines_as_its_neighbours_do()
    {
        ManifestFile old = Version("1.0", """{ "name": "foo-" }""");

        Fixed(Written("""{"name":"line","version":"2.0","packages":[{"name":"bar-"}]}"""), old)
            .Should()
            .Be("""{"name":"line","version":"2.0","packages":[{"name":"bar-"}, { "name": "foo-" }]}""");
        Fixed(Version("2.0", """{ "name": "bar-" }"""), old)
            .Should()
            .Contain("    { \"name\": \"bar-\" },\n    { \"name\": \"foo-\" }\n  ]");
        Fixed(Written("{\"name\":\"line\",\"version\":\"2.0\",\"packages\":[\r\n  {\"name\":\"bar-\"}\r\n]}"), old)
            .Should()
            .EndWith("{\"name\":\"bar-\"},\r\n  { \"name\": \"foo-\" }\r\n]}");
    }

    [Theory]
    [MemberData(nameof(Faulty))]
    public void Mending_ends_and_leaves_nothing_that_could_be_mended(string name)
    {
        string folder = File.Exists(Path.Combine(Corpus.Invalid, name)) ? Corpus.Invalid : Corpus.Warned;
        ManifestFile file = ManifestFile.Read(Path.Combine(folder, name));

        var mended = file;
        var problems = new List<ManifestProblem>();
        var left = Lint.Fix(ref mended, each => Lint.Check(each, []), problems);

        left.Should().NotContain(finding => finding.Mend != null).And.BeEquivalentTo(Lint.Check(mended, []));
        (problems.Count == 0).Should().Be(mended.Bytes.AsSpan().SequenceEqual(file.Bytes));
    }

    [Fact]
    public void A_manifest_with_more_mistakes_than_are_listed_is_mended_whole()
    {
        string text = Around(string.Join(",\n", Enumerable.Range(0, 1000).Select(i => $$"""{ "name": "foo-{{i}}", "version": "=1.0" }""")));

        Fixed(Written(text)).Should().Be(text.Replace("=", "", StringComparison.Ordinal));
    }

    private static string Around(string entries) => $$"""{ "name": "n", "version": "1", "packages": [ {{entries}} ] }""";
}
