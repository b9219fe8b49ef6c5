using AptHandler.Apt;
using AptHandler.Manifests;

namespace AptHandler.Updates;

/// <summary>What a manifest asks for and the sources do not have.</summary>
/// <param name="Intent">The wish.</param>
/// <param name="Versions">The versions of the package that the sources have, newest first; empty for a package that they do not know.</param>
public sealed record MissingPackage(PackageIntent Intent, IReadOnlyList<string> Versions)
{
    private const int Named = 8;

    /// <summary>The versions in words; the newest ones where there are many.</summary>
    public string Some => Versions.Count <= Named ? string.Join(", ", Versions) : $"{string.Join(", ", Versions.Take(Named))} and {Versions.Count - Named} more";

    /// <inheritdoc/>
    public override string ToString() => Versions.Count == 0
        ? $"no source has a package {Intent.Package}"
        : $"{Intent.Package} has no version {Intent.Version} in the sources; there is {Some}";
}

/// <summary>The sources do not have what a manifest asks for.</summary>
public sealed class MissingPackagesException(IReadOnlyList<MissingPackage> missing)
    : AptException(new AptFailure(AptFailureKind.UnknownVersion, null, string.Join("; ", missing)))
{
    /// <summary>All of it, in the order of the manifest.</summary>
    public IReadOnlyList<MissingPackage> Missing { get; } = missing;
}
