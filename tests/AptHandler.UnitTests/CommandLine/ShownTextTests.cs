using System.Globalization;
using AptHandler.CommandLine.Output;

namespace AptHandler.UnitTests.CommandLine;

/// <summary>What is put into a text is foreign; what stands in the source is ours.</summary>
public sealed class ShownTextTests
{
    private const string Hostile = "a\u001b[2J\n\u202eb";

    [Fact]
    public void What_is_put_in_is_shown_and_what_stands_there_stays() =>
        Of($"\u001b[1m{Hostile}\n").Should().Be("\u001b[1ma^[[2J^J\\u202eb\n");

    [Fact]
    public void A_shown_text_in_a_shown_text_is_shown_once() => Of($"<{(ShownText)$"\n{Hostile}"}>").Should().Be("<\na^[[2J^J\\u202eb>");

    [Fact]
    public void Widths_count_what_is_shown() => Of($"{"ab", -5}|{"ab", 5}|{"\u001b", -5}|").Should().Be("ab   |   ab|^[   |");

    [Fact]
    public void Numbers_and_times_are_the_same_everywhere()
    {
        var before = CultureInfo.CurrentCulture;
        var german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        german.NumberFormat.NumberDecimalSeparator = ",";
        CultureInfo.CurrentCulture = german;
        try
        {
            Of($"{1.5:0.0} {7, 3} {new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero):yyyy-MM-dd}").Should().Be("1.5   7 2026-01-02");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void What_runs_from_right_to_left_reorders_nothing_beside_it() =>
        Of($"{"שלום"} 1.0 -> {"a"}").Should().Be("\u2068שלום\u2069 1.0 -> a");

    [Fact]
    public void It_is_bounded() => Of($"{new string('x', 100_000)}").Length.Should().BeLessThan(10_000);

    [Fact]
    public void Lines_of_somebody_else_stay_lines() => ShownText.Passage("a\r\n\u001b[1mb\tc\n").ToString().Should().Be("a\n^[[1mb\tc\n");

    private static string Of(ShownText text) => text.ToString();
}
