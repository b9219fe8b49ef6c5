using AptHandler.Apt;
using AptHandler.Files;

namespace AptHandler.Rollback;

/// <summary>
/// The changes of others since an update. They are found when the update starts to be undone, and noted. After a power cut they could not
/// be found again, because the machine is partly changed by then.
/// </summary>
internal sealed class LaterChanges
{
    private const string Suffix = ".du-apt-saved";

    private readonly AptSystem _system;
    private readonly BackupFolder _folder;
    private readonly Backup _backup;
    private readonly RootTree _tree;
    private readonly SnapshotComparison _comparison;
    private readonly ShippedState _new;
    private readonly EntryTable _left;
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _byOthers = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _stays = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _saved = new(StringComparer.Ordinal);

    /// <summary>Finds the changes, or reads those that were found when the update started to be undone.</summary>
    /// <param name="system">The machine.</param>
    /// <param name="folder">The folder of the backup.</param>
    /// <param name="backup">The backup.</param>
    /// <param name="tree">The files of the machine.</param>
    /// <param name="comparison">Compares the files with the snapshot.</param>
    /// <param name="shipped">The files of the new packages.</param>
    /// <param name="databases">Diversions, overrides, alternatives and triggers now.</param>
    /// <param name="isLater">Whether the update had ended well, so that there can be later changes.</param>
    /// <exception cref="IOException">An archive or a file cannot be read.</exception>
    public LaterChanges(
        AptSystem system,
        BackupFolder folder,
        Backup backup,
        RootTree tree,
        SnapshotComparison comparison,
        ShippedState shipped,
        PackageDatabases databases,
        bool isLater
    )
    {
        (_system, _folder, _backup, _tree, _comparison, _new, IsLater) = (system, folder, backup, tree, comparison, shipped, isLater);
        Trace = isLater ? folder.ReadTrace(comparison.Shared) : null;
        _left = new EntryTable(Trace?.Entries ?? []);
        Trace = Trace is null ? null : Trace with { Entries = [] };
        Databases = databases;
        if (folder.ReadChanges() is not { } known)
        {
            Find();
            Note();
            return;
        }

        Databases = known.Databases;
        _changed.UnionWith(known.ChangedSince);
        _byOthers.UnionWith(known.ByOthers);
        _stays.UnionWith(known.Staying);
        foreach ((string name, string path) in known.Saved)
            _saved[name] = path;
    }

    /// <summary>Whether the update had ended well, so that others may have changed things since.</summary>
    public bool IsLater { get; }

    /// <summary>How the update left the machine; null directly after a failure, or where it was not noted.</summary>
    public UpdateTrace? Trace { get; }

    /// <summary>Diversions, overrides, alternatives and triggers as they were when the way back started.</summary>
    public PackageDatabases Databases { get; }

    /// <summary>Paths that were changed since the update, and stay as they are.</summary>
    public IReadOnlyCollection<string> Staying => _stays;

    /// <summary>The new names of files that were put aside, with their old names.</summary>
    public IReadOnlyDictionary<string, string> Saved => _saved;

    /// <summary>The new names of files that were put aside and still exist.</summary>
    public IEnumerable<string> SavedFiles => _saved.Keys.Where(name => _tree.StatusOf(name) is not null);

    private MachineSnapshot Snapshot => _backup.Snapshot;

    private EntryTable Before => _comparison.Before;

    /// <summary>Whether a path must not be touched.</summary>
    public bool IsToStay(string path) => _byOthers.Contains(path) || _stays.Contains(path);

    /// <summary>Whether a changed file is put aside, or stays and belongs to no package.</summary>
    public bool IsChanged(string path) => _changed.Contains(path);

    /// <summary>Whether a file is as the update left it.</summary>
    public bool IsStillAsLeft(SnapshotEntry now)
    {
        if (_left.Find(now.Path) is not { } left)
            return false;
        if (left.Changed == now.Changed)
            return true;
        if (left.Hash is null || left.Size != now.Size)
            return false;
        if (now.Hash is null)
            EntryHashes.FillIn(_tree, [now]);
        return left.Hash == now.Hash;
    }

    /// <summary>Puts aside the files that dpkg would delete or overwrite.</summary>
    /// <exception cref="IOException">A file cannot be renamed.</exception>
    public void PutAside()
    {
        foreach (string path in _changed)
        {
            // If the file of others was put aside already, the file in its place is not theirs.
            if (
                _tree.StatusOf(path) is { IsFolder: false }
                && !_saved.Any(each => each.Value == path && _tree.StatusOf(each.Key) is not null)
            )
                Save(path);
        }
    }

    /// <summary>Puts a file aside: renames it to a free name beside it.</summary>
    /// <exception cref="IOException">The file cannot be renamed.</exception>
    public void Save(string path)
    {
        // The name is noted first, because it must still be known after a power cut. A name that was noted but not used is still free.
        string? name = _saved.FirstOrDefault(each => each.Value == path && _tree.StatusOf(each.Key) is null).Key;
        if (name is null)
        {
            name = FreeNameFor(path);
            _saved[name] = path;
            _changed.Add(path);
            Note();
        }

        _tree.Rename(path, name);
    }

