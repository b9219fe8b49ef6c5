using AptHandler.Authoring.Manifests;
using AptHandler.Debian;
using AptHandler.Manifests;

namespace AptHandler.Authoring.Linting;

/// <summary>
/// The changes that fix problems of the reader of manifests, if the author can have meant only one thing. The rest of the file stays as it
/// was written.
/// </summary>
internal static class Mending
{
    /// <summary>The change that fixes a problem; null where a person has to decide.</summary>
    public static TextEdit? Of(ManifestProblem problem, ManifestOutline outline) =>
        outline.EntryOf(problem.Path) is { IsAmbiguous: true }
            ? null
            : problem.Code switch
            {
                ManifestProblemCodes.InvalidJson => WithoutTrailingComma(problem, outline),
                ManifestProblemCodes.RepeatedPackage when outline.EntryOf(problem.Path) is { } entry => WithoutEntry(entry, outline),
                ManifestProblemCodes.WrongType => Quoted(problem, outline),
                ManifestProblemCodes.InvalidPackageName when outline.EntryOf(problem.Path) is { Name: not null } entry => WithName(
                    entry,
                    outline
                ),
                ManifestProblemCodes.VersionNotExact
                or ManifestProblemCodes.InvalidVersion when outline.EntryOf(problem.Path) is { Version: not null } entry => WithVersion(
                    entry,
                    outline
                ),
                _ => null,
            };

    /// <summary>The change that adds an entry after another one, or at the end of the list.</summary>
    /// <param name="added">The entry.</param>
    /// <param name="outline">The file.</param>
    /// <param name="behind">The other entry; null for the last one.</param>
    /// <returns>The change; null where there is no entry to add it after.</returns>
    public static TextEdit? Adding(ManifestEntry added, ManifestOutline outline, OutlineEntry? behind = null)
    {
        if ((behind ?? outline.Entries.LastOrDefault())?.Whole is not { } last)
            return null;

        // The entry gets a line of its own if the other entry has one.
        ReadOnlySpan<byte> before = outline.Text.AsSpan(0, last.Start);
        int lineStart = before.LastIndexOf((byte)'\n') + 1;
        ReadOnlySpan<byte> indentation = before[lineStart..];
        bool hasOwnLine = indentation.IndexOfAnyExcept((byte)' ', (byte)'\t') < 0;
        string lineEnd = lineStart > 1 && before[lineStart - 2] == '\r' ? "\r\n" : "\n";
        string gap = hasOwnLine ? $"{lineEnd}{System.Text.Encoding.UTF8.GetString(indentation)}" : " ";
        return new TextEdit(last.End, last.End, $",{gap}{ManifestText.Of(added)}");
    }

    private static TextEdit? WithoutTrailingComma(ManifestProblem problem, ManifestOutline outline)
    {
        int at = outline.OffsetOf(problem.Line, problem.Column);
        ReadOnlySpan<byte> rest = outline.Text.AsSpan(at);
        return rest is [(byte)',', ..] && rest[1..].TrimStart(" \t\r\n"u8) is [(byte)'}' or (byte)']', ..]
            ? new TextEdit(at, at + 1, "")
            : null;
    }

    // Also removes the comma and the blanks before the entry: a repeated entry is never the first of the list.
    private static TextEdit WithoutEntry(OutlineEntry entry, ManifestOutline outline)
    {
        int comma = outline.Text.AsSpan(0, entry.Whole.Start).LastIndexOf((byte)',');
        return new TextEdit(comma, entry.Whole.End, "");
    }

    // Adds quotation marks to a version such as 1.0.
    private static TextEdit? Quoted(ManifestProblem problem, ManifestOutline outline)
    {
        TextSpan? span =
            problem.Path == "$.version" ? outline.Version
            : problem.Path.EndsWith("].version", StringComparison.Ordinal) ? outline.EntryOf(problem.Path)?.Version
            : null;
        return span is not null && char.IsAsciiDigit((char)outline[span][0])
            ? Replacing(span, System.Text.Encoding.UTF8.GetString(outline[span]))
            : null;
    }

    private static TextEdit? WithName(OutlineEntry entry, ManifestOutline outline)
    {
        string name = outline.StringAt(entry.Name!);
        string mended = name.Trim().ToLowerInvariant();
        if (IsName(mended))
            return Replacing(entry.Name!, mended);

        // A package with its version in the form that apt-get takes.
        return entry.Version is null && mended.Split('=') is [var package, var version] && IsName(package) && IsVersion(version)
            ? new TextEdit(entry.Name!.Start, entry.Name.End, $"\"{package}\", \"version\": \"{version}\"")
            : null;
    }

    private static TextEdit? WithVersion(OutlineEntry entry, ManifestOutline outline)
    {
        string version = outline.StringAt(entry.Version!);
        string mended = version.Trim().TrimStart('=').TrimStart();
        if (mended is ['v' or 'V', >= '0' and <= '9', ..])
            mended = mended[1..];
        if (IsVersion(mended))
            return Replacing(entry.Version!, mended);
        return PackageVersionRule.IsWordForNewest(version) && outline.Text[entry.VersionMember!.Start] == ','
            ? new TextEdit(entry.VersionMember.Start, entry.VersionMember.End, "")
            : null;
    }

    private static bool IsName(string text) => PackageNameRule.Read(text, out _, out _) is null;

    private static bool IsVersion(string text) => !text.EndsWith('-') && DebianVersion.TryParse(text, out _, out _);

    // The new text contains nothing that JSON would escape.
    private static TextEdit Replacing(TextSpan span, string text) => new(span.Start, span.End, $"\"{text}\"");
}
