using AptHandler.Apt;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Rollback;

/// <summary>
/// Brings the files of a machine back to its snapshot where dpkg does not: dpkg follows links that were folders before, and does not put back
/// what was in the place of a new file. Each call may be repeated after a power cut. The mirror image is <see cref="SnapshotMaker"/>.
/// </summary>
/// <remarks>
/// Straight after an update that failed, all that differs comes from it. Later, others may have changed things since: what is neither as before
/// nor as the update left it stays, and is named.
/// </remarks>
internal sealed class FileReturn
{
    /// <summary>What is added to the name of a file that was changed since and has to make room for the old state.</summary>
    public const string Saved = ".du-apt-saved";

    // What tools call a configuration file that somebody has edited, when they put another one in its place.
    private static readonly string[] CopiesOfEdits = [".dpkg-old", ".dpkg-bak", ".dpkg-remove", ".dpkg-backup", ".ucf-old"];

    private readonly AptSystem _system;
    private readonly BackupFolder _folder;
    private readonly Backup _backup;
    private readonly UpdateTrace? _trace;
    private readonly bool _isLater;
    private readonly RootTree _tree;
    private readonly Dictionary<string, SnapshotEntry> _before = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SnapshotEntry> _left = new(StringComparer.Ordinal);
    private readonly HashSet<string> _changedSince = new(StringComparer.Ordinal);
    private readonly HashSet<string> _byOthers = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _stays = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _saved = new(StringComparer.Ordinal);
    private readonly HashSet<string> _keptHashes = new(StringComparer.Ordinal);
    private readonly ShippedState _new;

    /// <summary>Looks at the machine as the update, and whoever came since, has left it.</summary>
    /// <param name="system">The machine.</param>
    /// <param name="folder">Where the backup lies.</param>
    /// <param name="backup">The backup.</param>
    /// <param name="isLater">Whether the update had ended well, and others may have changed things since.</param>
    /// <exception cref="IOException">An archive or a file cannot be read.</exception>
    public FileReturn(AptSystem system, BackupFolder folder, Backup backup, bool isLater)
    {
        (_system, _folder, _backup, _isLater) = (system, folder, backup, isLater);
        _tree = new RootTree(system.RootFolder);
        _trace = isLater ? folder.ReadTrace() : null;
        foreach (SnapshotEntry entry in Snapshot.Entries)
        {
            _before[entry.Path] = entry;
            if (entry is { IsConffile: true, Hash: { } hash })
                _keptHashes.Add(hash);
        }

        foreach (SnapshotEntry entry in _trace?.Entries ?? [])
            _left[entry.Path] = entry;
        ForeignChanges? known = folder.ReadChanges();
        Databases = known?.Databases ?? PackageDatabases.Read(system);
        _new = ShippedState.Of(ArchivesOf(PackageSet.New), _tree, PackageDatabases.Read(system));
        if (known is not null)
        {
            _changedSince.UnionWith(known.ChangedSince);
            _byOthers.UnionWith(known.ByOthers);
            _stays.UnionWith(known.Staying);
            foreach ((string name, string path) in known.Saved)
                _saved[name] = path;
            return;
        }

        FindChanges();
        NoteChanges();
    }

    /// <summary>Paths that were changed since the update, and stay as they are.</summary>
    public IReadOnlyCollection<string> Staying => _stays;

    /// <summary>Files that had to make room, under their new names.</summary>
    public IEnumerable<string> SavedFiles => _saved.Keys.Where(name => _tree.StatusOf(name) is not null);

    /// <summary>Diversions, overrides, alternatives and triggers as they were when the way back began.</summary>
    public PackageDatabases Databases { get; }

    private MachineSnapshot Snapshot => _backup.Snapshot;

    /// <summary>Puts aside what dpkg would delete or overwrite although it was changed since the update.</summary>
    /// <exception cref="IOException">It cannot be renamed.</exception>
    public void PutAside()
    {
        foreach (string path in _changedSince)
        {
            if (_tree.StatusOf(path) is { IsFolder: false })
                Save(path, isAgain: false);
        }
    }

