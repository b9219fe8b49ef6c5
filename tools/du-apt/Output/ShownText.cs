using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using AptHandler.Logging;

namespace AptHandler.CommandLine.Output;

/// <summary>
/// Text that may be shown on a terminal. It is written as an interpolated string: what stands in the source is ours, and what is put into
/// it is taken for foreign, see <see cref="ForeignText"/>, bounded, and kept from reordering what is beside it. All that prints takes this
/// type alone.
/// </summary>
[InterpolatedStringHandler]
internal readonly struct ShownText
{
    // Of one text that is put in. A result has 1,000 bytes at most, a message that lists names may have more.
    private const int Longest = 8000;

    // Unicode Standard Annex 9, 2.5: what is between these two signs has an order of its own.
    private const char FirstStrongIsolate = '\u2068',
        PopDirectionalIsolate = '\u2069';

    private readonly StringBuilder _text;

    /// <param name="literalLength">How long the text is that stands in the source.</param>
    /// <param name="formattedCount">How many values are put in.</param>
    public ShownText(int literalLength, int formattedCount) => _text = new StringBuilder(literalLength + (formattedCount * 16));

    /// <summary>Many lines of somebody else, such as the output of a program, which stay lines.</summary>
    public static ShownText Passage(string text)
    {
        var passage = new ShownText(0, 0);
        passage._text.Append(ForeignText.Passage(text));
        return passage;
    }

    /// <summary>A text in a colour, where that is wanted.</summary>
    public static ShownText Colored(ShownText text, TerminalColor color, bool isColored) =>
        isColored ? $"\u001b[{(int)color}m{text}\u001b[0m" : text;

    /// <summary>Appends what stands in the source.</summary>
    public void AppendLiteral(string text) => _text.Append(text);

    /// <summary>Appends what may be shown already.</summary>
    public void AppendFormatted(ShownText text) => _text.Append(text._text);

    /// <summary>Appends a number, a time, or a word of an enumeration.</summary>
    public void AppendFormatted(IFormattable value, string? format = null) =>
        _text.Append(value.ToString(format, CultureInfo.InvariantCulture));

    /// <summary>The same, filled up with blanks at its left.</summary>
    public void AppendFormatted(IFormattable value, int alignment, string? format = null) =>
        _text.Append(value.ToString(format, CultureInfo.InvariantCulture).PadLeft(alignment));

    /// <summary>Appends a text of somebody else, filled up with blanks: at its left, or at its right where the width is negative.</summary>
    public void AppendFormatted(string? text, int alignment = 0)
    {
        string shown = ForeignText.Line(text is { Length: > Longest } ? $"{text[..Longest]}…" : text ?? "");
        shown = alignment < 0 ? shown.PadRight(-alignment) : shown.PadLeft(alignment);
        if (shown.Any(RunsFromRightToLeft))
            _text.Append(FirstStrongIsolate).Append(shown).Append(PopDirectionalIsolate);
        else
            _text.Append(shown);
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    // Hebrew to Arabic, their presentation forms, and, by the halves of their pairs, the scripts beyond the first 65,536 characters.
    private static bool RunsFromRightToLeft(char c) =>
        c
            is (>= '\u0590' and <= '\u08ff')
                or (>= '\ufb1d' and <= '\ufdff')
                or (>= '\ufe70' and <= '\ufeff')
                or '\ud802'
                or '\ud803'
                or '\ud83a'
                or '\ud83b';
}
