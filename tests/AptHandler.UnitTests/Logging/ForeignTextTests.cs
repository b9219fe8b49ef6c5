using System.Text.Json;
using AptHandler.Logging;

namespace AptHandler.UnitTests.Logging;

public sealed class ForeignTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("two\nlines\tand a tab: é 😀 100%\n", "two\nlines\tand a tab: é 😀 100%\n")]
    [InlineData("\u001b[31mred\u001b[0m\u001b]0;title\u0007", "^[[31mred^[[0m^[]0;title^G")]
    [InlineData("\u009b31m\u0085\u007f", "\\u009b31m\\u0085^?")]
    [InlineData("1%\r2%\r\nend\r", "1%^M2%\nend^M")]
    [InlineData("\0\b", "^@^H")]
    [InlineData("safe\u202etxt.exe\u2028\u200b", "safe\\u202etxt.exe\\u2028\\u200b")]
    [InlineData("tag\U000E0041", "tag\\U000e0041")]
    public void What_a_terminal_would_obey_is_shown(string text, string shown) => ForeignText.Passage(text).Should().Be(shown);

    [Fact]
    public void A_part_of_a_line_begins_none_of_its_own() => ForeignText.Line("one\r\ntwo\t\u001b[1mé").Should().Be("one^M^Jtwo^I^[[1mé");

    [Fact]
    public void Half_a_character_is_shown_as_none() => ForeignText.Line("half \ud83d").Should().Be("half \ufffd");

    [Theory]
    [InlineData("{ \"a\": \"plain é 😀\" }")]
    [InlineData("{ \"a\": \"\u202e\u2066\u007f\u009b\u00ad\", \"\u200b\": \"\U000E0041\" }")]
    public void A_text_in_JSON_means_the_same_and_shows_what_is_hidden_in_it(string json)
    {
        var shown = ForeignText.Json(json);
        JsonElement.DeepEquals(JsonDocument.Parse(shown).RootElement, JsonDocument.Parse(json).RootElement).Should().BeTrue();
        shown.EnumerateRunes().Should().NotContain(rune => ForeignText.IsTreacherous(rune));
    }
}