    /// <summary>
    /// Has folders and links as they were, before the old archives are unpacked: dpkg would unpack a file through a link that was a folder before,
    /// into a folder of others.
    /// </summary>
    /// <exception cref="IOException">That cannot be done.</exception>
    public void PrepareFolders()
    {
        _tree.Forget();
        foreach (SnapshotEntry entry in Snapshot.Entries)
        {
            if (entry.Kind is EntryKind.Folder or EntryKind.Link && entry.IsInReach && !IsToStay(entry.Path))
                PutBackFolderOrLink(entry);
        }
    }

    /// <summary>Moves what was diverted by the update back to where it was, and the other way round.</summary>
    /// <param name="from">A path.</param>
    /// <param name="to">Where it was diverted to.</param>
    /// <exception cref="IOException">It cannot be renamed.</exception>
    public void UndoDiversion(string from, string to)
    {
        _tree.Forget();
        if (_tree.StatusOf(to) is null || _before.GetValueOrDefault(to)?.Kind is not (null or EntryKind.Absent))
            return;
        if (_isLater && _tree.StatusOf(from) is { IsRegular: true } && !_new.IsUnchanged(from))
            Save(from, isAgain: true);
        _tree.Rename(to, from);
    }

    /// <summary>Moves away again what was diverted before the update.</summary>
    /// <inheritdoc cref="UndoDiversion"/>
    public void RedoDiversion(string from, string to)
    {
        _tree.Forget();
        if (_tree.StatusOf(to) is null && _tree.StatusOf(from) is { IsFolder: false })
            _tree.Rename(from, to);
    }

    /// <summary>Puts back what is still not as it was, and deletes what was not there.</summary>
    /// <exception cref="IOException">That cannot be done.</exception>
    public void PutBack()
    {
        _tree.Forget();
        using var contents = KeptContents.Open(_folder.Contents);
        Dictionary<string, SnapshotEntry> now = LookAgain(contents);
        var fromArchives = new HashSet<string>(StringComparer.Ordinal);
        foreach (SnapshotEntry entry in Snapshot.Entries)
        {
            if (!now.TryGetValue(entry.Path, out SnapshotEntry? there) || IsToStay(entry.Path))
                continue;
            if (entry.Kind is EntryKind.Folder or EntryKind.Link)
                PutBackFolderOrLink(entry);
            else if (entry.Kind == EntryKind.File && entry.IsInReach)
                PutBackFile(entry, there, contents, fromArchives);
        }

        if (fromArchives.Count > 0)
            Extract(fromArchives);
        DeleteNew();
        foreach ((string name, string path) in _saved)
        {
            // What was not there before belongs to nobody now, and has its place to itself. Not so a source: apt would go on with it.
            bool isSource = _backup.NewFiles.Any(file => file.Path == path);
            if (!_before.ContainsKey(path) && !isSource && _tree.StatusOf(path) is null && _tree.StatusOf(name) is not null)
                _tree.Rename(name, path);
        }
    }

    /// <summary>Deletes the links of a group of alternatives that was not there before.</summary>
    /// <exception cref="IOException">One cannot be deleted.</exception>
    public void DeleteLinksOf(string group, string text)
    {
        foreach (string path in PackageDatabases.LinksOf(group, text).Where(path => path.StartsWith('/') && !_before.ContainsKey(path)))
        {
            if (_tree.StatusOf(path) is { IsLink: true } && (PackageDatabases.IsAlternative(path) || PackageDatabases.IsAlternative(_tree.TargetOf(path))))
                _tree.Delete(path);
        }
    }

    /// <summary>The paths that are not as they were: such that were not there before, and others.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public (List<string> LeftOver, List<string> Different) Compare()
    {
        _tree.Forget();
        using var contents = KeptContents.Open(_folder.Contents);
        UnshippedChanges unshipped = Snapshot.UnshippedChanges(_tree);

        // What others have made or deleted later is not of the update.
        IEnumerable<string> made = unshipped.Made.Where(each => !_saved.ContainsKey(each)), deleted = unshipped.Deleted;
        if (_trace is not null)
        {
            made = made.Intersect(_trace.Unshipped.Made, StringComparer.Ordinal);
            deleted = deleted.Intersect(_trace.Unshipped.Deleted, StringComparer.Ordinal);
        }

        List<string> different = [.. LookAgain(contents).Keys.Where(path => !IsToStay(path)), .. deleted];
        HashSet<string> leftOver = [.. Snapshot.NewPaths(_tree).Concat(made).Where(path => !IsToStay(path))];

        // Of what lies in a folder that is left over the folder is named.
        return ([.. leftOver.Where(path => !IsBelowOneOf(leftOver, path)).Order(StringComparer.Ordinal)], different);
    }

