using AptHandler.Apt;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Rollback;

/// <summary>
/// Restores the files of a machine from its snapshot where dpkg does not: dpkg follows links that were folders before. It also does not
/// restore a file that a new file has replaced. Each call may be repeated after a power cut. The mirror image is <see
/// cref="SnapshotMaker"/>.
/// </summary>
/// <remarks>
/// Directly after a failed update, all differences come from it. Later, others may have changed things since. A file that is neither as
/// before nor as the update left it stays, and is reported.
/// </remarks>
internal sealed class FileReturn
{
    private readonly BackupFolder _folder;
    private readonly Backup _backup;
    private readonly RootTree _tree;
    private readonly ShippedState _new;
    private readonly SnapshotComparison _comparison;
    private readonly FolderReturn _folders;
    private readonly NewPathRemoval _removal;

    /// <summary>Compares the machine with the snapshot.</summary>
    /// <param name="system">The machine.</param>
    /// <param name="folder">The folder of the backup.</param>
    /// <param name="backup">The backup.</param>
    /// <param name="isLater">Whether the update had ended well, and others may have changed things since.</param>
    /// <exception cref="IOException">An archive or a file cannot be read.</exception>
    public FileReturn(AptSystem system, BackupFolder folder, Backup backup, bool isLater)
    {
        (_folder, _backup) = (folder, backup);
        _tree = new RootTree(system.RootFolder);
        var databases = PackageDatabases.Read(system);
        _comparison = new SnapshotComparison(_tree, Snapshot);
        _new = ShippedState.Of(NamedArchive.AllOf(backup, folder, PackageSet.New), _tree, _comparison, databases);
        Later = new LaterChanges(system, folder, backup, _tree, _comparison, _new, databases, isLater);
        _folders = new FolderReturn(_tree, Before, _new, Later);
        _removal = new NewPathRemoval(system, backup, _tree, _new, Later);
    }

    /// <summary>What others have changed since the update.</summary>
    public LaterChanges Later { get; }

    private MachineSnapshot Snapshot => _backup.Snapshot;

    private EntryTable Before => _comparison.Before;

    /// <summary>
    /// Restores folders and links before the old archives are unpacked. Where a link has replaced a folder, dpkg would unpack files through
    /// the link into a folder of others.
    /// </summary>
    /// <exception cref="IOException">A folder or a link cannot be restored.</exception>
    public void PrepareFolders()
    {
        _tree.Forget();
        foreach (SnapshotEntry entry in Snapshot.Entries)
        {
            if (entry.Kind is EntryKind.Folder or EntryKind.Link && entry.IsInReach && !Later.IsToStay(entry.Path))
                _folders.PutBack(entry);
        }
    }

    /// <summary>Undoes a diversion of the update: the diverted file moves back. A file of others in its place is put aside.</summary>
    /// <param name="from">A path.</param>
    /// <param name="to">Where it was diverted to.</param>
    /// <exception cref="IOException">A file cannot be renamed.</exception>
    public void UndoDiversion(string from, string to)
    {
        _tree.Forget();
        if (_tree.StatusOf(to) is null || Before.Find(to)?.Kind is not (null or EntryKind.Absent))
            return;
        if (Later.IsLater && _tree.StatusOf(from) is { IsRegular: true } && !_new.IsUnchanged(from))
            Later.Save(from);
        _tree.Rename(to, from);
    }

    /// <summary>Renews a diversion that existed before the update: moves the file away again.</summary>
    /// <inheritdoc cref="UndoDiversion"/>
    public void RedoDiversion(string from, string to)
    {
        _tree.Forget();
        if (_tree.StatusOf(to) is null && _tree.StatusOf(from) is { IsFolder: false })
            _tree.Rename(from, to);
    }

