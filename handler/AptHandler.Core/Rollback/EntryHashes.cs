using AptHandler.Files;
using AptHandler.Processes;

namespace AptHandler.Rollback;

/// <summary>Computes the hashes of files of a snapshot.</summary>
internal static class EntryHashes
{
    /// <summary>Computes the hashes of files. A file gets no hash where others than root can change the way to it.</summary>
    public static void FillIn(RootTree tree, IEnumerable<SnapshotEntry> entries)
    {
        foreach (SnapshotEntry[] some in entries.Where(entry => entry.Kind == EntryKind.File).Chunk(FileHash.FilesAtOnce))
        {
            Dictionary<string, SnapshotEntry> files = SafeFiles(tree, some);
            FileHash.StartAll("sha256sum", files.Keys)((path, hash) => files[path].Hash = hash);
        }
    }

    /// <summary>The files by their real paths. Only files count where nobody but root can change the way.</summary>
    public static Dictionary<string, SnapshotEntry> SafeFiles(RootTree tree, IEnumerable<SnapshotEntry> entries)
    {
        var files = new Dictionary<string, SnapshotEntry>(StringComparer.Ordinal);
        foreach (SnapshotEntry entry in entries)
        {
            if (entry.Kind == EntryKind.File && tree.SafePath(entry.Path) is { } place)
                files.TryAdd(place, entry);
        }

        return files;
    }
}
