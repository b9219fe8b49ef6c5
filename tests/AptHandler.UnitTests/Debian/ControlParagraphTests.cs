using AptHandler.Debian;

namespace AptHandler.UnitTests.Debian;

public sealed class ControlParagraphTests
{
    private const string Text = """
        Package: app
        Version: 1:1.0-1
        Installed-Size: 99
        Depends: lib (= 1.0),
         other (>= 2) | another,
        	third
        Description: what it does
         Long text with a colon: here
         .
         Package: not-this-one

        Package: lib
        Size: 12345678901


        Package:last
        """;

    [Fact]
    public void Empty_lines_separate_paragraphs() =>
        ControlParagraph.ParseAll(Text).Select(each => each["Package"]).Should().Equal("app", "lib", "last");

    [Fact]
    public void Names_of_fields_have_no_case() => ControlParagraph.ParseAll(Text)[0]["vERSION"].Should().Be("1:1.0-1");

    [Fact]
    public void A_missing_field_is_empty() => ControlParagraph.ParseAll(Text)[1]["Version"].Should().BeEmpty();

    [Fact]
    public void A_value_goes_on_where_the_line_begins_with_white_space()
    {
        ControlParagraph app = ControlParagraph.ParseAll(Text)[0];

        app["Depends"].Should().Be("lib (= 1.0),\nother (>= 2) | another,\nthird");
        app.Relations("Depends").Select(each => each.Name).Should().Equal("lib", "other", "another", "third");
    }

    [Theory]
    [InlineData("Size: 12345678901", 12345678901)]
    [InlineData("Size: 0", 0)]
    [InlineData("Size:", 0)]
    [InlineData("Size: -1", 0)]
    [InlineData("Size: 1 kB", 0)]
    [InlineData("Size: 99999999999999999999", 0)]
    [InlineData("Other: 5", 0)]
    public void A_number_that_is_none_is_zero(string text, long number) =>
        ControlParagraph.ParseAll(text)[0].Number("Size").Should().Be(number);

    [Theory]
    [InlineData("", 0)]
    [InlineData("\n\n\n", 0)]
    [InlineData(" continued from nowhere\n", 0)]
    [InlineData("no field\n:neither\n", 0)]
    [InlineData("N: No packages found\n", 1)]
    [InlineData("Package: a\r\nVersion: 1\r\n\r\nPackage: b\r\n", 2)]
    [InlineData("Package: a\n \t \nPackage: b", 2)]
    public void What_is_no_paragraph_does_no_harm(string text, int count) => ControlParagraph.ParseAll(text).Should().HaveCount(count);

    [Fact]
    public void A_value_of_very_many_lines_is_read()
    {
        string text = "Package: a\nDescription: x\n" + new System.Text.StringBuilder().Insert(0, " more\n", 200_000) + "Version: 1\n";

        ControlParagraph.ParseAll(text)[0]["Version"].Should().Be("1");
    }
}
