using AptHandler.Apt;
using AptHandler.Files;

namespace AptHandler.Rollback;

/// <summary>The files that the update itself writes or removes, such as those of sources.</summary>
internal sealed class UpdateFiles(AptSystem system, BackupFolder folder, Backup backup)
{
    /// <summary>Writes and removes the files.</summary>
    /// <exception cref="IOException">A file cannot be changed.</exception>
    public void PutNew()
    {
        foreach (WantedFile file in backup.NewFiles)
            file.Put(system.RootFolder, system.PathOf(file.Path));
    }

    /// <summary>The files that differ from a set.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public IReadOnlyList<string> NotAsIn(PackageSet set)
    {
        var paths = new List<string>();
        if (backup.NewFiles.Count == 0)
            return paths;
        var tree = new RootTree(system.RootFolder);
        using var contents = KeptContents.Open(folder.Contents);
        foreach (WantedFile file in backup.NewFiles)
        {
            if (set == PackageSet.New ? !file.IsAt(system.PathOf(file.Path)) : !IsAsBefore(file.Path, tree, contents))
                paths.Add(file.Path);
        }

        return paths;
    }

    /// <summary>Restores the files as they were before.</summary>
    /// <exception cref="IOException">A file cannot be restored.</exception>
    public void TakeBack()
    {
        foreach (WantedFile file in backup.NewFiles)
        {
            WantedFile.Require(system.RootFolder, system.PathOf(file.Path));
            WholeFile.Tidy(system.PathOf(file.Path));
        }

        var tree = new RootTree(system.RootFolder);
        using var contents = KeptContents.Open(folder.Contents);
        foreach (string path in NotAsIn(PackageSet.Old))
        {
            switch (Before(path))
            {
                case { Kind: EntryKind.File } file:
                    tree.Write(
                        path,
                        written => contents.CopyTo(written, file.Content!.Value, file.Size, path),
                        file.Mode,
                        file.User,
                        file.Group
                    );
                    break;
                case { Kind: EntryKind.Link } link:
                    tree.MakeLink(path, link.Target!, link.User, link.Group);
                    break;
                default:
                    tree.Delete(path);
                    break;
            }
        }
    }

    private SnapshotEntry? Before(string path) => backup.Snapshot.ByPath.Find(path);

    private bool IsAsBefore(string path, RootTree tree, KeptContents contents)
    {
        var now = SnapshotEntry.Of(tree, path);
        if (Before(path) is not { } before)
            return now.Kind == EntryKind.Absent;
        if (!before.IsLike(now) || before.Size != now.Size)
            return false;
        if (before.Kind != EntryKind.File || before.Changed == now.Changed)
            return true;
        using Descriptor file = tree.Open(path);
        return contents.IsContentOf(file, before.Content!.Value, before.Size);
    }
}
