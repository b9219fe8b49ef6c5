namespace AptHandler.Debian;

/// <summary>Names a forbidden character in a message.</summary>
internal static class Characters
{
    /// <summary>Names a character so that a person can find it, even where it is invisible.</summary>
    public static string Describe(char c) =>
        c switch
        {
            ' ' => "a space",
            '\t' => "a tab",
            '\n' or '\r' => "a line break",
            _ when char.IsAsciiLetterUpper(c) => $"the upper-case letter '{c}'",
            // A character that is not ASCII may be invisible, or look like an ASCII letter. Only its number is clear.
            _ when c is < '!' or > '~' => $"the character U+{(int)c:X4}",
            _ => $"'{c}'",
        };
}
