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
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (!IsTreacherous(c) || staying.Contains(c, StringComparison.Ordinal))
                plain.Append(c);
            else if (staying.Length > 0 && c == '\r' && i + 1 < text.Length && text[i + 1] == '\n')
                continue;
            else if (c < ' ')
                plain.Append('^').Append((char)(c + '@'));
            else if (c == '\u007f')
                plain.Append("^?");
            else
                plain.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }

        return plain.ToString();
    }

    private static bool IsTreacherous(char c) => char.GetUnicodeCategory(c) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
