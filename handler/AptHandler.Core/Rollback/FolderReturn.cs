using AptHandler.Files;

namespace AptHandler.Rollback;

/// <summary>Restores folders and links as they were before an update, with their owners and modes.</summary>
/// <param name="tree">The files of the machine.</param>
/// <param name="before">The old entries.</param>
/// <param name="shipped">The files of the new packages.</param>
/// <param name="later">The changes of others since the update.</param>
internal sealed class FolderReturn(RootTree tree, EntryTable before, ShippedState shipped, LaterChanges later)
{
    /// <summary>Restores a folder or a link.</summary>
    /// <exception cref="IOException">It cannot be restored.</exception>
    public void PutBack(SnapshotEntry entry)
    {
        if (tree.IsStrange(entry.Path))
            return;
        if (entry.Kind == EntryKind.Folder && SnapshotEntry.Of(tree, entry.Path + MachineSnapshot.FolderBackup).Kind == EntryKind.Folder)
            TakeBackFolder(entry.Path);
        SnapshotEntry now = SnapshotEntry.Of(tree, entry.Path);
        if (entry.IsLike(now))
            return;
        if (entry.Kind == EntryKind.Folder)
            PutBackFolder(entry, now);
        else
            PutBackLink(entry, now);
    }

    /// <summary>Restores the folders above a path. dpkg may have removed a folder again after it was restored.</summary>
    /// <exception cref="IOException">A folder cannot be restored.</exception>
    public void PutBackAbove(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        if (folder == "/" || tree.StatusOf(folder) is not null)
            return;
        PutBackAbove(folder);
        if (before.Find(folder) is { } entry)
            PutBack(entry);
    }

    private void PutBackFolder(SnapshotEntry entry, SnapshotEntry now)
    {
        if (now.Kind == EntryKind.Link)
            tree.Delete(entry.Path);
        if (now.Kind is EntryKind.Link or EntryKind.Absent)
            tree.MakeFolder(entry.Path, entry.Mode, entry.User, entry.Group);
        else if (now.Kind == EntryKind.Folder)
            tree.SetAttributes(entry.Path, entry.Mode, entry.User, entry.Group);
    }

    private void PutBackLink(SnapshotEntry entry, SnapshotEntry now)
    {
        if (now.Kind == EntryKind.Link && now.Target == entry.Target)
        {
            tree.SetLinkOwner(entry.Path, entry.User, entry.Group);
            return;
        }

        if (now.Kind is EntryKind.Other)
            return;
        if (now.Kind == EntryKind.Folder)
            MakeRoom(entry.Path);
        else if (later.IsLater && now.Kind == EntryKind.File && !later.IsStillAsLeft(now) && !shipped.IsUnchanged(entry.Path))
            later.Save(entry.Path);
        tree.MakeLink(entry.Path, entry.Target!, entry.User, entry.Group);
    }

    // dpkg-maintscript-helper(1) was about to replace the folder by a link. It has renamed the folder with all its content.
    private void TakeBackFolder(string folder)
    {
        const string Staging = "/.dpkg-staging-dir";
        string backup = folder + MachineSnapshot.FolderBackup;
        if (before.Contains(backup))
            return;
        if (tree.StatusOf(folder) is { IsLink: true })
        {
            tree.Delete(folder);
        }
        else if (tree.StatusOf(folder) is { IsFolder: true })
        {
            tree.Delete(folder + Staging);
            MakeRoom(folder);
        }

        tree.Rename(backup, folder);
        tree.Forget();
    }

    // A folder has replaced a link. The files of the new packages in it are deleted. The rest is put aside together with the folder.
    private void MakeRoom(string folder)
    {
        IEnumerable<string> inside = shipped.Paths.Where(path => path.StartsWith(folder + "/", StringComparison.Ordinal));
        foreach (string path in inside.OrderByDescending(path => path.Length))
        {
            if (shipped.IsUnchanged(path))
                tree.Delete(path);
            else if (tree.StatusOf(path) is { IsFolder: true })
                _ = tree.TryDeleteFolder(path);
        }

        if (!tree.TryDeleteFolder(folder))
            later.Save(folder);
        tree.Forget();
    }
}