    /// <summary>
    /// Moves files that did not exist before the update back to their own place, if that is free. They belong to no package. Sources are
    /// not moved back, because apt would use them.
    /// </summary>
    /// <exception cref="IOException">A file cannot be renamed.</exception>
    public void PutInPlace()
    {
        foreach ((string name, string path) in _saved)
        {
            bool isSource = _backup.NewFiles.Any(file => file.Path == path);
            if (!Before.Contains(path) && !isSource && _tree.StatusOf(path) is null && _tree.StatusOf(name) is not null)
                _tree.Rename(name, path);
        }
    }

    private void Note() => _folder.WriteChanges(new NotedChanges([.. _changed], [.. _byOthers], [.. _stays], _saved, Databases));

    private string FreeNameFor(string path)
    {
        string name = path + Suffix;
        for (int number = 2; _tree.StatusOf(name) is not null || _saved.ContainsKey(name); number++)
            name = $"{path}{Suffix}.{number}";
        return name;
    }

    // Finds changes that only a person or an application can have made. Empty files are ignored: a power cut leaves those.
    private void Find()
    {
        if (IsLater)
            FindDiversionsAndSources();
        foreach (string path in _new.Paths.Where(path => !Before.Contains(path) && !_new.IsConffile(path) && !_byOthers.Contains(path)))
        {
            if (IsRegular(path) && !_new.IsUnchanged(path))
                _changed.Add(path);
        }

        if (!IsLater)
            return;
        FindEdits();
        FindNewcomers();
    }

    private void FindDiversionsAndSources()
    {
        // A file that was diverted since lies elsewhere. The file in its place belongs to whoever made the diversion.
        IEnumerable<string> since = Databases
            .Diversions.Except(Snapshot.Databases.Diversions, StringComparer.Ordinal)
            .Except(Trace?.Databases.Diversions ?? [], StringComparer.Ordinal);
        _byOthers.UnionWith(since.Select(diversion => diversion.Split('\n')[0]));

        var files = new UpdateFiles(_system, _folder, _backup);
        IEnumerable<string> edited = files.NotAsIn(PackageSet.Old).Intersect(files.NotAsIn(PackageSet.New), StringComparer.Ordinal);
        _changed.UnionWith(edited.Where(path => _tree.StatusOf(path) is { IsFolder: false }));
    }

    // Finds files that existed before the update, and are now neither as before nor as the update left them.
    private void FindEdits()
    {
        ShippedState? old = null;
        using var contents = KeptContents.Open(_folder.Contents);
        _comparison.Differing(
            contents,
            (before, now) =>
            {
                string path = before.Path;
                if (_byOthers.Contains(path) || _changed.Contains(path))
                    return;

                // A file that somebody has removed comes back with its package.
                if (now.Kind == EntryKind.Absent && before.IsInReach)
                    return;
                bool isOfUpdate = _new.IsUnchanged(path) || now.IsLike(_left.Find(path) ?? before);
                if (now.Kind == EntryKind.File && before.Kind == EntryKind.File)
                {
                    if (now.Size == 0 || _new.IsUnchanged(path) || (now.Hash is not null && now.Hash == before.Hash) || IsStillAsLeft(now))
                        return;
                    if (Old().IsUnchanged(path))
                        return;
                    if (before.IsConffile || _new.IsConffile(path) || !before.IsInReach)
                        _stays.Add(path);
                    else
                        _changed.Add(path);
                }
                else if (!isOfUpdate && before.IsInReach)
                {
                    // dpkg would unpack the old file or link in place of this one.
                    bool areBothLeaves = now.Kind is EntryKind.File or EntryKind.Link && before.Kind is EntryKind.File or EntryKind.Link;
                    bool isInTheWay = areBothLeaves && Old().Paths.Contains(path);
                    (isInTheWay ? _changed : (ISet<string>)_stays).Add(path);
                }
                else if (!isOfUpdate)
                {
                    _byOthers.Add(path);
                }
            }
        );

        ShippedState Old() => old ??= ShippedState.Of(NamedArchive.AllOf(_backup, _folder, PackageSet.Old), _tree, _comparison, Databases);
    }

    // Finds paths that did not exist before.
    private void FindNewcomers()
    {
        foreach (string path in Snapshot.NewPaths(_tree))
        {
            // A configuration file may have been deleted before the update and written anew since. The snapshot has an entry of it,
            // although the file did not exist.
            bool wasDeleted = Before.Contains(path);
            bool isOfUpdate =
                (_new.Paths.Contains(path) && !wasDeleted) || _new.IsUnchanged(path) || IsLeftByUpdate(SnapshotEntry.Of(_tree, path));
            if (isOfUpdate || _changed.Contains(path))
                continue;
            (wasDeleted || Trace is null ? (ISet<string>)_stays : _byOthers).Add(path);
        }
    }

    private bool IsLeftByUpdate(SnapshotEntry now) =>
        _left.Find(now.Path) is { } left && now.IsLike(left) && (now.Kind == EntryKind.Folder || IsStillAsLeft(now));

    private bool IsRegular(string path) => _tree.StatusOf(path) is { IsRegular: true, Size: > 0 };
}
