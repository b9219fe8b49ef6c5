using System.Text.Json.Serialization;
using AptHandler.Files;
using AptHandler.Processes;

namespace AptHandler.Rollback;

/// <summary>
/// What "the same device" means for an update: all that it can touch, as it was at one moment. That is every path that an old or a new
/// package of the plan ships or takes over, with the folders above it, and what dpkg and its tools keep about packages. Taken before the
/// update, and compared with the machine after the way back.
/// </summary>
public sealed record MachineSnapshot
{
    private EntryTable? _byPath;

    /// <summary>What was there, by path.</summary>
    public required IReadOnlyList<SnapshotEntry> Entries { get; init; }

    /// <summary>Paths at which there was nothing.</summary>
    public required IReadOnlyList<string> Absent { get; init; }

    /// <summary>Diversions, overrides, alternatives and triggers.</summary>
    public required PackageDatabases Databases { get; init; }

    /// <summary>What dpkg kept about the packages of the plan, and about those whose files they take over.</summary>
    public required IReadOnlyList<PackageRecord> Records { get; init; }

    /// <summary>The names of the services that old and new packages of the plan have.</summary>
    public required IReadOnlyCollection<string> Services { get; init; }

    /// <summary>What was there of the kind that scripts make and no package ships: see <see cref="UnshippedNames"/>.</summary>
    public required IReadOnlyCollection<string> Unshipped { get; init; }

    /// <summary>What was there, to be found by path.</summary>
    [JsonIgnore]
    internal EntryTable ByPath => _byPath ??= new EntryTable(Entries);

    /// <summary>
    /// What dpkg-maintscript-helper(1) adds to the name of a folder that becomes a link, and of a link that becomes a folder.
    /// </summary>
    internal const string FolderBackup = ".dpkg-backup";

    /// <summary>What dpkg adds to the name of a file or folder while it replaces it.</summary>
    internal static IReadOnlyList<string> OnTheWay { get; } = [".dpkg-new", ".dpkg-tmp"];

    /// <summary>The paths at which there is something now, and was nothing: those of the snapshot, what dpkg leaves beside them when it is
    /// killed, and new links that enable services.</summary>
    internal IEnumerable<string> NewPaths(RootTree tree)
    {
        // One after the other, and not all of them in a list: there are several for each path.
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

    /// <summary>What scripts, or others, have made and deleted since that no package ships.</summary>
    internal UnshippedChanges UnshippedChanges(RootTree tree)
    {
        HashSet<string> made = UnshippedNames.Look(tree, Entries);
        HashSet<string> deleted = [.. Unshipped.Except(made, StringComparer.Ordinal)];
        made.ExceptWith(Unshipped);

        // What is compared for itself.
        foreach (HashSet<string> names in new[] { made, deleted })
        {
            names.ExceptWith(Absent);
            names.ExceptWith(Entries.Select(entry => entry.Path));
        }

        return new UnshippedChanges(made, deleted);
    }

    /// <summary>
    /// Whether nobody has changed anything of it since. A change of dpkg's own databases shows in the status of packages.
    /// </summary>
    internal bool IsStillSo(RootTree tree) =>
        !NewPaths(tree).Any()
        && Entries.All(before =>
            SnapshotEntry.Of(tree, before.Path) is var now
            && before.IsLike(now)
            && (before.Kind is EntryKind.Folder or EntryKind.Absent || before.Changed == now.Changed)
        );

    /// <summary>What of all this is not as it was. To be taken when an update has ended well.</summary>
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

    // One part after the other, as they are written: all at once can be hundreds of thousands.
    private static IEnumerable<SnapshotEntry> Hashed(IEnumerable<SnapshotEntry> entries, RootTree tree)
    {
        foreach (SnapshotEntry[] some in entries.Chunk(FileHash.FilesAtOnce))
        {
            // No archive tells what these hold, and the time of a change does not survive a copy of the disk.
            EntryHashes.FillIn(tree, some.Where(entry => entry.IsConffile || Conffiles.IsBeside(entry.Path)));
            foreach (SnapshotEntry entry in some)
                yield return entry;
        }
    }
}

/// <summary>
/// What an update left behind where it differs from what was before: so what others change later can be told apart from it.
/// </summary>
/// <param name="Entries">Paths that are not as before.</param>
/// <param name="Databases">Diversions, overrides, alternatives and triggers.</param>
/// <param name="Unshipped">What scripts have made and deleted that no package ships.</param>
/// <param name="Disappeared">The packages outside the plan that lost all their files to it.</param>
public sealed record UpdateTrace(
    IEnumerable<SnapshotEntry> Entries,
    PackageDatabases Databases,
    UnshippedChanges Unshipped,
    IReadOnlyCollection<string> Disappeared
);

/// <summary>Changes of what no package ships: paths, and <c>user NAME</c> and <c>group NAME</c>.</summary>
/// <param name="Made">What was not there before.</param>
/// <param name="Deleted">What is not there any more.</param>
public sealed record UnshippedChanges(IReadOnlyCollection<string> Made, IReadOnlyCollection<string> Deleted);

/// <summary>
/// What others had changed when an update began to be undone. Decided once: whoever goes on after a power cut finds a machine on its way.
/// </summary>
/// <param name="ChangedSince">Files that have to make room, or that stay and belong to no package.</param>
/// <param name="ByOthers">Paths that are not of the update.</param>
/// <param name="Staying">Paths that stay as they are, and are named.</param>
/// <param name="Saved">The new names of what had to make room, with the old ones.</param>
/// <param name="Databases">Diversions, overrides, alternatives and triggers as they were then.</param>
public sealed record NotedChanges(
    IReadOnlyList<string> ChangedSince,
    IReadOnlyList<string> ByOthers,
    IReadOnlyList<string> Staying,
    IReadOnlyDictionary<string, string> Saved,
    PackageDatabases Databases
);

/// <summary>What dpkg kept about a package.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Architecture">Its architecture.</param>
/// <param name="Stanza">Its stanza of the status file.</param>
/// <param name="Files">Its files in <c>info</c>.</param>
public sealed record PackageRecord(string Name, string Architecture, KeptBytes Stanza, IReadOnlyList<KeptInfoFile> Files)
{
    /// <summary>Whether it is no part of the plan: the new packages only take over files of it.</summary>
    public bool IsOutsidePlan { get; init; }
}

/// <summary>A file of a package in <c>info</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Mode">Its permission bits.</param>
/// <param name="Content">What it held.</param>
public sealed record KeptInfoFile(string Name, uint Mode, KeptBytes Content);

/// <summary>Where bytes lie among the kept contents.</summary>
/// <param name="Offset">Where they begin.</param>
/// <param name="Length">How many there are.</param>
public sealed record KeptBytes(long Offset, int Length);
