using AptHandler.Apt;
using AptHandler.Files;

namespace AptHandler.Rollback;

/// <summary>Deletes paths that did not exist before an update, if they come from the update and not from others.</summary>
internal sealed class NewPathRemoval
{
    // The endings that tools give to an edited configuration file when they put another one in its place.
    private static readonly string[] CopiesOfEdits = [".dpkg-old", ".dpkg-bak", ".dpkg-remove", ".dpkg-backup", ".ucf-old"];

    private readonly AptSystem _system;
    private readonly Backup _backup;
    private readonly RootTree _tree;
    private readonly ShippedState _new;
    private readonly LaterChanges _later;
    private readonly HashSet<string> _hashesOfConffiles = new(StringComparer.Ordinal);

    /// <summary>Collects the old hashes of the configuration files.</summary>
    /// <param name="system">The machine.</param>
    /// <param name="backup">The backup.</param>
    /// <param name="tree">The files of the machine.</param>
    /// <param name="shipped">The files of the new packages.</param>
    /// <param name="later">The changes of others since the update.</param>
    public NewPathRemoval(AptSystem system, Backup backup, RootTree tree, ShippedState shipped, LaterChanges later)
    {
        (_system, _backup, _tree, _new, _later) = (system, backup, tree, shipped, later);
        foreach (SnapshotEntry entry in backup.Snapshot.Entries)
        {
            if (entry is { IsConffile: true, Hash: { } hash })
                _hashesOfConffiles.Add(hash);
        }
    }

    /// <summary>Deletes the paths. The content of a folder is deleted before the folder.</summary>
    /// <exception cref="IOException">A path cannot be deleted.</exception>
    public void Run()
    {
        List<string> paths = [.. _backup.Snapshot.NewPaths(_tree).Where(path => !_later.IsToStay(path))];
        Dictionary<string, string> owners = FileLists.Owners(_system, _tree, paths);
        HashSet<string> ours = [.. _backup.Packages.Where(package => package.Old is not null).Select(package => package.Package.Name)];
        IEnumerable<string> going = paths.Where(path => !owners.TryGetValue(path, out string? owner) || ours.Contains(owner.Split(':')[0]));
        foreach (string path in going.OrderByDescending(path => path.Length))
        {
            SnapshotEntry now = SnapshotEntry.Of(_tree, path);
            if (now.Kind == EntryKind.Folder)
                _ = _tree.TryDeleteFolder(path);
            else if (now.Kind is EntryKind.File or EntryKind.Link && MayDelete(now))
                _tree.Delete(path);
        }
    }

    private bool MayDelete(SnapshotEntry now)
    {
        string path = now.Path;
        if (_later.IsChanged(path))
            return false;

        // The snapshot has an entry: it is a configuration file that had been deleted before the update.
        if (_backup.Snapshot.ByPath.Contains(path))
            return true;
        if (_new.IsUnchanged(path) || (_new.Paths.Contains(path) && now.Size == 0))
            return true;
        if (now.Kind == EntryKind.Link)
            return !_new.Paths.Contains(path);

        // It may be a copy that a tool has made of a configuration file. The file itself is restored in its own place.
        EntryHashes.FillIn(_tree, [now]);
        if (now.Hash is not null && _hashesOfConffiles.Contains(now.Hash))
            return true;
        return !_new.Paths.Contains(path) && !Array.Exists(CopiesOfEdits, suffix => path.EndsWith(suffix, StringComparison.Ordinal));
    }
}
