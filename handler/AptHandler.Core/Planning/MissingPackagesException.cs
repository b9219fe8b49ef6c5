using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Manifests;

namespace AptHandler.Planning;

/// <summary>A package that a manifest asks for and the sources do not have.</summary>
/// <param name="Intent">The wish.</param>
/// <param name="Versions">
/// The versions of the package that the sources have, newest first; empty for a package that they do not know.
/// </param>
public sealed record MissingPackage(PackageIntent Intent, IReadOnlyList<string> Versions)
{
    /// <summary>
    /// What the sources have under the name of an unknown package, although it is not the package that is meant; or null.
    /// </summary>
    public KnownName? Known { get; init; }

    /// <summary>Names that are similar to that of an unknown package, the nearest first.</summary>
    public IReadOnlyList<string> Nearest { get; init; } = [];

    /// <summary>
    /// The architectures whose packages the machine accepts, where that of an unknown package is not one of them; else empty.
    /// </summary>
    public IReadOnlyList<string> OtherArchitectures { get; init; } = [];

    /// <summary>What to write or do instead, as a part of a sentence; null where there is no advice.</summary>
    public string? Instead =>
        Known switch
        {
            { HasVersions: true } => $"write {Known.QualifiedName}",
            { Providers.Count: > 0 } => $"name one of its providers: {Enumeration.Some(Known.Providers)}",
            _ when Versions.Count > 0 => $"write one that there is: {Enumeration.Some(Versions)}",
            _ when OtherArchitectures.Count > 0 =>
                $"packages of {Intent.Package.Architecture} are not taken here, only of {Enumeration.Some(OtherArchitectures)}: "
                    + $"correct the architecture, or add it to the device: dpkg --add-architecture {Intent.Package.Architecture}",
            _ when Nearest.Count > 0 => $"similar names: {Enumeration.Some(Nearest)}",
            _ => null,
        };

    /// <inheritdoc/>
    public override string ToString() =>
        Versions.Count > 0 ? $"{Intent.Package} has no version {Intent.Version} in the sources; there is {Enumeration.Some(Versions)}"
        : Known is { HasVersions: false, Providers.Count: > 0 } ? $"{Intent.Package} is a virtual package; {Instead}"
        : $"no source has a package {Intent.Package}{(Instead is null ? "" : $"; {Instead}")}";

    /// <summary>The same packages, with advice for the first unknown ones. No message names more packages than these.</summary>
    /// <param name="missing">The packages.</param>
    /// <param name="names">All names that apt knows.</param>
    /// <param name="apt">apt, which knows the providers and the architectures.</param>
    /// <param name="cancellation">Ends the queries.</param>
    internal static IReadOnlyList<MissingPackage> Explained(
        IReadOnlyList<MissingPackage> missing,
        IReadOnlyList<string> names,
        AptCommand apt,
        CancellationToken cancellation
    )
    {
        MissingPackage[] unknown = [.. missing.Where(each => each.Versions.Count == 0).Take(Enumeration.Named)];
        if (unknown.Length == 0)
            return missing;

        // showpkg ignores an architecture.
        string[] bare = [.. unknown.Where(each => each.Intent.Package.Architecture is null).Select(each => each.Intent.Package.Name)];
        IReadOnlyList<KnownName> known = bare.Length > 0 ? apt.Known(bare, cancellation) : [];
        IReadOnlyList<string> architectures = bare.Length < unknown.Length ? apt.Architectures(cancellation) : [];
        return [.. missing.Select(each => unknown.Contains(each) ? Explained(each) : each)];

        MissingPackage Explained(MissingPackage each)
        {
            cancellation.ThrowIfCancellationRequested();
            (string name, string? architecture) = each.Intent.Package;
            return each with
            {
                Known = architecture is null ? known.FirstOrDefault(found => PackageName.Known(found.QualifiedName).Name == name) : null,
                Nearest = NearestNames.Of(name, names),
                OtherArchitectures =
                    architecture is null || architectures.Contains(architecture, StringComparer.Ordinal) ? [] : architectures,
            };
        }
    }
}

/// <summary>The sources do not have all packages that a manifest asks for.</summary>
/// <param name="missing">All missing packages, in the order of the manifest.</param>
/// <param name="gap">Which lists apt does not have: <see cref="SourceLists.Gap"/>.</param>
public sealed class MissingPackagesException(IReadOnlyList<MissingPackage> missing, string gap = "")
    : AptException(new AptFailure(AptFailureKind.UnknownVersion, null, Words(missing, gap)))
{
    /// <summary>All missing packages, in the order of the manifest.</summary>
    public IReadOnlyList<MissingPackage> Missing { get; } = missing;

    /// <summary>Which lists apt does not have, so that the packages may exist after all; empty where apt has all lists.</summary>
    public string Gap { get; } = gap;

    private static string Words(IReadOnlyList<MissingPackage> missing, string gap) =>
        string.Join("; ", missing) + (gap.Length > 0 ? $"; {gap}" : "");
}
