using AptHandler.Files;
using AptHandler.Processes;

namespace AptHandler.Rollback;

/// <summary>Compares a machine with its snapshot.</summary>
internal sealed class SnapshotComparison
{
    private readonly RootTree _tree;
    private readonly MachineSnapshot _snapshot;
    private readonly string[] _paths;

    /// <summary>Starts a comparison.</summary>
    /// <param name="tree">The machine.</param>
    /// <param name="snapshot">The snapshot.</param>
    public SnapshotComparison(RootTree tree, MachineSnapshot snapshot)
    {
        (_tree, _snapshot) = (tree, snapshot);
        _paths = [.. snapshot.Entries.Select(entry => entry.Path), .. snapshot.Absent];
        Array.Sort(_paths, StringComparer.Ordinal);
    }

    /// <summary>The old entries, by path.</summary>
    public EntryTable Before => _snapshot.ByPath;

    /// <summary>An empty set of paths.</summary>
    public PathSet NewSet() => new(_paths);

    /// <summary>The snapshot's own object for a path, because two objects take twice the memory; else the path that was given.</summary>
    public string Shared(string path) => Array.BinarySearch(_paths, path, StringComparer.Ordinal) is >= 0 and var at ? _paths[at] : path;

    /// <summary>The current entries of the paths that differ from before.</summary>
    /// <param name="contents">The kept contents.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public Dictionary<string, SnapshotEntry> Differing(KeptContents contents)
    {
        var differing = new Dictionary<string, SnapshotEntry>(StringComparer.Ordinal);
        Differing(contents, (before, now) => differing.Add(before.Path, now));
        return differing;
    }

    /// <summary>Passes on the differing entries one by one, because there can be very many.</summary>
    /// <param name="contents">The kept contents.</param>
    /// <param name="onDiffering">Gets the old entry and the current one.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public void Differing(KeptContents contents, Action<SnapshotEntry, SnapshotEntry> onDiffering)
    {
        foreach (SnapshotEntry[] some in _snapshot.Entries.Where(entry => entry.Kind != EntryKind.Absent).Chunk(FileHash.FilesAtOnce))
        {
            SnapshotEntry[] now = Array.ConvertAll(some, before => SnapshotEntry.Of(_tree, before.Path));
            EntryHashes.FillIn(_tree, now.Where((there, at) => IsDoubtful(some[at], there)));
            for (int at = 0; at < some.Length; at++)
            {
                if (!IsSame(some[at], now[at], contents))
                    onDiffering(some[at], now[at]);
            }
        }
    }

    // A new time of change alone proves nothing: dpkg writes the same content anew.
    private static bool IsDoubtful(SnapshotEntry before, SnapshotEntry now) =>
        before.Kind == EntryKind.File && now.Kind == EntryKind.File && before.Changed != now.Changed && before.Size == now.Size;

    private bool IsSame(SnapshotEntry before, SnapshotEntry now, KeptContents contents)
    {
        // A missing path in /run counts as the same, because /run is empty after a reboot.
        if (now.Kind == EntryKind.Absent && before.Path.StartsWith("/run/", StringComparison.Ordinal))
            return true;
        if (!IsDoubtful(before, now))
            return before.IsLike(now) && before.Size == now.Size;
        bool isSame =
            before.Hash is not null && now.Hash is not null
                ? before.Hash == now.Hash
                : before.Content is not { } offset || IsKept(now.Path, offset, before.Size, contents);
        if (isSame && before.SameFileAs is { } other)
            isSame = _tree.StatusOf(other)?.Inode == _tree.StatusOf(now.Path)?.Inode;

        // Where only the attributes differ, the content need not be written again.
        if (isSame)
            now.Hash = before.Hash;
        return isSame && before.IsLike(now);
    }

    private bool IsKept(string path, long offset, long length, KeptContents contents)
    {
        using Descriptor file = _tree.Open(path);
        return contents.IsContentOf(file, offset, length);
    }
}
