using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;

namespace AptHandler.Rollback;

/// <summary>Takes the snapshot of a machine before an update. The way back is <see cref="FileReturn"/>.</summary>
/// <param name="system">The machine.</param>
/// <param name="folder">The folder of the backup.</param>
/// <param name="status">The installed packages.</param>
internal sealed class SnapshotMaker(AptSystem system, BackupFolder folder, DpkgStatus status)
{
    private readonly RootTree _tree = new(system.RootFolder);

    /// <summary>Takes the snapshot.</summary>
    /// <param name="packages">The packages in the two sets. Their new archives are in the backup already.</param>
    /// <param name="newFiles">Files that the update itself writes or removes.</param>
    /// <exception cref="IOException">A file cannot be kept; the message says which, and why.</exception>
    public MachineSnapshot Take(IReadOnlyList<KeptPackage> packages, IReadOnlyList<WantedFile> newFiles)
    {
        List<StatusEntry> old = OldPackages(packages);
        HashSet<string> conffiles = Conffiles.Of(system, old);
        var databases = PackageDatabases.Read(system);
        var paths = new UpdatePaths(system, folder, _tree);
        WatchedPaths watched = paths.Find(packages, newFiles, old, conffiles, databases);
        (List<SnapshotEntry> entries, List<string> absent) = Look(watched, conffiles);
        string[] services = [.. watched.Services];
        using var contents = KeptContents.Create(folder.Contents);
        var recordMaker = new RecordMaker(system, _tree, status);
        List<PackageRecord> records = recordMaker.Keep(old, recordMaker.OwnersOf(paths.OnlyInNew, entries), contents);
        new UnarchivedContents(system, folder, _tree, contents).Keep(entries, old);
        contents.Sync();
        return new MachineSnapshot
        {
            Entries = entries,
            Absent = absent,
            Databases = databases,
            Records = records,
            Services = services,
            Unshipped = UnshippedNames.Look(_tree, entries),
        };
    }

    private List<StatusEntry> OldPackages(IReadOnlyList<KeptPackage> packages)
    {
        var old = new List<StatusEntry>();
        foreach (KeptPackage package in packages)
        {
            if (package.Find(status) is { } entry)
                old.Add(entry);
        }

        return old;
    }

    private (List<SnapshotEntry> Entries, List<string> Absent) Look(WatchedPaths watched, HashSet<string> conffiles)
    {
        var entries = new List<SnapshotEntry>();
        var absent = new List<string>();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string path in watched.InOrder)
        {
            if (_tree.IsStrange(path))
                continue;
            SnapshotEntry entry = SnapshotEntry.Of(_tree, path, conffiles.Contains(path)) with { IsInReach = watched.IsInReach(path) };
            if (entry.Kind == EntryKind.Absent && !entry.IsConffile)
            {
                absent.Add(path);
                continue;
            }

            if (entry.Kind == EntryKind.File && _tree.StatusOf(path) is { Links: > 1 } many && _tree.Canonical(path) is { } real)
            {
                // A path that reaches the file through another symbolic link is not a second name.
                string identity = $"{many.DeviceMajor}:{many.DeviceMinor}:{many.Inode}";
                if (!names.TryAdd(identity, path) && names[identity] is var first && _tree.Canonical(first) != real)
                    entry = entry with { SameFileAs = first };
            }

            entries.Add(entry);
        }

        return (entries, absent);
    }
}
