using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Manifests;

namespace AptHandler.Planning;

/// <summary>What a manifest asks for and the sources do not have.</summary>
/// <param name="Intent">The wish.</param>
/// <param name="Versions">
/// The versions of the package that the sources have, newest first; empty for a package that they do not know.
/// </param>
public sealed record MissingPackage(PackageIntent Intent, IReadOnlyList<string> Versions)
{
    /// <summary>What they have under the name of an unknown package, though it is not what the name means; or null.</summary>
    public KnownName? Known { get; init; }

    /// <summary>Names that look like that of an unknown package, the nearest first.</summary>
    public IReadOnlyList<string> Nearest { get; init; } = [];

    /// <summary>
    /// The architectures that the machine takes packages of, where that of an unknown package is none of them; else empty.
    /// </summary>
    public IReadOnlyList<string> OtherArchitectures { get; init; } = [];

    /// <summary>What to write or do instead, as a part of a sentence; null where nobody can tell.</summary>
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

    /// <summary>The same, with all that can be said of the unknown packages among the first: no message names more of them.</summary>
    /// <param name="missing">The packages.</param>
    /// <param name="names">All names that apt knows.</param>
    /// <param name="apt">Asked for the rest.</param>
    /// <param name="cancellation">Ends it.</param>
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

        // showpkg takes no notice of an architecture.
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

/// <summary>The sources do not have what a manifest asks for.</summary>
/// <param name="missing">All of it, in the order of the manifest.</param>
/// <param name="gap">Where it may be all the same: <see cref="SourceLists.Gap"/>.</param>
public sealed class MissingPackagesException(IReadOnlyList<MissingPackage> missing, string gap = "")
    : AptException(new AptFailure(AptFailureKind.UnknownVersion, null, Words(missing, gap)))
{
    /// <summary>All of it, in the order of the manifest.</summary>
    public IReadOnlyList<MissingPackage> Missing { get; } = missing;

    /// <summary>Where it may be all the same: what is not in the lists that apt has; empty where it has them all.</summary>
    public string Gap { get; } = gap;

    private static string Words(IReadOnlyList<MissingPackage> missing, string gap) =>
        string.Join("; ", missing) + (gap.Length > 0 ? $"; {gap}" : "");
}
