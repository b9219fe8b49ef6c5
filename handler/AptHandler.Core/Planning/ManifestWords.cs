using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Manifests;
using AptHandler.Planning.Pins;
using AptHandler.Results;

namespace AptHandler.Planning;

/// <summary>What a manifest asks for, in the spelling of the sources.</summary>
internal static class ManifestWords
{
    /// <summary>The words for <c>apt-get install</c>, in the manifest's order.</summary>
    /// <exception cref="MissingPackagesException">The sources do not have everything that the manifest asks for.</exception>
    /// <exception cref="UpdateException">The preferences of apt refuse a part of the manifest.</exception>
    public static List<string> Of(
        AptManifest manifest,
        DpkgStatus status,
        RepositoryVersions repository,
        AptCommand apt,
        CancellationToken cancellation
    )
    {
        var words = new List<string>();
        var missing = new List<MissingPackage>();
        var refused = new List<string>();
        foreach (PackageIntent intent in manifest.Packages)
        {
            IReadOnlyList<string> versions = repository[status.NameOf(intent.Package)];
            StatusEntry? entry = status.Find(intent.Package);
            string? installed = entry is { IsInstalled: true } there ? there.Version : null;
            switch (intent.Kind)
            {
                // apt reports an error for the removal of a package that it does not know. For the manifest, such a removal is already
                // done.
                case PackageIntentKind.Remove when versions.Count > 0 || entry is { HoldsFiles: true }:
                    words.Add($"{intent.Package}-");
                    break;
                case PackageIntentKind.Remove:
                    break;
                case PackageIntentKind.InstallNewest when versions.Count > 0 || installed is not null:
                    words.Add(intent.Package.ToString());
                    break;
                case PackageIntentKind.InstallPinned when Spelling(intent.Version!.Value.Text, installed, versions) is { } spelling:
                    words.Add($"{intent.Package}={spelling}");
                    break;
                default:
                    missing.Add(new MissingPackage(intent, versions));
                    continue;
            }

            if (
                intent.Kind != PackageIntentKind.Remove
                && Refusal(intent, status.NameOf(intent.Package), words[^1], installed, repository) is { } refusal
            )
                refused.Add(refusal);
        }

        if (missing.Count > 0)
            throw new MissingPackagesException(MissingPackage.Explained(missing, apt.Names(cancellation), apt, cancellation));
        return refused.Count == 0 ? words : throw new UpdateException(ExtendedResult.PlanMismatch, string.Join("; ", refused));
    }

    /// <summary>
    /// The removals of packages that neither the sources nor dpkg know. Their names are misspelt, or the packages no longer exist. Nothing
    /// is done for them.
    /// </summary>
    public static IReadOnlyList<MissingPackage> UnknownRemovals(
        AptManifest manifest,
        DpkgStatus status,
        RepositoryVersions repository,
        AptCommand apt,
        Func<string, bool> wasKnown,
        CancellationToken cancellation
    )
    {
        MissingPackage[] unknown =
        [
            .. from intent in manifest.Packages
            where
                intent.Kind == PackageIntentKind.Remove
                && repository[status.NameOf(intent.Package)].Count == 0
                && status.Find(intent.Package) is null
                && !wasKnown(status.NameOf(intent.Package))
            select new MissingPackage(intent, []),
        ];

        if (unknown.Length == 0)
            return [];

        // A name that another architecture has is not misspelt.
        IReadOnlyList<string> names = apt.Names(cancellation);
        MissingPackage[] misspelt =
        [
            .. unknown.Where(each =>
                each.Intent.Package.Architecture is null || !names.Contains(each.Intent.Package.Name, StringComparer.Ordinal)
            ),
        ];
        return MissingPackage.Explained(misspelt, names, apt, cancellation);
    }

