using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Processes;

namespace AptHandler.Rollback;

/// <summary>Keeps the contents of the files that no archive has in that state.</summary>
/// <param name="system">The machine.</param>
/// <param name="folder">The folder of the backup.</param>
/// <param name="tree">The files of the machine.</param>
/// <param name="contents">Gets the contents.</param>
internal sealed class UnarchivedContents(AptSystem system, BackupFolder folder, RootTree tree, KeptContents contents)
{
    private int _names;

    /// <summary>Keeps the contents. Notes in each entry the offset of its content, and its hash.</summary>
    /// <param name="entries">The entries of the snapshot.</param>
    /// <param name="old">
    /// The installed packages. dpkg has a list of checksums of each, which tells whether its archive has a file in that state.
    /// </param>
    /// <exception cref="IOException">A file cannot be kept; the message says which, and why.</exception>
    public void Keep(List<SnapshotEntry> entries, List<StatusEntry> old)
    {
        var md5Sums = new Md5Table(new EntryTable(entries));
        foreach (StatusEntry package in old)
        {
            if (FileLists.InfoFile(system, package, "md5sums") is { } file)
                md5Sums.Read(file);
        }

        foreach (SnapshotEntry[] some in entries.Chunk(FileHash.FilesAtOnce))
            Keep(some, md5Sums);
    }

    private void Keep(SnapshotEntry[] entries, Md5Table md5Sums)
    {
        Dictionary<string, SnapshotEntry> safe = EntryHashes.SafeFiles(tree, entries);
        string[] inPackages = [.. safe.Keys.Where(place => safe[place] is { IsConffile: false } file && md5Sums.Knows(file.Path))];

        // The MD5 sums are computed while this process waits for the other hashes.
        Action<Action<string, string>> shipped = FileHash.StartAll("md5sum", inPackages);
        EntryHashes.FillIn(tree, entries);
        var sums = new Dictionary<string, string>(StringComparer.Ordinal);
        shipped((place, sum) => sums[place] = sum);
        foreach (SnapshotEntry entry in entries)
        {
            bool isShipped =
                !entry.IsConffile
                && md5Sums.Knows(entry.Path)
                && tree.SafePath(entry.Path) is { } place
                && sums.TryGetValue(place, out string? sum)
                && md5Sums.Is(entry.Path, sum);
            if (entry.Kind != EntryKind.File || isShipped || entry.SameFileAs is not null || !entry.IsInReach)
                continue;
            RequireRoom(entry);
            using Descriptor file = tree.Open(entry.Path);
            (long offset, long length) = contents.Add(file);
            if (length != entry.Size)
                throw new IOException($"cannot keep {entry.Path}: it is being written; try again when nobody writes to it");
            entry.Content = offset;
            KeepName(entry, _names++);
        }
    }

    // Keeps a file that has other names elsewhere by a hard link. It has these names again only if the same file comes back.
    private void KeepName(SnapshotEntry entry, int number)
    {
        string name = $"{number:d6}";
        if (
            tree.StatusOf(entry.Path) is { Links: > 1 }
            && tree.SafePath(entry.Path) is { } place
            && Libc.Link(Libc.AT_FDCWD, place, Libc.AT_FDCWD, folder.KeptName(name), 0) == 0
        )
            entry.KeptName = name;
    }

    // Only large files are checked. The check of free space before has left room for the others.
    private void RequireRoom(SnapshotEntry entry)
    {
        const long Large = 1 << 20;
        if (entry.Size < Large)
            return;
        long free = new DriveInfo(folder.Archives).AvailableFreeSpace;
        if (free >= entry.Size + BackupFolder.RoomFor(system))
            return;
        contents.Dispose();
        throw new IOException(
            $"cannot keep {entry.Path}, which the update would replace: it needs {entry.Size / 1000} kB at {folder.Archives}, "
                + $"but {free / 1000} kB are free; free some space, or move the file away",
            Libc.ENOSPC
        );
    }
}
