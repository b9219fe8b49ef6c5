namespace AptHandler.Debian;

/// <summary>How characters that should not be there are named to a person.</summary>
internal static class Characters
{
    private const int LongestQuotation = 60;

    /// <summary>A text for a message: not all of a long one, and with a question mark for each character that may be invisible.</summary>
    public static string Quote(ReadOnlySpan<char> text)
    {
        bool isLong = text.Length > LongestQuotation;
        Span<char> quoted = stackalloc char[LongestQuotation];
        quoted = quoted[..Math.Min(text.Length, LongestQuotation)];
        for (int i = 0; i < quoted.Length; i++)
            quoted[i] = text[i] is < ' ' or > '~' ? '?' : text[i];
        return isLong ? $"{quoted}…" : quoted.ToString();
    }

    /// <summary>Names a character so that it can be found, even where it cannot be seen.</summary>
    public static string Describe(char c) => c switch
    {
        ' ' => "a space",
        '\t' => "a tab",
        '\n' or '\r' => "a line break",
        _ when char.IsAsciiLetterUpper(c) => $"the upper-case letter '{c}'",
        // What is not ASCII may be invisible, or look like a letter that is: only its number tells.
        _ when c is < '!' or > '~' => $"the character U+{(int)c:X4}",
        _ => $"'{c}'",
    };
}
