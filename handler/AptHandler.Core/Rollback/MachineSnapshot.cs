using System.Text.Json.Serialization;
using AptHandler.Files;
using AptHandler.Processes;

namespace AptHandler.Rollback;

/// <summary>
/// What "the same device" means for an update: all that it can touch, as it was at one moment. That is every path that an old or a new
/// package of the plan ships or takes over, with the folders above it, and the data of dpkg and its tools about packages. It is taken
/// before the update, and compared with the machine after the way back.
/// </summary>
public sealed record MachineSnapshot
{
    private EntryTable? _byPath;

    /// <summary>The old entries, by path. A configuration file that was missing has an entry, too.</summary>
    public required IReadOnlyList<SnapshotEntry> Entries { get; init; }

    /// <summary>Other paths at which there was nothing.</summary>
    public required IReadOnlyList<string> Absent { get; init; }

    /// <summary>Diversions, overrides, alternatives and triggers.</summary>
    public required PackageDatabases Databases { get; init; }

    /// <summary>dpkg's records of the packages of the plan, and of packages whose files the new ones take over.</summary>
    public required IReadOnlyList<PackageRecord> Records { get; init; }

    /// <summary>The names of the services of old and new packages of the plan.</summary>
    public required IReadOnlyCollection<string> Services { get; init; }

    /// <summary>
    /// The existing files, users and groups of the kind that scripts make and no package ships: see <see cref="UnshippedNames"/>.
    /// </summary>
    public required IReadOnlyCollection<string> Unshipped { get; init; }

    /// <summary><see cref="Entries"/> as a table.</summary>
    [JsonIgnore]
    internal EntryTable ByPath => _byPath ??= new EntryTable(Entries);

    /// <summary>
    /// The ending that dpkg-maintscript-helper(1) adds to the name of a folder that becomes a link, and of a link that becomes a folder.
    /// </summary>
    internal const string FolderBackup = ".dpkg-backup";

    /// <summary>The endings that dpkg adds to the name of a file or folder while it replaces it.</summary>
    internal static IReadOnlyList<string> OnTheWay { get; } = [".dpkg-new", ".dpkg-tmp"];

    /// <summary>
    /// The paths that exist now and did not exist before: paths of the snapshot, files that dpkg leaves beside them when it is killed, and
    /// new links that enable services.
    /// </summary>
    internal IEnumerable<string> NewPaths(RootTree tree)
    {
        // The candidates are not collected in a list, because there are several for each path.
        IEnumerable<string> known = Absent.Concat(Entries.Where(entry => entry.IsInReach).Select(entry => entry.Path));
        IEnumerable<string> folders = Entries
            .Where(entry => entry.IsInReach && entry.Kind is EntryKind.Folder or EntryKind.Link)
            .Select(entry => entry.Path);
        IEnumerable<string> candidates = known
            .Concat(known.SelectMany(path => OnTheWay.Select(suffix => path + suffix)))
            .Concat(folders.Select(path => path + FolderBackup))
            .Concat(Enablement.Paths(tree, [.. Services]));
        return candidates
            .Where(path => ByPath.Find(path) is null or { Kind: EntryKind.Absent } && tree.StatusOf(path) is not null)
            .Distinct(StringComparer.Ordinal);
    }

    /// <summary>Unshipped files, users and groups that scripts or others have made or deleted since.</summary>
    internal UnshippedChanges UnshippedChanges(RootTree tree)
    {
        HashSet<string> made = UnshippedNames.Look(tree, Entries);
        HashSet<string> deleted = [.. Unshipped.Except(made, StringComparer.Ordinal)];
        made.ExceptWith(Unshipped);

        // Paths of the snapshot are compared separately.
        foreach (HashSet<string> names in new[] { made, deleted })
        {
            names.ExceptWith(Absent);
            names.ExceptWith(Entries.Select(entry => entry.Path));
        }

        return new UnshippedChanges(made, deleted);
    }

    /// <summary>
    /// Whether nobody has changed any path since. dpkg's own databases are not compared: their changes show in the status of packages.
    /// </summary>
    internal bool IsStillSo(RootTree tree) =>
        !NewPaths(tree).Any()
        && Entries.All(before =>
            SnapshotEntry.Of(tree, before.Path) is var now
            && before.IsLike(now)
            && (before.Kind is EntryKind.Folder or EntryKind.Absent || before.Changed == now.Changed)
        );

