using System.Globalization;
using AptHandler.Logging;

namespace AptHandler.Debian;

/// <summary>The syntax of a version: Debian Policy 5.6.12, with the limits that dpkg sets.</summary>
internal static class VersionSyntax
{
    private const int MaximumLength = 255;

    /// <summary>Tells why a text is not a version.</summary>
    /// <param name="text">What was written.</param>
    /// <returns>Null for a version; otherwise the rest of a sentence that starts with the text.</returns>
    public static string? ProblemOf(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
            return "is empty; write a version such as 1.0.8-1";
        if (text.Length > MaximumLength)
            return $"is {text.Length} characters long; at most {MaximumLength} are taken";

        return ProblemOfWish(text) ?? ProblemOfParts(text);
    }

    // Finds signs of a dependency, a pattern or a tag. People write these by mistake, and a special message helps more than one about a
    // wrong character.
    private static string? ProblemOfWish(ReadOnlySpan<char> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            string? remedy = c switch
            {
                '=' or '<' or '>' => "write the version alone, exactly that one is meant",
                '*' or '?' => "patterns are not taken: write the whole version, as apt-cache madison prints it",
                _ when char.IsWhiteSpace(c) => "leave it out",
                _ => null,
            };
            if (remedy is not null)
                return $"holds {Characters.Describe(c)} at position {i + 1}; {remedy}";
        }

        // The text without the letter is named only where it is a version. Otherwise it may hold anything.
        return text[0] is 'v' or 'V' && text.Length > 1 && char.IsAsciiDigit(text[1]) && ProblemOfParts(text[1..]) is null
            ? $"begins with '{text[0]}'; leave the letter out and write {text[1..]}"
            : null;
    }

    private static string? ProblemOfParts(ReadOnlySpan<char> text)
    {
        int colon = text.IndexOf(':');
        if (colon >= 0 && ProblemOfEpoch(text[..colon]) is { } problem)
            return problem;
        if (colon == text.Length - 1)
            return "ends with ':'; write the version after the epoch, or leave both out";
        if (text[^1] == '-')
            return "ends with '-'; write a revision after it, or leave it out";

        int start = colon + 1;
        int hyphen = text.LastIndexOf('-');
        int end = hyphen < 0 ? text.Length : hyphen;
        if (start == end)
            return $"holds nothing before the '-' at position {end + 1}; write the upstream version there";
        if (!char.IsAsciiDigit(text[start]))
        {
            return $"holds {Characters.Describe(text[start])} at position {start + 1}, where the upstream version begins; "
                + "it begins with a digit";
        }

        for (int i = start; i < text.Length; i++)
        {
            char c = text[i];
            // dpkg accepts ':' in an upstream version only behind an epoch. The first ':' always ends the epoch.
            bool isAllowed = char.IsAsciiLetterOrDigit(c) || c is '.' or '+' or '~' || (i <= end && c is '-' or ':');
            if (!isAllowed)
                return $"holds {Characters.Describe(c)} at position {i + 1}; {Remedy(c, i > end)}";
        }

        return null;
    }

    private static string? ProblemOfEpoch(ReadOnlySpan<char> epoch)
    {
        if (epoch.IsEmpty)
            return "begins with ':'; write an epoch such as 1 before it, or leave it out";

        if (epoch.ContainsAnyExceptInRange('0', '9'))
            return $"holds the epoch {Quotation.Of(epoch)} before ':'; an epoch is a whole number, mostly 1 or 2";

        // dpkg keeps the epoch in an int and refuses what does not fit.
        return int.TryParse(epoch, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? null
            : $"holds the epoch {epoch}; dpkg takes none above {int.MaxValue}";
    }

    private static string Remedy(char c, bool isInRevision) =>
        c switch
        {
            '_' => "no version holds it: leave out the name and architecture of a file name",
            '/' => "a suite cannot be chosen here: write the version alone",
            _ when isInRevision => "a revision consists of letters, digits, '+', '.' and '~'",
            _ => "an upstream version consists of letters, digits, '.', '+', '-' and '~'",
        };
}
