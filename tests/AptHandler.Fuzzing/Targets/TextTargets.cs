using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using AptHandler.Fuzzing.Engine;

namespace AptHandler.Fuzzing.Targets;

/// <summary>Text of unknown origin on its way to an operator or a terminal.</summary>
internal static class TextTargets
{
    /// <summary>The line for the agent: it fits, and holds nothing that the agent or a terminal would obey.</summary>
    public static void OperatorText(byte[] input)
    {
        string[] texts = TextOf(input).Split(FuzzTarget.Separator, 2);
        string clean = Results.OperatorText.Clean(texts[0], texts.Length > 1 ? texts[1] : "");
        Expect.That(Encoding.UTF8.GetByteCount(clean) <= Results.OperatorText.LongestBytes, "the line for the agent fits");
        Expect.That(
            !clean.Contains('%', StringComparison.Ordinal) && !clean.Any(char.IsControl),
            "the line for the agent holds no percent sign and no control character"
        );
        Expect.That(Results.OperatorText.Clean(clean) == clean, "the line for the agent is clean");
    }

    /// <summary>A quotation: bounded, and without anything that moves a cursor.</summary>
    public static void Quotation(byte[] input)
    {
        foreach (string quoted in (string[])[Logging.Quotation.Of(TextOf(input)), Logging.Quotation.Of(input.AsSpan())])
        {
            Expect.That(quoted.Length <= Logging.Quotation.MaximumLength + 2, "a quotation is bounded");
            Expect.That(quoted.StartsWith('"') && quoted.EndsWith('"'), "a quotation has its marks");
            Expect.That(!quoted.EnumerateRunes().Any(IsTreacherous), "a quotation holds nothing that a terminal would obey");
        }
    }

    /// <summary>The talk of maintainer scripts on a terminal.</summary>
    public static void ForeignText(byte[] input)
    {
        string text = TextOf(input);
        string line = Logging.ForeignText.Line(text);
        string lines = Logging.ForeignText.Passage(text);
        Expect.That(!line.EnumerateRunes().Any(IsTreacherous), "a part of a line holds nothing that a terminal would obey");
        Expect.That(
            !lines.EnumerateRunes().Any(rune => IsTreacherous(rune) && rune.Value is not ('\n' or '\t')),
            "a text for a terminal holds nothing that it would obey"
        );
        string json = JsonSerializer.Serialize(text);
        string shown = Logging.ForeignText.Json(json);
        Expect.That(!shown.EnumerateRunes().Any(IsTreacherous), "a text in JSON holds nothing that a terminal would obey");
        Expect.That(
            JsonDocument.Parse(shown).RootElement.GetString() == JsonDocument.Parse(json).RootElement.GetString(),
            "a text in JSON means the same"
        );
    }

    private static bool IsTreacherous(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator;

    // UTF-16 as it is, where the input begins like it: halves of characters come no other way.
    private static string TextOf(byte[] input) =>
        input is [0xff, 0xfe, ..] ? new string(MemoryMarshal.Cast<byte, char>(input.AsSpan(2))) : Encoding.UTF8.GetString(input);
}
