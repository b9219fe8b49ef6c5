using AptHandler.CommandLine.Output;

namespace AptHandler.UnitTests.CommandLine;

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
    [InlineData("plain\U000e0041\U000e0042 \U0001d173 text", "plain\\U000e0041\\U000e0042 \\U0001d173 text")]
    public void What_a_terminal_would_obey_is_shown(string text, string shown) => ForeignText.Plain(text).Should().Be(shown);

    [Fact]
    public void A_part_of_a_line_begins_none_of_its_own() => ForeignText.Line("one\r\ntwo\t\u001b[1mé").Should().Be("one^M^Jtwo^I^[[1mé");
}
