namespace AptHandler.Debian;

/// <summary>How a character that should not be there is named to a person.</summary>
internal static class Characters
{
    /// <summary>Names a character so that it can be found, even where it cannot be seen.</summary>
    public static string Describe(char c) =>
        c switch
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