    /// <summary>Notes everything that differs from this snapshot. Call it when an update has ended well.</summary>
    /// <param name="tree">The machine.</param>
    /// <param name="databases">Its databases.</param>
    /// <param name="disappeared">The packages outside the plan that lost all their files to it.</param>
    internal UpdateTrace TraceOf(RootTree tree, PackageDatabases databases, IReadOnlyCollection<string> disappeared)
    {
        IEnumerable<SnapshotEntry> changed =
            from before in Entries
            let now = SnapshotEntry.Of(tree, before.Path, before.IsConffile)
            where before.Changed != now.Changed || !before.IsLike(now)
            select now;
        IEnumerable<SnapshotEntry> left = changed.Concat(NewPaths(tree).Select(path => SnapshotEntry.Of(tree, path)));
        return new UpdateTrace(Hashed(left, tree), databases, UnshippedChanges(tree), disappeared);
    }

    // The entries are computed in parts, as they are written. All at once can be hundreds of thousands.
    private static IEnumerable<SnapshotEntry> Hashed(IEnumerable<SnapshotEntry> entries, RootTree tree)
    {
        foreach (SnapshotEntry[] some in entries.Chunk(FileHash.FilesAtOnce))
        {
            // No archive has the content of these files. Their time of change does not survive a copy of the disk.
            EntryHashes.FillIn(tree, some.Where(entry => entry.IsConffile || Conffiles.IsBeside(entry.Path)));
            foreach (SnapshotEntry entry in some)
                yield return entry;
        }
    }
}

/// <summary>
/// The state that an update left behind, where it differs from before. Later changes by others can be told apart from it.
/// </summary>
/// <param name="Entries">Paths that differ from before.</param>
/// <param name="Databases">Diversions, overrides, alternatives and triggers.</param>
/// <param name="Unshipped">Unshipped files, users and groups that scripts have made or deleted.</param>
/// <param name="Disappeared">The packages outside the plan that lost all their files to it.</param>
public sealed record UpdateTrace(
    IEnumerable<SnapshotEntry> Entries,
    PackageDatabases Databases,
    UnshippedChanges Unshipped,
    IReadOnlyCollection<string> Disappeared
);

/// <summary>Changes of things that no package ships: paths, and <c>user NAME</c> and <c>group NAME</c>.</summary>
/// <param name="Made">What did not exist before.</param>
/// <param name="Deleted">What does not exist any more.</param>
public sealed record UnshippedChanges(IReadOnlyCollection<string> Made, IReadOnlyCollection<string> Deleted);

/// <summary>
/// The changes that others had made when an update started to be undone. They are decided once, because after a power cut the machine is
/// partly changed.
/// </summary>
/// <param name="ChangedSince">Files to put aside, and files that stay and belong to no package.</param>
/// <param name="ByOthers">Paths that do not come from the update.</param>
/// <param name="Staying">Paths that stay as they are, and are reported.</param>
/// <param name="Saved">The new names of files that were put aside, with their old names.</param>
/// <param name="Databases">Diversions, overrides, alternatives and triggers as they were then.</param>
public sealed record NotedChanges(
    IReadOnlyList<string> ChangedSince,
    IReadOnlyList<string> ByOthers,
    IReadOnlyList<string> Staying,
    IReadOnlyDictionary<string, string> Saved,
    PackageDatabases Databases
);

/// <summary>dpkg's record of a package.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Architecture">Its architecture.</param>
/// <param name="Stanza">Its stanza of the status file.</param>
/// <param name="Files">Its files in <c>info</c>.</param>
public sealed record PackageRecord(string Name, string Architecture, KeptBytes Stanza, IReadOnlyList<KeptInfoFile> Files)
{
    /// <summary>Whether the package is not in the plan, and the new packages only take over files of it.</summary>
    public bool IsOutsidePlan { get; init; }
}

/// <summary>A file of a package in <c>info</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Mode">Its permission bits.</param>
/// <param name="Content">Its content.</param>
public sealed record KeptInfoFile(string Name, uint Mode, KeptBytes Content);

/// <summary>The place of bytes in the kept contents.</summary>
/// <param name="Offset">Where they start.</param>
/// <param name="Length">How many there are.</param>
public sealed record KeptBytes(long Offset, int Length);
