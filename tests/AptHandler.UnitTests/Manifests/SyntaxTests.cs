using System.Text;
using AptHandler.Manifests;
using static AptHandler.UnitTests.Manifests.ManifestText;

namespace AptHandler.UnitTests.Manifests;

public class SyntaxTests
{
    [Theory]
    [InlineData("{\n  // why\n}", 2, 3, "JSON has no comments")]
    [InlineData("{\"a\":1 /* why */}", 1, 8, "JSON has no comments")]
    [InlineData("{\"a\":1, // why\n}", 1, 9, "JSON has no comments")]
    [InlineData("{\"a\":1,\n}", 1, 7, "no comma may stand before \"}\"")]
    [InlineData("{\"a\":[1, ]}", 1, 8, "no comma may stand before \"]\"")]
    [InlineData("{\"a\":1,,}", 1, 8, "a comma stands where nothing precedes it")]
    [InlineData("{,}", 1, 2, "a comma stands where nothing precedes it")]
    [InlineData("{\"a\":1\n \"b\":2}", 2, 2, "a comma is missing before \"b\"")]
    [InlineData("{\"a\" 1}", 1, 6, "a colon is missing after the member name \"a\"")]
    [InlineData("{\"a\":}", 1, 6, "has no value")]
    [InlineData("{\"a\":[1}", 1, 8, "another kind of bracket")]
    [InlineData("{]", 1, 2, "another kind of bracket")]
    [InlineData("{'a':1}", 1, 2, "straight double quotation mark")]
    [InlineData("{“a”:1}", 1, 2, "straight double quotation mark")]
    [InlineData("{\"a\":True}", 1, 6, "\"True\" is neither a string in quotation marks nor true, false or null")]
    [InlineData("{a:1}", 1, 2, "\"a\" is neither")]
    [InlineData("name: contoso\nversion: 1\n", 1, 1, "it begins like YAML")]
    [InlineData("\n# a comment\n---\nname: contoso\n", 2, 1, "it begins like YAML")]
    [InlineData("---\r\npackages:\r\n", 1, 1, "it begins like YAML")]
    [InlineData("packages:\n  - name: foo\n", 1, 1, "it begins like YAML")]
    [InlineData("- foo\n", 1, 1, "it begins like YAML")]
    [InlineData("Package: foo\nVersion: 1\n", 1, 1, "write it as JSON")]
    [InlineData("foo bar: baz", 1, 1, "\"foo\" is neither")]
    [InlineData("http://example.org", 1, 1, "is neither")]
    [InlineData("{\"a\":1.0.8-2}", 1, 6, "\"1.0.8-2\" is no number")]
    [InlineData("{\"a\":1", 1, 7, "the file ends before its last bracket is closed")]
    [InlineData("{\"a\"", 1, 5, "the file ends before its last bracket is closed")]
    [InlineData("{\"a\":1,", 1, 8, "the file ends before its last bracket is closed")]
    [InlineData("{", 1, 2, "the file ends before its last bracket is closed")]
    [InlineData("{\"a\":\"x", 1, 6, "the string is not closed before the file ends")]
    [InlineData("{\"a\":\"x\ny\"}", 1, 6, "the string is not closed in its line")]
    [InlineData("{\"a\":\"é\ty\"}", 1, 8, "the control character \"\\u0009\"")]
    [InlineData("{\"a\":\"é😀\\q\"}", 1, 10, "starts no escape sequence")]
    [InlineData("{\"a\":\"\\u12\"}", 1, 7, "starts no escape sequence")]
    [InlineData("{\"a\":\"x\\", 1, 8, "starts no escape sequence")]
    [InlineData("\0\0\0\0", 1, 1, "\\u0000")]
    public void A_fault_of_the_JSON_is_explained_where_it_is(string text, int line, int column, string explanation)
    {
        ManifestReading reading = Read(text);

        ManifestProblem problem = reading.Problems[^1];
        problem.Code.Should().Be("invalid-json");
        (problem.Path, problem.Line, problem.Column).Should().Be(("$", line, column));
        problem.Message.Should().StartWith("This is not JSON: ").And.Contain(explanation);
        reading.Manifest.Should().BeNull();
    }

