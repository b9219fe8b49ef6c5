using AptHandler.Debian;
using AptHandler.Manifests;

namespace AptHandler.Authoring;

/// <summary>What has become of a package from one manifest to another.</summary>
public enum PackageDifferenceKind
{
    /// <summary>It is now to be installed.</summary>
    Added,

    /// <summary>It is not listed any more: devices that have it keep it.</summary>
    Unlisted,

    /// <summary>It is now to be removed from the devices.</summary>
    Removed,

    /// <summary>A later version, by Debian's order.</summary>
    Raised,

    /// <summary>An earlier version, by Debian's order.</summary>
    Lowered,

    /// <summary>One exact version in place of the newest.</summary>
    Pinned,

    /// <summary>The newest version in place of an exact one.</summary>
    Unpinned,
}

/// <summary>A package that two manifests wish differently.</summary>
/// <param name="Name">The package.</param>
/// <param name="Kind">What has become of it.</param>
/// <param name="Before">What the old manifest wishes: a version, <c>newest</c> or <c>removal</c>; null where it does not list the package.</param>
/// <param name="After">The same of the new one.</param>
public sealed record ManifestDifference(string Name, PackageDifferenceKind Kind, string? Before, string? After)
{
    /// <summary>All packages that two manifests wish differently, by their names. Two spellings of one version are no difference.</summary>
    public static IReadOnlyList<ManifestDifference> Between(AptManifest old, AptManifest @new)
    {
        Dictionary<string, PackageIntent> before = ByName(old);
        var differences = new List<ManifestDifference>();
        foreach (PackageIntent after in @new.Packages)
        {
            string name = after.Package.ToString();
            _ = before.Remove(name, out PackageIntent? earlier);
            if (KindOf(earlier, after) is { } kind)
                differences.Add(new ManifestDifference(name, kind, earlier is null ? null : Wish(earlier), Wish(after)));
        }

        foreach (PackageIntent gone in before.Values)
            differences.Add(new ManifestDifference(gone.Package.ToString(), PackageDifferenceKind.Unlisted, Wish(gone), null));
        differences.Sort((one, other) => string.CompareOrdinal(one.Name, other.Name));
        return differences;
    }

    private static PackageDifferenceKind? KindOf(PackageIntent? before, PackageIntent after) => (before?.Kind, after.Kind) switch
    {
        (PackageIntentKind.Remove, PackageIntentKind.Remove) or (PackageIntentKind.InstallNewest, PackageIntentKind.InstallNewest) => null,
        (_, PackageIntentKind.Remove) => PackageDifferenceKind.Removed,
        (null or PackageIntentKind.Remove, _) => PackageDifferenceKind.Added,
        (PackageIntentKind.InstallNewest, _) => PackageDifferenceKind.Pinned,
        (_, PackageIntentKind.InstallNewest) => PackageDifferenceKind.Unpinned,
        _ => DebianVersion.Compare(before!.Version!.Value.Text, after.Version!.Value.Text) switch
        {
            0 => null,
            < 0 => PackageDifferenceKind.Raised,
            _ => PackageDifferenceKind.Lowered,
        },
    };

    private static string Wish(PackageIntent intent) => intent.Kind switch
    {
        PackageIntentKind.Remove => "removal",
        PackageIntentKind.InstallNewest => "newest",
        _ => intent.Version!.Value.Text,
    };

    private static Dictionary<string, PackageIntent> ByName(AptManifest manifest) =>
        manifest.Packages.ToDictionary(intent => intent.Package.ToString(), StringComparer.Ordinal);
}
