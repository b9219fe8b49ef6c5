using System.Globalization;
using System.Text;

namespace AptHandler.Logging;

/// <summary>
/// Makes text from other sources safe to show, such as file names, manifests, repositories and the output of scripts. Characters that a
/// terminal would obey, and those that hide others or change their order, are shown as codes: <c>^[</c>, <c>\u202e</c>.
/// </summary>
public static class ForeignText
{
    /// <summary>The text as a part of one line: line ends are shown as codes, too.</summary>
    /// <param name="text">The text, of any length.</param>
    public static string Line(string text) => Show(text, staying: "");

    /// <summary>The text as separate lines: line ends and tabs stay.</summary>
    /// <param name="text">The text, of any length.</param>
    public static string Passage(string text) => Show(text.Replace("\r\n", "\n", StringComparison.Ordinal), staying: "\n\t");

    /// <summary>A JSON text with the same meaning, in which such characters are escaped as JSON requires.</summary>
    /// <param name="json">A whole JSON text. Its ASCII characters are already correct.</param>
    public static string Json(string json)
    {
        StringBuilder? shown = null;
        for (int i = 0; i < json.Length; i++)
        {
            // In JSON, a surrogate pair can be written as two escapes, one for each half.
            bool isHidden =
                json[i] > '~'
                && (
                    IsTreacherous(json[i])
                    || (char.IsSurrogatePair(json, i) && IsTreacherous(new Rune(json[i], json[i + 1])))
                    || (i > 0 && char.IsSurrogatePair(json, i - 1) && IsTreacherous(new Rune(json[i - 1], json[i])))
                );
            if (isHidden)
                (shown ??= new StringBuilder(json, 0, i, json.Length + 16)).Append(CultureInfo.InvariantCulture, $"\\u{(int)json[i]:x4}");
            else
                shown?.Append(json[i]);
        }

        return shown?.ToString() ?? json;
    }

    /// <summary>Whether a terminal would obey a character, or the character hides others or changes their order.</summary>
    internal static bool IsTreacherous(Rune rune) => IsTreacherous(Rune.GetUnicodeCategory(rune));

    private static bool IsTreacherous(char c) => IsTreacherous(char.GetUnicodeCategory(c));

    private static bool IsTreacherous(UnicodeCategory category) =>
        category
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator;

    private static string Show(string text, string staying)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return text;
        var shown = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (!IsTreacherous(rune) || (rune.IsAscii && staying.Contains((char)rune.Value, StringComparison.Ordinal)))
                shown.Append(rune.ToString());
            else if (rune.IsAscii)
                shown.Append('^').Append((char)(rune.Value ^ '@'));
            else
                shown
                    .Append(rune.IsBmp ? "\\u" : "\\U")
                    .Append(rune.Value.ToString(rune.IsBmp ? "x4" : "x8", CultureInfo.InvariantCulture));
        }

        return shown.ToString();
    }
}