    private static bool IsBelowOneOf(HashSet<string> folders, string path)
    {
        for (string? above = Path.GetDirectoryName(path); above is { Length: > 1 }; above = Path.GetDirectoryName(above))
        {
            if (folders.Contains(above))
                return true;
        }

        return false;
    }

    private void NoteChanges() => _folder.WriteChanges(new ForeignChanges([.. _changedSince], [.. _byOthers], [.. _stays], _saved, Databases));

    // Under a name that nothing has. It is noted first: whoever goes on after a power cut must neither forget it nor put an old file in its place.
    private void Save(string path, bool isAgain)
    {
        string? name = _saved.FirstOrDefault(each => each.Value == path).Key;
        if (name is not null && _tree.StatusOf(name) is not null)
        {
            if (!isAgain)
                return;
            name = null;
        }

        if (name is null)
        {
            name = FreeNameFor(path);
            _saved[name] = path;
            _changedSince.Add(path);
            NoteChanges();
        }

        _tree.Rename(path, name);
    }

    private string FreeNameFor(string path)
    {
        string name = path + Saved;
        for (int number = 2; _tree.StatusOf(name) is not null || _saved.ContainsKey(name); number++)
            name = FormattableString.Invariant($"{path}{Saved}.{number}");
        return name;
    }

    private bool IsToStay(string path) => _byOthers.Contains(path) || _stays.Contains(path);

    private IEnumerable<NamedArchive> ArchivesOf(PackageSet set) => _backup.Packages
        .Where(package => package.In(set) is { Archive: not null, State: not Debian.PackageState.ConfigFiles })
        .Select(package => new NamedArchive(package.Package.Name, _folder.Archive(package.In(set)!.Archive!)));

    // What nobody but a person or an application can have done. An empty file is what a power cut leaves of one.
    private void FindChanges()
    {
        using var contents = KeptContents.Open(_folder.Contents);
        ShippedState? old = null;

        // What has been diverted since lies elsewhere, and in its place is a file of whoever has diverted it.
        if (_isLater)
        {
            IEnumerable<string> since = Databases.Diversions.Except(Snapshot.Databases.Diversions, StringComparer.Ordinal);
            _byOthers.UnionWith(since.Except(_trace?.Databases.Diversions ?? [], StringComparer.Ordinal).Select(diversion => diversion.Split('\n')[0]));
        }

        if (_isLater)
        {
            var files = new UpdateFiles(_system, _folder, _backup);
            IEnumerable<string> edited = files.NotAsIn(PackageSet.Old).Intersect(files.NotAsIn(PackageSet.New), StringComparer.Ordinal);
            _changedSince.UnionWith(edited.Where(path => _tree.StatusOf(path) is { IsFolder: false }));
        }

        foreach (string path in _new.Paths.Where(path => !_before.ContainsKey(path) && !_new.IsConffile(path) && !_byOthers.Contains(path)))
        {
            if (IsRegular(path) && !_new.IsUnchanged(path))
                _changedSince.Add(path);
        }

        if (!_isLater)
            return;
        foreach ((string path, SnapshotEntry now) in LookAgain(contents))
        {
            if (_byOthers.Contains(path) || _changedSince.Contains(path))
                continue;
            SnapshotEntry before = _before[path];

            // What somebody has removed comes back with its package.
            if (now.Kind == EntryKind.Absent && before.IsInReach)
                continue;
            bool isOfUpdate = _new.IsUnchanged(path) || (_left.TryGetValue(path, out SnapshotEntry? left) ? now.IsLike(left) : now.IsLike(before));
            if (now.Kind == EntryKind.File && before.Kind == EntryKind.File)
            {
                if (now.Size == 0 || _new.IsUnchanged(path) || (now.Hash is not null && now.Hash == before.Hash) || IsStillAsLeft(now))
                    continue;
                if (Old().IsUnchanged(path))
                    continue;
                if (before.IsConffile || _new.IsConffile(path) || !before.IsInReach)
                    _stays.Add(path);
                else
                    _changedSince.Add(path);
            }
            else if (!isOfUpdate && before.IsInReach)
            {
                // dpkg would unpack the old file or link in place of this one.
                bool areBothLeaves = now.Kind is EntryKind.File or EntryKind.Link && before.Kind is EntryKind.File or EntryKind.Link;
                bool isInTheWay = areBothLeaves && Old().Paths.Contains(path);
                (isInTheWay ? _changedSince : (ISet<string>)_stays).Add(path);
            }
            else if (!isOfUpdate)
            {
                _byOthers.Add(path);
            }
        }

        foreach (string path in Snapshot.NewPaths(_tree))
        {
            // A configuration file that was deleted before the update, and that somebody has written anew since, is of both kinds.
            bool wasDeleted = _before.ContainsKey(path);
            bool isOfUpdate = (_new.Paths.Contains(path) && !wasDeleted) || _new.IsUnchanged(path) || IsLeftByUpdate(SnapshotEntry.Of(_tree, path));
            if (isOfUpdate || _changedSince.Contains(path))
                continue;
            (wasDeleted || _trace is null ? (ISet<string>)_stays : _byOthers).Add(path);
        }

        ShippedState Old() => old ??= ShippedState.Of(ArchivesOf(PackageSet.Old), _tree, Databases);
    }

