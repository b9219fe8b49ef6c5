using AptHandler.Logging;

namespace AptHandler.UnitTests.Logging;

public class QuotationTests
{
    [Theory]
    [InlineData("", "\"\"")]
    [InlineData("foo", "\"foo\"")]
    [InlineData("a\u0000\u001b\u202eb", "\"a\\u0000\\u001b\\u202eb\"")]
    [InlineData("\U000E0001", "\"\\U000e0001\"")]
    public void What_could_do_harm_is_escaped(string text, string quotation) => Quotation.Of(text).Should().Be(quotation);

    [Fact]
    public void Half_of_a_surrogate_pair_is_replaced() => Quotation.Of("a\ud800").Should().Be("\"a\uFFFD\"");

    [Theory]
    [InlineData("😀", 30, "")]
    [InlineData("😀", 31, "…")]
    [InlineData("x", 60, "")]
    [InlineData("x", 61, "…")]
    [InlineData("\u0001", 11, "…")]
    public void A_quotation_has_at_most_sixty_characters_and_whole_ones(string character, int count, string end)
    {
        string quotation = Quotation.Of(string.Concat(Enumerable.Repeat(character, count)));

        quotation.Length.Should().BeLessThanOrEqualTo(62);
        quotation.Should().EndWith(end + "\"");
        quotation.EnumerateRunes().Should().NotContain(System.Text.Rune.ReplacementChar);
    }
}
