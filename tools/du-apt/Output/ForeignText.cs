using System.Globalization;
using System.Text;

namespace AptHandler.CommandLine.Output;

/// <summary>Text that others have written, maintainer scripts for example, for a terminal that would obey what is in it.</summary>
internal static class ForeignText
{
    /// <summary>Shows what a terminal would obey, or what would hide the order of characters, as <c>^[</c> or <c>\u202e</c>. Line ends and tabs stay.</summary>
    public static string Plain(string text) => Show(text, staying: "\n\t");

    /// <summary>The same for a text that is part of a line, and must not begin one of its own.</summary>
    public static string Line(string text) => Show(text, staying: "");

    private static string Show(string text, string staying)
    {
        var plain = new StringBuilder(text.Length);
        int at = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            int c = rune.Value;
            at += rune.Utf16SequenceLength;
            if (!IsTreacherous(rune) || (rune.IsBmp && staying.Contains((char)c, StringComparison.Ordinal)))
                plain.Append(rune.ToString());
            else if (staying.Length > 0 && c == '\r' && at < text.Length && text[at] == '\n')
                continue;
            else if (c < ' ')
                plain.Append('^').Append((char)(c + '@'));
            else if (c == '\u007f')
                plain.Append("^?");
            else if (rune.IsBmp)
                plain.Append(CultureInfo.InvariantCulture, $"\\u{c:x4}");
            else
                plain.Append(CultureInfo.InvariantCulture, $"\\U{c:x8}");
        }

        return plain.ToString();
    }

    // Of whole characters: those beyond the first 65,536 hide text, too, such as the invisible letters from U+E0020 on.
    private static bool IsTreacherous(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
