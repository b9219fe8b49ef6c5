using AptHandler.Apt;
using AptHandler.Files;

namespace AptHandler.Rollback;

/// <summary>
/// What others have changed since an update: found when it begins to be undone, and noted, because whoever goes on after a power cut finds
/// a machine on its way.
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

    /// <summary>Finds them, or reads what was found when the update began to be undone.</summary>
    /// <param name="system">The machine.</param>
    /// <param name="folder">Where the backup lies.</param>
    /// <param name="backup">The backup.</param>
    /// <param name="tree">The files of the machine.</param>
    /// <param name="comparison">How they compare with the snapshot.</param>
    /// <param name="shipped">What the new packages ship.</param>
    /// <param name="databases">Diversions, overrides, alternatives and triggers as they are.</param>
    /// <param name="isLater">Whether the update had ended well, so that there can be any.</param>
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

    /// <summary>How the update left the machine; null straight after a failure, or where nobody noted it.</summary>
    public UpdateTrace? Trace { get; }

    /// <summary>Diversions, overrides, alternatives and triggers as they were when the way back began.</summary>
    public PackageDatabases Databases { get; }

    /// <summary>Paths that were changed since the update, and stay as they are.</summary>
    public IReadOnlyCollection<string> Staying => _stays;

    /// <summary>What had to make room: its new names, with the old ones.</summary>
    public IReadOnlyDictionary<string, string> Saved => _saved;

    /// <summary>The new names of what had to make room and is there.</summary>
    public IEnumerable<string> SavedFiles => _saved.Keys.Where(name => _tree.StatusOf(name) is not null);

    private MachineSnapshot Snapshot => _backup.Snapshot;

    private EntryTable Before => _comparison.Before;

    /// <summary>Whether a path is not to be touched.</summary>
    public bool IsToStay(string path) => _byOthers.Contains(path) || _stays.Contains(path);

    /// <summary>Whether a file was changed and has to make room, or stays and belongs to no package.</summary>
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

    /// <summary>Puts aside what dpkg would delete or overwrite.</summary>
    /// <exception cref="IOException">It cannot be renamed.</exception>
    public void PutAside()
    {
        foreach (string path in _changed)
        {
            // What is at the place of something that was saved is not of others any more.
            if (
                _tree.StatusOf(path) is { IsFolder: false }
                && !_saved.Any(each => each.Value == path && _tree.StatusOf(each.Key) is not null)
            )
                Save(path);
        }
    }

    /// <summary>Has something make room: it gets a name beside its own that nothing has.</summary>
    /// <exception cref="IOException">It cannot be renamed.</exception>
    public void Save(string path)
    {
        // The name is noted first: whoever goes on after a power cut must not forget it. One that was noted and not given is still free.
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
    /// Has what was not there before at its own place again, where nothing else is by now: it belongs to no package. Not so a source, with
    /// which apt would go on.
    /// </summary>
    /// <exception cref="IOException">It cannot be renamed.</exception>
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

    // What nobody but a person or an application can have done. An empty file is what a power cut leaves of one.
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
        // What has been diverted since lies elsewhere, and in its place is a file of whoever has diverted it.
        IEnumerable<string> since = Databases
            .Diversions.Except(Snapshot.Databases.Diversions, StringComparer.Ordinal)
            .Except(Trace?.Databases.Diversions ?? [], StringComparer.Ordinal);
        _byOthers.UnionWith(since.Select(diversion => diversion.Split('\n')[0]));

        var files = new UpdateFiles(_system, _folder, _backup);
        IEnumerable<string> edited = files.NotAsIn(PackageSet.Old).Intersect(files.NotAsIn(PackageSet.New), StringComparer.Ordinal);
        _changed.UnionWith(edited.Where(path => _tree.StatusOf(path) is { IsFolder: false }));
    }

    // What was there before the update, and is neither so nor as the update left it.
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

                // What somebody has removed comes back with its package.
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

    // What was not there.
    private void FindNewcomers()
    {
        foreach (string path in Snapshot.NewPaths(_tree))
        {
            // A configuration file that was deleted before the update, and that somebody has written anew since, is of both kinds.
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
