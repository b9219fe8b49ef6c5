using System.Buffers;
using AptHandler.Debian;
using AptHandler.Logging;

namespace AptHandler.Manifests;

/// <summary>
/// The rule for the name of a package in a manifest: a name by Debian Policy, with an architecture where there are several, and a minus
/// sign at the end for a removal. apt would also accept patterns, suites and versions here, and guess. A manifest must be exact.
/// </summary>
internal static class PackageNameRule
{
    private static readonly SearchValues<char> PatternSigns = SearchValues.Create("*?^[]|~$");

    /// <summary>Reads a name.</summary>
    /// <param name="text">The member's value.</param>
    /// <param name="package">The package, without the minus sign.</param>
    /// <param name="isRemoval">Whether to remove the package.</param>
    /// <returns>What is wrong with the name; null when nothing is.</returns>
    public static Objection? Read(string text, out PackageName package, out bool isRemoval)
    {
        package = default;
        // Exactly one sign is removed: "g++-" removes g++. "g++" is a name, although a plus sign at the end has a meaning for apt.
        isRemoval = text.EndsWith('-');
        ReadOnlySpan<char> name = isRemoval ? text.AsSpan(0, text.Length - 1) : text;

        if (string.IsNullOrWhiteSpace(text))
            return new(ManifestProblemCodes.EmptyText, "The name of the package is empty; write the name of a Debian package.");
        if (name.IsEmpty)
            return Refuse(text, "names no package before the minus sign; write the name of the package to be removed, such as \"foo-\"");
        if (text.Contains("-:", StringComparison.Ordinal))
            return Refuse(text, "has its minus sign before the architecture; write it last, as in \"foo:arm64-\"");
        return PackageName.TryParse(name, out package, out string? problem) ? null : Refuse(text, Remedy(text) ?? problem);
    }

    // apt-get's command line accepts each of these, and its users write them from habit. No name may hold them.
    private static string? Remedy(string text)
    {
        if (text.Trim().Length != text.Length)
            return "has blanks around it; remove them";
        if (text.Any(char.IsWhiteSpace))
            return "holds a blank; write one object for every package";
        if (text.Contains('=', StringComparison.Ordinal))
            return "holds \"=\"; write what follows it as \"version\"";
        if (text.Contains('/', StringComparison.Ordinal))
            return "holds \"/\"; a manifest knows no suites, write the exact version as \"version\"";
        if (text.AsSpan().ContainsAny(PatternSigns))
            return "looks like a pattern; write one object for every package, each with its full name";
        return null;
    }

    private static Objection Refuse(string text, string? problem) =>
        new(ManifestProblemCodes.InvalidPackageName, $"The package name {Quotation.Of(text)} {problem}.");
}