    /// <summary>Restores everything that still differs, and deletes what was not there before.</summary>
    /// <exception cref="IOException">A file cannot be restored or deleted.</exception>
    public void PutBack()
    {
        _tree.Forget();
        using var contents = KeptContents.Open(_folder.Contents);
        Dictionary<string, SnapshotEntry> now = _comparison.Differing(contents);
        var fromArchives = new HashSet<string>(StringComparer.Ordinal);
        foreach (SnapshotEntry entry in Snapshot.Entries)
        {
            if (!now.TryGetValue(entry.Path, out SnapshotEntry? there) || Later.IsToStay(entry.Path))
                continue;
            if (entry.Kind is EntryKind.Folder or EntryKind.Link)
                _folders.PutBack(entry);
            else if (entry.Kind == EntryKind.File && entry.IsInReach)
                PutBackFile(entry, there, contents, fromArchives);
        }

        if (fromArchives.Count > 0)
            Extract(fromArchives);
        _removal.Run();
        Later.PutInPlace();
    }

    /// <summary>Deletes the links of a group of alternatives that was not there before.</summary>
    /// <exception cref="IOException">A link cannot be deleted.</exception>
    public void DeleteLinksOf(string group, string text)
    {
        foreach (string path in PackageDatabases.LinksOf(group, text).Where(path => path.StartsWith('/') && !Before.Contains(path)))
        {
            if (
                _tree.StatusOf(path) is { IsLink: true }
                && (PackageDatabases.IsAlternative(path) || PackageDatabases.IsAlternative(_tree.TargetOf(path)))
            )
                _tree.Delete(path);
        }
    }

    /// <summary>The paths that differ from before: those that did not exist then, and others.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public (List<string> LeftOver, List<string> Different) Compare()
    {
        _tree.Forget();
        using var contents = KeptContents.Open(_folder.Contents);
        UnshippedChanges unshipped = Snapshot.UnshippedChanges(_tree);

        // Later additions and deletions by others do not count.
        IEnumerable<string> made = unshipped.Made.Where(each => !Later.Saved.ContainsKey(each)),
            deleted = unshipped.Deleted;
        if (Later.Trace is { } trace)
        {
            made = made.Intersect(trace.Unshipped.Made, StringComparer.Ordinal);
            deleted = deleted.Intersect(trace.Unshipped.Deleted, StringComparer.Ordinal);
        }

        List<string> different = [.. _comparison.Differing(contents).Keys.Where(path => !Later.IsToStay(path)), .. deleted];
        HashSet<string> leftOver = [.. Snapshot.NewPaths(_tree).Concat(made).Where(path => !Later.IsToStay(path))];

        // Where a whole folder is left over, only the folder is reported.
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

    private void PutBackFile(SnapshotEntry before, SnapshotEntry now, KeptContents contents, HashSet<string> fromArchives)
    {
        if (now.Kind is EntryKind.Folder or EntryKind.Other || _tree.IsStrange(before.Path))
            return;
        if (now.Kind == EntryKind.File && now.Hash is not null && now.Hash == before.Hash && before.SameFileAs is null)
        {
            _tree.SetAttributes(before.Path, before.Mode, before.User, before.Group);
            return;
        }

        _folders.PutBackAbove(before.Path);
        if (before.KeptName is { } name && IsKeptUnchanged(before, name, contents))
            _tree.MakeName(before.Path, _folder.KeptName(name));
        else if (before.Content is { } offset)
            _tree.Write(
                before.Path,
                file => contents.CopyTo(file, offset, before.Size, before.Path),
                before.Mode,
                before.User,
                before.Group
            );
        else if (before.SameFileAs is { } other && _tree.StatusOf(other) is { IsRegular: true })
            _tree.MakeHardLink(before.Path, other);
        else
            fromArchives.Add(before.Path);
    }

    // Another user of the file may have written to it under its other name since.
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

    private void Extract(HashSet<string> paths)
    {
        foreach (NamedArchive package in NamedArchive.AllOf(_backup, _folder, PackageSet.Old))
        {
            PackageArchive.Read(
                package.File,
                (shipped, tar) =>
                {
                    if (shipped.Kind != ShippedKind.File || !paths.Contains(shipped.Path))
                        return;
                    SnapshotEntry before = Before.Find(shipped.Path)!;
                    _tree.Write(before.Path, file => tar.CopyContent(file, before.Path), before.Mode, before.User, before.Group);
                }
            );
        }
    }
}
