using AptHandler.Files;

namespace AptHandler.Rollback;

/// <summary>Compares a machine with its snapshot.</summary>
internal sealed class SnapshotComparison
{
    private readonly RootTree _tree;
    private readonly MachineSnapshot _snapshot;

    /// <summary>Begins a comparison.</summary>
    /// <param name="tree">The machine.</param>
    /// <param name="snapshot">How it was.</param>
    public SnapshotComparison(RootTree tree, MachineSnapshot snapshot)
    {
        (_tree, _snapshot) = (tree, snapshot);
        foreach (SnapshotEntry entry in snapshot.Entries)
            Before[entry.Path] = entry;
    }

    /// <summary>What was there, by path.</summary>
    public Dictionary<string, SnapshotEntry> Before { get; } = new(StringComparer.Ordinal);

    /// <summary>What is there now at the paths that are not as they were.</summary>
    /// <param name="contents">The kept contents.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public Dictionary<string, SnapshotEntry> Differing(KeptContents contents)
    {
        var differing = new Dictionary<string, SnapshotEntry>(StringComparer.Ordinal);
        var doubtful = new List<SnapshotEntry>();
        foreach (SnapshotEntry before in _snapshot.Entries.Where(entry => entry.Kind != EntryKind.Absent))
        {
            SnapshotEntry now = SnapshotEntry.Of(_tree, before.Path);

            // /run is empty after a reboot.
            if (now.Kind == EntryKind.Absent && before.Path.StartsWith("/run/", StringComparison.Ordinal))
                continue;
            if (!before.IsLike(now) || before.Size != now.Size)
                differing[before.Path] = now;
            if (before.Kind == EntryKind.File && now.Kind == EntryKind.File && before.Changed != now.Changed && before.Size == now.Size)
                doubtful.Add(now);
        }

        SnapshotMaker.Hash(_tree, doubtful);
        foreach (SnapshotEntry now in doubtful)
        {
            SnapshotEntry before = Before[now.Path];
            bool isSame = before.Hash is not null && now.Hash is not null ? before.Hash == now.Hash
                : before.Content is not { } offset || IsKept(now.Path, offset, before.Size, contents);
            if (isSame && before.SameFileAs is { } other)
                isSame = _tree.StatusOf(other)?.Inode == _tree.StatusOf(now.Path)?.Inode;
            if (!isSame)
                differing[now.Path] = now;
            else if (differing.TryGetValue(now.Path, out SnapshotEntry? unlike))
                unlike.Hash = before.Hash;
        }

        return differing;
    }

    private bool IsKept(string path, long offset, long length, KeptContents contents)
    {
        using Descriptor file = _tree.Open(path);
        return contents.IsContentOf(file, offset, length);
    }
}