    private bool IsLeftByUpdate(SnapshotEntry now) =>
        !_isLater || (_left.TryGetValue(now.Path, out SnapshotEntry? left) && now.IsLike(left) && (now.Kind == EntryKind.Folder || IsStillAsLeft(now)));

    private bool IsStillAsLeft(SnapshotEntry now)
    {
        if (!_left.TryGetValue(now.Path, out SnapshotEntry? left))
            return false;
        if (left.Changed == now.Changed)
            return true;
        if (left.Hash is null || left.Size != now.Size)
            return false;
        if (now.Hash is null)
            SnapshotMaker.Hash(_tree, [now]);
        return left.Hash == now.Hash;
    }

    private bool IsRegular(string path) => _tree.StatusOf(path) is { IsRegular: true, Size: > 0 };

    // What is there now, of all paths of the snapshot that are not as they were.
    private Dictionary<string, SnapshotEntry> LookAgain(KeptContents contents)
    {
        var differing = new Dictionary<string, SnapshotEntry>(StringComparer.Ordinal);
        var doubtful = new List<SnapshotEntry>();
        foreach (SnapshotEntry before in Snapshot.Entries.Where(entry => entry.Kind != EntryKind.Absent))
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
            SnapshotEntry before = _before[now.Path];
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

    private void PutBackFolderOrLink(SnapshotEntry before)
    {
        if (_tree.IsStrange(before.Path))
            return;
        if (before.Kind == EntryKind.Folder && SnapshotEntry.Of(_tree, before.Path + MachineSnapshot.FolderBackup).Kind == EntryKind.Folder)
            TakeBackFolder(before.Path);
        SnapshotEntry now = SnapshotEntry.Of(_tree, before.Path);
        if (before.IsLike(now))
            return;
        if (before.Kind == EntryKind.Folder)
        {
            if (now.Kind == EntryKind.Link)
                _tree.Delete(before.Path);
            if (now.Kind is EntryKind.Link or EntryKind.Absent)
                _tree.MakeFolder(before.Path, before.Mode, before.User, before.Group);
            else if (now.Kind == EntryKind.Folder)
                _tree.SetAttributes(before.Path, before.Mode, before.User, before.Group);
        }
        else if (now.Kind == EntryKind.Link && now.Target == before.Target)
        {
            _tree.SetLinkOwner(before.Path, before.User, before.Group);
        }
        else if (now.Kind is not EntryKind.Other)
        {
            if (now.Kind == EntryKind.Folder)
                MakeRoom(before.Path);
            else if (_isLater && now.Kind == EntryKind.File && !IsStillAsLeft(now) && !_new.IsUnchanged(before.Path))
            {
                Save(before.Path, isAgain: true);
            }

            _tree.MakeLink(before.Path, before.Target!, before.User, before.Group);
        }
    }

    // dpkg-maintscript-helper(1) was about to make a link of it: the folder with all that was in it has another name.
    private void TakeBackFolder(string folder)
    {
        const string Staging = "/.dpkg-staging-dir";
        string backup = folder + MachineSnapshot.FolderBackup;
        if (_before.ContainsKey(backup))
            return;
        if (_tree.StatusOf(folder) is { IsLink: true })
        {
            _tree.Delete(folder);
        }
        else if (_tree.StatusOf(folder) is { IsFolder: true })
        {
            _tree.Delete(folder + Staging);
            MakeRoom(folder);
        }

        _tree.Rename(backup, folder);
        _tree.Forget();
    }

    // A folder that was a link before: what the new packages ship goes, and what else is in it is put aside with it.
    private void MakeRoom(string folder)
    {
        IEnumerable<string> inside = _new.Paths.Where(path => path.StartsWith(folder + "/", StringComparison.Ordinal));
        foreach (string path in inside.OrderByDescending(path => path.Length))
        {
            if (_new.IsUnchanged(path))
                _tree.Delete(path);
            else if (_tree.StatusOf(path) is { IsFolder: true })
                _ = _tree.TryDeleteFolder(path);
        }

        if (!_tree.TryDeleteFolder(folder))
            Save(folder, isAgain: true);

        _tree.Forget();
    }

    private void PutBackFile(SnapshotEntry before, SnapshotEntry now, KeptContents contents, HashSet<string> fromArchives)
    {
        if (now.Kind is EntryKind.Folder or EntryKind.Other || _tree.IsStrange(before.Path))
            return;
        if (now.Kind == EntryKind.File && now.Hash is not null && now.Hash == before.Hash && before.SameFileAs is null)
        {
            _tree.SetAttributes(before.Path, before.Mode, before.User, before.Group);
            return;
        }

        MakeFolderOf(before.Path);
        if (before.KeptName is { } name && IsKeptUnchanged(before, name, contents))
            _tree.MakeName(before.Path, _folder.KeptName(name));
        else if (before.Content is { } offset)
            _tree.Write(before.Path, file => contents.CopyTo(file, offset, before.Size, before.Path), before.Mode, before.User, before.Group);
        else if (before.SameFileAs is { } other && _tree.StatusOf(other) is { IsRegular: true })
            _tree.MakeHardLink(before.Path, other);
        else
            fromArchives.Add(before.Path);
    }

    // Whoever has the file under another name may have written to it since.
    private bool IsKeptUnchanged(SnapshotEntry before, string name, KeptContents contents)
    {
        string path = _folder.KeptName(name);
        if (Descriptor.StatusOf(path) is not { IsRegular: true } status)
            return false;
        if ((status.Permissions, status.User, status.Group) != (before.Mode, before.User, before.Group))
            return false;
        using var file = Descriptor.Open(path, Libc.O_RDONLY | Libc.O_NOFOLLOW);
        return contents.IsContentOf(file, before.Content!.Value, before.Size);
    }

    // The folders above are in the snapshot, too, and come before what is in them. One is missing where dpkg has removed it since.
    private void MakeFolderOf(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        if (folder == "/" || _tree.StatusOf(folder) is not null)
            return;
        MakeFolderOf(folder);
        if (_before.TryGetValue(folder, out SnapshotEntry? entry))
            PutBackFolderOrLink(entry);
    }

    private void Extract(HashSet<string> paths)
    {
        foreach (NamedArchive package in ArchivesOf(PackageSet.Old))
        {
            PackageArchive.Files(package.File, (shipped, tar) =>
            {
                if (!paths.Contains(shipped.Path))
                    return;
                SnapshotEntry before = _before[shipped.Path];
                _tree.Write(before.Path, file => tar.CopyContent(file, before.Path), before.Mode, before.User, before.Group);
            });
        }
    }

    private void DeleteNew()
    {
        List<string> paths = [.. Snapshot.NewPaths(_tree).Where(path => !IsToStay(path))];
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
        if (_changedSince.Contains(path))
            return false;

        // A configuration file that somebody had deleted.
        if (_before.ContainsKey(path))
            return true;
        if (_new.IsUnchanged(path) || (_new.Paths.Contains(path) && now.Size == 0))
            return true;

        // A copy that a tool has made of what is back in its own place.
        if (now.Kind == EntryKind.Link)
            return !_new.Paths.Contains(path);
        SnapshotMaker.Hash(_tree, [now]);
        if (now.Hash is not null && _keptHashes.Contains(now.Hash))
            return true;
        return !_new.Paths.Contains(path) && !Array.Exists(CopiesOfEdits, suffix => path.EndsWith(suffix, StringComparison.Ordinal));
    }
}
