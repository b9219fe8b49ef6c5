using AptHandler.Debian;
using AptHandler.Logging;

namespace AptHandler.Manifests;

/// <summary>
/// The rule for the version of a package in a manifest: exactly one version by Debian Policy 5.6.12. People are used to ranges and patterns
/// from other tools. Each of these has a special remedy here.
/// </summary>
internal static class PackageVersionRule
{
    private const string LeaveOut = "leave the member out to install the newest version";

    private static readonly string[] WordsForNewest = ["latest", "newest", "any", "candidate"];

    /// <summary>Reads a version.</summary>
    /// <param name="text">The member's value.</param>
    /// <param name="package">The package as the entry names it, for the message; null where the entry names none.</param>
    /// <param name="version">The version.</param>
    /// <returns>What is wrong with the version; null when nothing is.</returns>
    public static Objection? Read(string text, string? package, out DebianVersion version)
    {
        version = default;
        if (string.IsNullOrWhiteSpace(text))
            return new(ManifestProblemCodes.EmptyText, $"The version of {Owner()} is empty; {LeaveOut}.");
        // "bar=2.0-1-" on apt's command line removes bar, with an exit status of 0.
        if (text.EndsWith('-'))
            return Refuse(ManifestProblemCodes.InvalidVersion, "ends with a minus sign; a removal has the sign after its name");
        if (DebianVersion.TryParse(text, out version, out string? problem))
            return null;
        if (InexactRemedy(text) is string remedy)
            return Refuse(ManifestProblemCodes.VersionNotExact, remedy);
        return Refuse(ManifestProblemCodes.InvalidVersion, text.Any(char.IsWhiteSpace) ? "holds a blank; remove it" : problem);

        string Owner() => package is null ? "this package" : $"package {Quotation.Of(package)}";

        Objection Refuse(string code, string? fault) => new(code, $"The version {Quotation.Of(text)} of {Owner()} {fault}.");
    }

    /// <summary>Whether a text is a word that people write when they want the newest version.</summary>
    public static bool IsWordForNewest(string text) => WordsForNewest.Contains(text.Trim(), StringComparer.OrdinalIgnoreCase);

    // None of these is a version by Debian Policy. So this check is needed only where a version was refused.
    private static string? InexactRemedy(string text)
    {
        string bare = text.Trim();
        if (bare.StartsWith('=') && bare.TrimStart('=').TrimStart() is { Length: > 0 } behind)
            return $"starts with an equals sign, which is not part of a version; write {Quotation.Of(behind)}";
        if (bare.AsSpan().ContainsAny('<', '>') || bare[0] is '~' or '^' or '!')
            return $"is a range, and only one exact version can be asked for; write that version, or {LeaveOut}";
        if (bare.Contains('=', StringComparison.Ordinal))
            return "holds an equals sign, which is not part of a version; write the version alone";
        if (bare.AsSpan().ContainsAny('*', '?'))
            return $"is a pattern, and only one exact version can be asked for; write that version, or {LeaveOut}";
        if (IsWordForNewest(bare))
            return $"is a word, not a version; {LeaveOut}";
        return null;
    }
}
