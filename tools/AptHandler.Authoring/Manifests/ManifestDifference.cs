using AptHandler.Debian;
using AptHandler.Manifests;

namespace AptHandler.Authoring.Manifests;

/// <summary>How the entry for a package differs between two manifests.</summary>
public enum PackageDifferenceKind
{
    /// <summary>It is now to be installed.</summary>
    Added,

    /// <summary>It is no longer listed: devices that have it keep it.</summary>
    Unlisted,

    /// <summary>It is now to be removed from the devices.</summary>
    Removed,

    /// <summary>A later version, by Debian's order.</summary>
    Raised,

    /// <summary>An earlier version, by Debian's order.</summary>
    Lowered,

    /// <summary>One exact version instead of the newest.</summary>
    Pinned,

    /// <summary>The newest version instead of an exact one.</summary>
    Unpinned,
}

/// <summary>A package for which two manifests ask for different things.</summary>
public sealed class ManifestDifference(string name, PackageDifferenceKind kind, string? before, string? after)
{
    /// <summary>The package.</summary>
    public string Name { get; } = name;

    /// <summary>How the entry differs.</summary>
    public PackageDifferenceKind Kind { get; } = kind;

    /// <summary>
    /// What the old manifest asks for: a version, <c>newest</c> or <c>removal</c>; null where it does not list the package.
    /// </summary>
    public string? Before { get; } = before;

    /// <summary>What the new manifest asks for, in the same form.</summary>
    public string? After { get; } = after;

    /// <summary>All packages with different entries in two manifests, sorted by name. Two spellings of a version are the same.</summary>
    public static IReadOnlyList<ManifestDifference> Between(AptManifest old, AptManifest @new)
    {
        var all = new HashSet<string>(StringComparer.Ordinal);
        Dictionary<string, int> before = PlacesIn(old, all);
        Dictionary<string, int> after = PlacesIn(@new, all);
        string[] names = [.. all];
        Array.Sort(names, StringComparer.Ordinal);
        var differences = new List<ManifestDifference>();
        foreach (string name in names)
        {
            PackageIntent? earlier = before.TryGetValue(name, out int place) ? old.Packages[place] : null;
            PackageIntent? later = after.TryGetValue(name, out place) ? @new.Packages[place] : null;
            if (KindOf(earlier, later) is { } kind)
                differences.Add(new ManifestDifference(name, kind, Wish(earlier), Wish(later)));
        }

        return differences;
    }

    private static PackageDifferenceKind? KindOf(PackageIntent? before, PackageIntent? after) =>
        (before?.Kind, after?.Kind) switch
        {
            (_, null) => PackageDifferenceKind.Unlisted,
            (PackageIntentKind.Remove, PackageIntentKind.Remove) or (PackageIntentKind.InstallNewest, PackageIntentKind.InstallNewest) =>
                null,
            (_, PackageIntentKind.Remove) => PackageDifferenceKind.Removed,
            (null or PackageIntentKind.Remove, _) => PackageDifferenceKind.Added,
            (PackageIntentKind.InstallNewest, _) => PackageDifferenceKind.Pinned,
            (_, PackageIntentKind.InstallNewest) => PackageDifferenceKind.Unpinned,
            _ => DebianVersion.Compare(before!.Version!.Value.Text, after!.Version!.Value.Text) switch
            {
                0 => null,
                < 0 => PackageDifferenceKind.Raised,
                _ => PackageDifferenceKind.Lowered,
            },
        };

    private static string? Wish(PackageIntent? intent) =>
        intent?.Kind switch
        {
            null => null,
            PackageIntentKind.Remove => "removal",
            PackageIntentKind.InstallNewest => "newest",
            _ => intent!.Version!.Value.Text,
        };

    private static Dictionary<string, int> PlacesIn(AptManifest manifest, HashSet<string> names)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < manifest.Packages.Count; i++)
        {
            string name = manifest.Packages[i].Package.ToString();
            places.Add(name, i);
            names.Add(name);
        }

        return places;
    }
}
