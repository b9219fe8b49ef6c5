using System.Globalization;

namespace AptHandler.Authoring.ImportManifests;

/// <summary>
/// The rules for the texts of an import manifest. Each rule returns what is wrong, and what to do, as the rest of a sentence; or null.
/// </summary>
internal static class ImportRules
{
    private const int HashLength = 44;

    /// <summary>The provider or the name of an update.</summary>
    public static string? Name(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-')
            ? null
            : "holds other characters than Latin letters, digits, points and hyphens; leave those out";

    /// <summary>The version of an update.</summary>
    public static string? Version(string text) =>
        text.Split('.') is { Length: >= 2 and <= 4 } parts && parts.All(IsNumber)
            ? null
            : "is not two to four numbers from 0 to 2147483647; write one such as \"1.0.0\"";

    /// <summary>The version as the service stores it, for a version that <see cref="Version"/> accepts.</summary>
    public static string WithoutLeadingZeros(string version) =>
        string.Join('.', version.Split('.').Select(part => part.TrimStart('0') is { Length: > 0 } rest ? rest : "0"));

    /// <summary>Advice about the version of an update.</summary>
    public static string? VersionAdvice(string text) =>
        WithoutLeadingZeros(text) is var number && number == text
            ? null
            : $"has leading zeros, which the service drops; write \"{number}\"";

    /// <summary>Advice about the version of an import manifest.</summary>
    public static string? ManifestVersionAdvice(string text) =>
        text == ImportShape.OldManifestVersion
            ? $"is still taken, but {ImportShape.ManifestVersion} is what is written today; write \"{ImportShape.ManifestVersion}\""
            : null;

    /// <summary>A handler: <c>^\S+/\S+:\d{1,5}$</c>.</summary>
    public static string? Handler(string text)
    {
        int slash = text.IndexOf('/', 1),
            colon = text.LastIndexOf(':');
        return
            slash > 0
            && colon > slash + 1
            && text.Length - colon is >= 2 and <= 6
            && text[(colon + 1)..].All(char.IsAsciiDigit)
            && !text.Any(char.IsWhiteSpace)
            ? null
            : "is not <provider>/<name>:<number>; write one such as \"microsoft/apt:1\"";
    }

    /// <summary>The name of a file, which must not lead out of the folder.</summary>
    public static string? FileName(string text) =>
        text is "." or ".." || text.Any(c => c is '/' or '\\' || char.IsControl(c))
            ? "is not the plain name of a file; put the file beside the import manifest, and write its name without a folder"
            : null;

    /// <summary>Installed criteria.</summary>
    public static string? Criteria(string text) => text.Any(char.IsControl) ? "holds a control character; remove it" : null;

    /// <summary>A SHA-256 in base64.</summary>
    public static string? Hash(string text) =>
        text.Length == HashLength && text[^1] == '=' && text[..^1].All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '/')
            ? null
            : "is not a SHA-256 in base64; write what openssl dgst -sha256 -binary FILE | base64 prints";

    /// <summary>One of two words.</summary>
    public static string? OneOf(string text, string first, string second) =>
        text == first || text == second ? null : $"is not known here; write \"{first}\" or \"{second}\"";

    /// <summary>A time by ISO 8601, with date, time of day and offset.</summary>
    public static string? Time(string text)
    {
        ReadOnlySpan<char> rest = text;
        int year = Number(ref rest, "yyyy-"),
            month = Number(ref rest, "MM-"),
            day = Number(ref rest, "ddT");
        bool isValid =
            year > 0
            && month is >= 1 and <= 12
            && day >= 1
            && day <= DateTime.DaysInMonth(year, month)
            && Number(ref rest, "HH:") is >= 0 and < 24
            && Number(ref rest, "mm:") is >= 0 and < 60
            && Number(ref rest, "ss") is >= 0 and < 60;
        if (isValid && rest.StartsWith('.'))
        {
            rest = rest[1..].TrimStart("0123456789");
            isValid = char.IsAsciiDigit(text[^(rest.Length + 1)]);
        }

        isValid = isValid && (rest is "Z" || (rest is ['+' or '-', ..] && IsOffset(rest[1..])));
        return isValid ? null : "is not a time by ISO 8601; write one such as \"2026-11-21T06:30:00Z\"";
    }

    private static bool IsOffset(ReadOnlySpan<char> rest) =>
        Number(ref rest, "HH:") is >= 0 and < 24 && Number(ref rest, "mm") is >= 0 and < 60 && rest.IsEmpty;

    // Reads a digit for each letter of the pattern, and the other characters of the pattern as they are. Returns -1 if the text differs.
    private static int Number(ref ReadOnlySpan<char> rest, string pattern)
    {
        int number = 0;
        for (int i = 0; i < pattern.Length; i++)
        {
            bool isDigit = char.IsAsciiLetter(pattern[i]) && pattern[i] != 'T';
            if (i >= rest.Length || (isDigit ? !char.IsAsciiDigit(rest[i]) : rest[i] != pattern[i]))
                return -1;
            if (isDigit)
                number = (number * 10) + rest[i] - '0';
        }

        rest = rest[pattern.Length..];
        return number;
    }

    // Digits are checked first, because the runtime ignores zero bytes after a number.
    private static bool IsNumber(string part) =>
        part.All(char.IsAsciiDigit) && int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
