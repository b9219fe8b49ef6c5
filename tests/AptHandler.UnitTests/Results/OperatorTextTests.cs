using System.Text;
using AptHandler.Results;
using FsCheck;
using FsCheck.Fluent;

namespace AptHandler.UnitTests.Results;

public sealed class OperatorTextTests
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly string[] Pieces =
    [
        "%",
        "%s",
        "%n",
        "%3a",
        "%3A",
        "%2b",
        "%2%3a",
        "%%33a",
        "\n",
        "\r",
        "\0",
        "\u001b[31m",
        "\u0085",
        "\u009b",
        "\u007f",
        "é",
        "€",
        "😀",
        "\ud83d",
        "\ude00",
        "plain text ",
        "…",
    ];

    private static readonly Gen<string> Texts =
        from pieces in Gen.ArrayOf(Gen.Elements(Pieces))
        from before in Gen.Choose(0, 1100)
        select new string('x', before) + string.Concat(pieces);

    [Fact]
    public void Every_text_becomes_fit_for_the_agent() =>
        Prop.ForAll(
                Texts.ToArbitrary(),
                text =>
                {
                    string clean = OperatorText.Clean(text);
                    // Strict: throws for half a character.
                    return Strict.GetByteCount(clean) <= 1000
                        && !clean.Contains('%', StringComparison.Ordinal)
                        && !clean.Any(char.IsControl);
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void The_end_of_a_text_is_there_however_long_its_beginning_is() =>
        Prop.ForAll(
                Texts.ToArbitrary(),
                text =>
                {
                    string clean = OperatorText.Clean(text, "; the device is as it was before");
                    return Strict.GetByteCount(clean) <= 1000
                        && clean.EndsWith("; the device is as it was before", StringComparison.Ordinal);
                }
            )
            .QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("%")]
    [InlineData("%%%")]
    [InlineData("100 % of %s")]
    public void Signs_that_become_longer_leave_no_room_for_too_long_an_end(string text)
    {
        string clean = OperatorText.Clean(text, new string('x', 1100));

        Strict.GetByteCount(clean).Should().BeLessThanOrEqualTo(1000);
        clean.Should().StartWith(text.Replace('%', '％')).And.EndWith("x …");
    }

    [Fact]
    public void A_clean_text_stays_as_it_is() =>
        Prop.ForAll(Texts.Select(text => OperatorText.Clean(text)).ToArbitrary(), clean => OperatorText.Clean(clean) == clean)
            .QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("", "")]
    [InlineData("cannot fetch app 1:1.0", "cannot fetch app 1:1.0")]
    [InlineData("app_1%3a1.0%2bb1_all.deb", "app_1:1.0+b1_all.deb")]
    [InlineData("app_1%3A1.0%2B_all.deb", "app_1:1.0+_all.deb")]
    [InlineData("100% of %s", "100％ of ％s")]
    [InlineData("The package name \"a%b\" holds '%' at position 2", "The package name \"a％b\" holds '％' at position 2")]
    [InlineData("foo%5fbar and foo%3Abar", "foo％5fbar and foo％3Abar")]
    [InlineData("cannot fetch http://x/a%2bb/app_1%3a1%5f_all.deb now", "cannot fetch http://x/a+b/app_1:1__all.deb now")]
    [InlineData("one\ntwo\tthree", "one two three")]
    public void What_the_agent_cannot_take_is_replaced(string text, string clean) => OperatorText.Clean(text).Should().Be(clean);

    [Theory]
    [InlineData(1000)]
    [InlineData(999)]
    public void A_text_up_to_the_limit_is_not_cut(int length) =>
        OperatorText.Clean(new string('x', length)).Should().Be(new string('x', length));

    [Fact]
    public void A_longer_text_ends_with_a_sign_that_it_does() =>
        OperatorText.Clean(new string('x', 1001)).Should().Be(new string('x', 996) + " …");

    [Fact]
    public void A_text_is_cut_between_characters()
    {
        string clean = OperatorText.Clean("x" + string.Concat(Enumerable.Repeat("😀", 400)));

        clean.Should().Be("x" + string.Concat(Enumerable.Repeat("😀", 248)) + " …");
    }
}
