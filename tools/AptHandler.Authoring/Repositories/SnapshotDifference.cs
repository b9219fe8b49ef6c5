using AptHandler.Debian;

namespace AptHandler.Authoring.Repositories;

/// <summary>A package that is different in two snapshots.</summary>
/// <param name="Name">The package, with its architecture.</param>
/// <param name="Before">The version in the old snapshot; null where it has none.</param>
/// <param name="After">The version in the new snapshot; null where it has none.</param>
/// <param name="Kind">The kind of change: <c>added</c>, <c>removed</c>, <c>raised</c>, <c>lowered</c> or <c>rebuilt</c>.</param>
public sealed record SnapshotDifference(string Name, string? Before, string? After, string Kind)
{
    /// <summary>All packages that are different in two snapshots, sorted by name.</summary>
    public static IReadOnlyList<SnapshotDifference> Between(SnapshotRecord old, SnapshotRecord @new)
    {
        Dictionary<string, SnapshotPackage> before = ByName(old),
            after = ByName(@new);
        var names = new SortedSet<string>(before.Keys, StringComparer.Ordinal);
        names.UnionWith(after.Keys);
        var differences = new List<SnapshotDifference>();
        foreach (string name in names)
        {
            SnapshotPackage? earlier = before.GetValueOrDefault(name),
                later = after.GetValueOrDefault(name);
            if (earlier?.Sha256 != later?.Sha256)
                differences.Add(new SnapshotDifference(name, earlier?.Version, later?.Version, KindOf(earlier, later)));
        }

        return differences;
    }

    private static string KindOf(SnapshotPackage? before, SnapshotPackage? after) =>
        before is null ? "added"
        : after is null ? "removed"
        : DebianVersion.Compare(before.Version, after.Version) switch
        {
            0 => "rebuilt",
            < 0 => "raised",
            _ => "lowered",
        };

    private static Dictionary<string, SnapshotPackage> ByName(SnapshotRecord snapshot)
    {
        var byName = new Dictionary<string, SnapshotPackage>(StringComparer.Ordinal);
        foreach (SnapshotPackage package in snapshot.Packages)
            byName[package.QualifiedName] = package;
        return byName;
    }
}
