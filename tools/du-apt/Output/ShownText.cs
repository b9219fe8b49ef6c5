using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using AptHandler.Logging;

namespace AptHandler.CommandLine.Output;

/// <summary>
/// Text that may be shown on a terminal. It is written as an interpolated string. The literal parts are ours. Values that are put in are
/// treated as foreign text, see <see cref="ForeignText"/>: they are shortened, and cannot reorder the text beside them. Everything that
/// prints takes only this type.
/// </summary>
[InterpolatedStringHandler]
internal readonly struct ShownText
{
    // The longest value that is put in, in UTF-16 code units. A result has at most 1,000 bytes; a message that lists names may have more.
    private const int Longest = 8000;

    // Unicode Standard Annex 9, 2.5: text between these two characters has a direction of its own.
    private const char FirstStrongIsolate = '\u2068',
        PopDirectionalIsolate = '\u2069';

    private readonly StringBuilder _text;

    /// <param name="literalLength">The length of the literal text.</param>
    /// <param name="formattedCount">The number of values that are put in.</param>
    public ShownText(int literalLength, int formattedCount) => _text = new StringBuilder(literalLength + (formattedCount * 16));

    /// <summary>Several lines of foreign text, such as the output of a program. The line breaks stay.</summary>
    public static ShownText Passage(string text)
    {
        var passage = new ShownText(0, 0);
        passage._text.Append(ForeignText.Passage(text));
        return passage;
    }

    /// <summary>A text, in a colour if that is wanted.</summary>
    public static ShownText Colored(ShownText text, TerminalColor color, bool isColored) =>
        isColored ? $"\u001b[{(int)color}m{text}\u001b[0m" : text;

    /// <summary>Appends literal text.</summary>
    public void AppendLiteral(string text) => _text.Append(text);

    /// <summary>Appends text that may be shown already.</summary>
    public void AppendFormatted(ShownText text) => _text.Append(text._text);

    /// <summary>Appends a number, a time or an enumeration value.</summary>
    public void AppendFormatted(IFormattable value, string? format = null) =>
        _text.Append(value.ToString(format, CultureInfo.InvariantCulture));

    /// <summary>Appends the same, padded with blanks on the left.</summary>
    public void AppendFormatted(IFormattable value, int alignment, string? format = null) =>
        _text.Append(value.ToString(format, CultureInfo.InvariantCulture).PadLeft(alignment));

    /// <summary>Appends foreign text, padded with blanks on the left, or on the right where the width is negative.</summary>
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

    // Hebrew to Arabic, their presentation forms, and the scripts beyond the first 65,536 characters, recognised by their surrogates.
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