    [Fact]
    public void Nothing_may_follow_the_last_brace()
    {
        ManifestReading reading = Read(With("""{"name":"foo"}""") + "\n{}");

        reading.Findings().Should().Equal("invalid-json $ 7:1");
        reading.Problems.Single().Message.Should().Contain("nothing may follow");
    }

    [Theory]
    [InlineData("\"name\":\"n\",\"version\":\"1\"}", "wrong-type $ 1:1", "invalid-json $ 1:7")]
    [InlineData("[{\"name\":}]", "wrong-type $ 1:1", "invalid-json $ 1:10")]
    [InlineData("[{\"name\":\"n\"}]", "wrong-type $ 1:1")]
    public void What_is_no_object_is_read_to_its_end_all_the_same(string text, params string[] findings) =>
        Read(text).Findings().Should().Equal(findings);

    [Fact]
    public void Problems_before_a_fault_stay_and_what_may_follow_it_is_not_called_missing() =>
        Read("""{"name":"","packages":[{"name":"Foo"},{"version":"*",}""")
            .Findings()
            .Should()
            .Equal(
                "empty-text $.name 1:9",
                "invalid-package-name $.packages[0].name 1:32",
                "version-not-exact $.packages[1].version 1:50",
                "invalid-json $ 1:53"
            );

    [Theory]
    [InlineData(60, 0)]
    [InlineData(64, 1)]
    [InlineData(10_000, 1)]
    public void An_unknown_member_may_be_deep_but_not_endlessly_deep(int depth, int faults)
    {
        ManifestReading reading = Read(
            $$"""{"x":{{new string('[', depth)}}{{new string(']', depth)}},"name":"n","version":"1","packages":[{"name":"foo"}]}"""
        );

        reading.Findings().Where(finding => finding is "nested-too-deeply $ 1:69").Should().HaveCount(faults);
        (reading.Manifest is null).Should().Be(faults > 0);
    }

    [Fact]
    public void Deep_objects_are_found_too() =>
        Read(string.Concat(Enumerable.Repeat("{\"x\":", 100))).Problems[^1].Code.Should().Be("nested-too-deeply");

    [Theory]
    [InlineData("")]
    [InlineData(" \r\n\t")]
    [InlineData("\uFEFF")]
    [InlineData("\uFEFF\n")]
    public void An_empty_file_is_called_empty(string text) => Read(text).Findings().Should().Equal("empty-file $ 1:1");

    [Fact]
    public void A_byte_order_mark_is_accepted_and_has_no_column()
    {
        Read("\uFEFF" + With("""{"name":"foo"}""")).Problems.Should().BeEmpty();
        Read("\uFEFF[]").Findings().Should().Equal("wrong-type $ 1:1");
        Read("\uFEFF\uFEFF{}").Findings().Should().Equal("invalid-json $ 1:1");
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    public void A_file_in_UTF_16_is_told_to_become_UTF_8(bool bigEndian, bool mark)
    {
        var encoding = new UnicodeEncoding(bigEndian, mark);
        byte[] file = [.. encoding.GetPreamble(), .. encoding.GetBytes(With("""{"name":"foo"}"""))];

        ManifestReading reading = ManifestReader.Read(file);

        reading.Findings().Should().Equal("not-utf8 $ 1:1");
        reading.Problems.Single().Message.Should().Contain("UTF-16").And.Contain("save it as UTF-8");
    }

    [Fact]
    public void A_byte_that_is_not_UTF_8_ends_the_reading_and_what_came_before_it_was_read()
    {
        byte[] file = [.. Encoding.UTF8.GetBytes("{\"name\":\"\",\n\"version\":\"é"), 0xE9, (byte)'"', (byte)'}'];

        ManifestReading reading = ManifestReader.Read(file);

        reading.Findings().Should().Equal("empty-text $.name 1:9", "not-utf8 $ 2:13");
        reading.Problems[1].Message.Should().Contain("0xE9");
    }

    [Fact]
    public void Columns_are_counted_in_UTF_16_code_units_and_lines_by_line_feeds() =>
        Read("{\"é😀\":0,\r\n \"ü\":0, \"name\":\"\",\r\"version\":\"\"}")
            .Findings()
            .Should()
            .Equal(
                "missing-member $.packages 1:1",
                "unknown-member $[\"é😀\"] 1:2",
                "unknown-member $[\"ü\"] 2:2",
                "empty-text $.name 2:16",
                "empty-text $.version 2:30"
            );
}