    /// <summary>
    /// Refuses a manifest that asks for two different things of one package: <c>foo</c> and <c>foo:amd64</c> are the same package on an
    /// amd64 machine.
    /// </summary>
    /// <exception cref="UpdateException">The manifest does that.</exception>
    public static void RefuseTwins(AptManifest manifest, DpkgStatus status)
    {
        foreach ((PackageIntent first, PackageIntent second) in Twins(manifest, status))
        {
            if (!first.AsksTheSameAs(second))
            {
                throw new UpdateException(
                    ExtendedResult.Manifest,
                    $"{first.Package} and {second.Package} are one package on a machine of {status.NativeArchitecture}, "
                        + $"and the manifest asks for {first.Wish} and for {second.Wish} of it; keep one of the two"
                );
            }
        }
    }

    /// <summary>
    /// The entries that name a package for the second time, in another spelling. Each comes with the first entry for the package.
    /// </summary>
    public static IEnumerable<(PackageIntent First, PackageIntent Second)> Twins(AptManifest manifest, DpkgStatus status)
    {
        var first = new Dictionary<string, PackageIntent>(StringComparer.Ordinal);
        foreach (PackageIntent intent in manifest.Packages)
        {
            if (!first.TryAdd(status.NameOf(intent.Package), intent))
                yield return (first[status.NameOf(intent.Package)], intent);
        }
    }

    /// <summary>
    /// The version that each package of a manifest should have after the update; null for a removal. The packages are named as apt names
    /// them.
    /// </summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="words">The words for apt, made from the manifest.</param>
    /// <param name="status">What is installed.</param>
    /// <param name="repository">What the sources have.</param>
    public static Dictionary<string, string?> Wishes(
        AptManifest manifest,
        IReadOnlyList<string> words,
        DpkgStatus status,
        RepositoryVersions repository
    )
    {
        string native = status.NativeArchitecture;
        var wishes = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (PackageIntent intent in manifest.Packages)
        {
            string start = $"{intent.Package}=";
            wishes[PackageVersion.KeyOf(intent.Package.Name, intent.Package.Architecture ?? native, native)] = intent.Kind switch
            {
                PackageIntentKind.Remove => null,
                PackageIntentKind.InstallPinned => words.First(word => word.StartsWith(start, StringComparison.Ordinal))[start.Length..],
                _ => repository.CandidateOf(status.NameOf(intent.Package)) ?? status.Find(intent.Package)?.Version ?? "",
            };
        }

        return wishes;
    }

    /// <summary>
    /// The repository's spelling of a version. The manifest's 1.0.8 may be the repository's 1.0.8-0, and apt knows only that spelling. Of
    /// several equal versions the installed one is best, because then there is nothing to do. A spelling that only dpkg has comes last: apt
    /// treats it and the repository's as one version.
    /// </summary>
    public static string? Spelling(string wanted, string? installed, IReadOnlyList<string> versions)
    {
        string[] equal = [.. versions.Where(version => DebianVersion.Compare(version, wanted) == 0)];
        string? there = installed is not null && DebianVersion.Compare(installed, wanted) == 0 ? installed : null;
        return Array.Find(equal, version => version == there)
            ?? Array.Find(equal, version => version == wanted)
            ?? equal.FirstOrDefault()
            ?? there;
    }

    // apt ignores all its pins for an exact version, even a pin of an administrator who refuses the source. So the pin is checked here. If
    // several packages have the same version, apt takes the first.
    private static string? Refusal(PackageIntent intent, string name, string word, string? installed, RepositoryVersions repository)
    {
        string version = intent.Kind == PackageIntentKind.InstallPinned ? word[(word.IndexOf('=', StringComparison.Ordinal) + 1)..] : "";
        OfferedVersion? offer =
            version.Length > 0 ? repository.Offers(name).FirstOrDefault(each => each.Version == version)
            : repository.CandidateOf(name) is null && repository.Offers(name) is [var newest, ..] ? newest
            : null;
        bool isThere = version.Length > 0 ? installed == version : installed is not null;
        if (offer is not { Priority: < 0 } || isThere)
            return null;
        string others = string.Join(", ", repository.NotRefused(name));
        string available = others.Length > 0 ? $"; available otherwise: {others}" : "";
        return $"cannot install {intent.Package} {offer.Version}: apt's preferences pin it {offer.Refusal}{available}; "
            + "raise the priority in /etc/apt/preferences.d if it is wanted from there, or change the manifest";
    }
}
