using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Manifests;

namespace AptHandler.Updates;

/// <summary>What a manifest asks for and the sources do not have.</summary>
/// <param name="Intent">The wish.</param>
/// <param name="Versions">The versions of the package that the sources have, newest first; empty for a package that they do not know.</param>
/// <param name="Known">What they have under the name of an unknown package, though it is not what the name means; or null.</param>
public sealed record MissingPackage(PackageIntent Intent, IReadOnlyList<string> Versions, KnownName? Known = null)
{
    private const int Named = 8;

    /// <summary>What to write instead, as a part of a sentence; null where nobody can tell.</summary>
    public string? Instead => Known switch
    {
        { HasVersions: true } => $"write {Known.QualifiedName}",
        { Providers.Count: > 0 } => $"name one of its providers: {SomeOf(Known.Providers)}",
        _ => Versions.Count > 0 ? $"write one that there is: {SomeOf(Versions)}" : null,
    };

    /// <inheritdoc/>
    public override string ToString() =>
        Versions.Count > 0 ? $"{Intent.Package} has no version {Intent.Version} in the sources; there is {SomeOf(Versions)}"
        : Known is { HasVersions: false, Providers.Count: > 0 } ? $"{Intent.Package} is a virtual package; {Instead}"
        : $"no source has a package {Intent.Package}{(Instead is null ? "" : $"; {Instead}")}";

    private static string SomeOf(IReadOnlyList<string> words) =>
        words.Count <= Named ? string.Join(", ", words) : $"{string.Join(", ", words.Take(Named))} and {words.Count - Named} more";
}

/// <summary>The sources do not have what a manifest asks for.</summary>
public sealed class MissingPackagesException(IReadOnlyList<MissingPackage> missing)
    : AptException(new AptFailure(AptFailureKind.UnknownVersion, null, string.Join("; ", missing)))
{
    /// <summary>The same, with what the sources have under the names of unknown packages.</summary>
    internal static MissingPackagesException Of(IReadOnlyList<MissingPackage> missing, AptCommand apt, CancellationToken cancellation)
    {
        // showpkg takes no notice of an architecture.
        MissingPackage[] unknown = [.. missing.Where(each => each is { Versions.Count: 0, Intent.Package.Architecture: null })];
        IEnumerable<string> names = unknown.Select(each => each.Intent.Package.Name);
        IReadOnlyList<KnownName> known = unknown.Length > 0 ? apt.Known(names, cancellation) : [];
        return new([.. missing.Select(each => unknown.Contains(each) ? each with { Known = KnownAs(each.Intent.Package.Name) } : each)]);

        KnownName? KnownAs(string name) => known.FirstOrDefault(each => PackageName.Known(each.QualifiedName).Name == name);
    }

    /// <summary>All of it, in the order of the manifest.</summary>
    public IReadOnlyList<MissingPackage> Missing { get; } = missing;
}
