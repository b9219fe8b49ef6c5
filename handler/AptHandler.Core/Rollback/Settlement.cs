using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Native;
using Microsoft.Extensions.Logging;

namespace AptHandler.Rollback;

/// <summary>
/// Brings a machine to the old set or to the new one from wherever an update has left it, with dpkg and the archives of the backup alone:
/// no network, no apt. Whether it is there is decided by comparing the machine with the backup, never by an exit status. Safe to be killed
/// and begun again.
/// </summary>
/// <param name="system">The machine.</param>
/// <param name="folder">Where the backup lies.</param>
/// <param name="backup">The backup.</param>
/// <param name="run">How dpkg is run.</param>
/// <param name="log">What is done.</param>
internal sealed class Settlement(AptSystem system, BackupFolder folder, Backup backup, ChangeRun run, ILogger log)
{
    /// <summary>What is remarked first where nothing differs.</summary>
    public const string AsBefore = "the device is as it was before";

    private const int MostPasses = 4;
    private const int MostAttempts = 4;

    private readonly DpkgCommand _dpkg = new(system, run);
    private readonly UpdateFiles _files = new(system, folder, backup);
    private readonly MutedScripts _scripts = new(system, folder, backup);
    private IReadOnlyList<string> _alternativesThatStay = [];

    /// <summary>What differs from a set, or null where nothing does.</summary>
    /// <exception cref="DpkgStatusException">dpkg's status cannot be read.</exception>
    public string? DifferenceFrom(PackageSet set)
    {
        if (PackageDifference(set) is { } difference)
            return difference;
        var marks = system.ReadMarks();
        KeptMark? mark = backup
            .Marks.Where(each => !each.IsByApt || set == PackageSet.Old)
            .FirstOrDefault(each => each.In(set) is { } isAutomatic && marks.IsAutomatic(NameOf(each.Name)) != isAutomatic);
        return mark is not null ? $"{mark.Name} is not marked as {(mark.In(set) == true ? "automatically" : "manually")} installed"
            : _files.NotAsIn(set) is { Count: > 0 } paths ? $"{paths[0]} is not as it should be"
            : null;
    }

    /// <summary>Whether the machine is at a set. One whose status file is damaged is at none.</summary>
    public bool IsAt(PackageSet set)
    {
        try
        {
            return DifferenceFrom(set) is null;
        }
        catch (DpkgStatusException)
        {
            return false;
        }
    }

    /// <summary>
    /// Whether the machine stands between the two sets: dpkg is not done, or each package is as in one of the sets, but not all as in the
    /// same. A machine that has moved on since is not between them.
    /// </summary>
    public bool IsBetween()
    {
        try
        {
            DpkgStatus status = system.ReadStatus();
            if (status.HasJournal || backup.Packages.Any(package => package.Find(status) is { HoldsFiles: true, IsInstalled: false }))
                return true;
            KeptPackage[] notOld = [.. backup.Packages.Where(package => Difference(package, PackageSet.Old, status) is not null)];
            KeptPackage[] notNew = [.. backup.Packages.Where(package => Difference(package, PackageSet.New, status) is not null)];
            (IReadOnlyList<string> filesNotOld, IReadOnlyList<string> filesNotNew) = (
                _files.NotAsIn(PackageSet.Old),
                _files.NotAsIn(PackageSet.New)
            );
            return notOld.Length + filesNotOld.Count > 0
                && notNew.Length + filesNotNew.Count > 0
                && !notOld.Intersect(notNew).Any()
                && !filesNotOld.Intersect(filesNotNew, StringComparer.Ordinal).Any();
        }
        catch (DpkgStatusException)
        {
            return true;
        }
    }

    /// <summary>Packages that are not as in the old set any more, and whose old archives nobody has.</summary>
    public string[] WithoutWayBack()
    {
        DpkgStatus status = system.ReadStatus();
        return
        [
            .. backup
                .Packages.Where(package => package.Old is { Archive: null, State: not PackageState.ConfigFiles })
                .Where(package => Difference(package, PackageSet.Old, status) is not null)
                .Select(package => $"{package.Name} {package.Old!.Version}"),
        ];
    }

    /// <summary>Packages that are neither whole nor gone, were not so before, and are no part of the update.</summary>
    public static string[] BrokenOthers(Backup backup, DpkgStatus status)
    {
        HashSet<string> known = [.. backup.BrokenBefore, .. backup.Packages.Select(package => NameOf(package.Name).Name)];
        return [.. status.Unfinished.Where(name => !known.Contains(name))];
    }

    /// <summary>Brings the machine to a set.</summary>
    /// <param name="set">The set.</param>
    /// <param name="isLater">For the way back: whether the update had ended well, so that others may have changed files since.</param>
    /// <param name="patience">For locks that others hold.</param>
    /// <param name="remarks">
    /// Gets what the operator should know besides; for the way back first how the machine compares with what it was.
    /// </param>
    /// <param name="cancellation">Ends the waiting for locks; after that nothing stops it.</param>
    /// <returns>Null when the machine is there; else what differs, or failed.</returns>
    /// <exception cref="AptException">Somebody else holds a lock for too long.</exception>
    /// <exception cref="DpkgStatusException">dpkg's status is damaged beyond repair.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public AptFailure? Reach(PackageSet set, bool isLater, LockWait patience, List<string> remarks, CancellationToken cancellation)
    {
        using var turn = FrontendLock.Take(system, run.Scripts, patience, cancellation);
        folder.FreeRoom();
        new DatabaseRepair(system, log).Run();
        AptFailure? failure = set == PackageSet.New ? GoForward() : GoBack(isLater, remarks);
        SetMarks(set, all: true);
        Sync();
        if (set == PackageSet.New)
            NoteTrace();
        return DifferenceFrom(set) is { } difference ? failure ?? new AptFailure(AptFailureKind.Other, null, difference) : null;
    }

    /// <summary>Sets the marks of a set.</summary>
    /// <param name="set">The set.</param>
    /// <param name="all">Whether those, too, that apt decides.</param>
    /// <exception cref="IOException">They cannot be written.</exception>
    public void SetMarks(PackageSet set, bool all)
    {
        var marks = system.ReadMarks();
        bool isChanged = false;
        foreach (KeptMark mark in backup.Marks.Where(mark => all || !mark.IsByApt))
            isChanged |= marks.Set(NameOf(mark.Name), mark.In(set));
        if (isChanged)
            marks.Save();
    }

    /// <summary>Writes and takes away the files that the update itself changes.</summary>
    /// <exception cref="IOException">That cannot be done.</exception>
    public void PutNewFiles() => _files.PutNew();

    /// <summary>Notes what the update has left behind.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void NoteTrace()
    {
        DpkgStatus status = system.ReadStatus();
        IEnumerable<string> disappeared = backup
            .Snapshot.Records.Where(record => record.IsOutsidePlan)
            .Select(DatabaseReturn.NameOf)
            .Where(name => status.Find(name) is not { HoldsFiles: true })
            .Select(name => name.ToString());
        folder.WriteTrace(backup.Snapshot.TraceOf(new RootTree(system.RootFolder), PackageDatabases.Read(system), [.. disappeared]));
    }

    /// <summary>Has all on the disk: dpkg syncs neither configuration files nor folders, and apt not its marks.</summary>
    public void Sync()
    {
        foreach (string path in system.FileSystems)
        {
            using var opened = Descriptor.Open(path, Libc.O_RDONLY | Libc.O_DIRECTORY);
            opened.SyncFileSystem(path);
        }
    }

    private string? PackageDifference(PackageSet set)
    {
        DpkgStatus status = system.ReadStatus();
        if (status.HasJournal)
            return "dpkg was interrupted";

        // The triggers of packages that the update does not name belong to it, too.
        return backup.Packages.Select(package => Difference(package, set, status)).FirstOrDefault(each => each is not null)
            ?? (BrokenOthers(backup, status) is { Length: > 0 } broken ? $"{broken[0]} is not whole" : null);
    }

    // What is unpacked and not configured is unpacked once more: a configuration that was cut off forgets what it has done with
    // configuration files.
    private AptFailure? GoForward()
    {
        AptFailure? failure = null;
        Take(out DpkgStatus status);
        Remove(backup.Packages.Where(package => package.New is null && package.Find(status) is { HoldsFiles: true }), status, ref failure);
        string[] archives =
        [
            .. backup
                .Packages.Where(package => package.New?.Archive is not null && Difference(package, PackageSet.New, status) is not null)
                .Select(package => folder.Archive(package.New!.Archive!)),
        ];
        if (archives.Length > 0)
            failure = _dpkg.Unpack(archives) ?? failure;
        if (PackageDifference(PackageSet.New) is not null)
            failure = _dpkg.Configure() ?? failure;
        var files = new NewSetFiles(system, folder, backup);
        if (files.Incomplete() is { Length: > 0 } incomplete)
            failure = _dpkg.Unpack(incomplete) ?? _dpkg.Configure() ?? failure;
        SelectNew();
        files.CompleteConffiles();
        files.RemoveLeftovers();
        files.MarkTakenConffiles();
        RemoveControlFolder();
        if (PackageDifference(PackageSet.New) is null)
            _files.PutNew();
        return failure;
    }

    private AptFailure? GoBack(bool isLater, List<string> remarks)
    {
        AptFailure? failure = null;
        var files = new FileReturn(system, folder, backup, isLater);
        var databases = new DatabaseReturn(system, folder, backup, files);
        var muted = new SortedSet<string>(StringComparer.Ordinal);
        for (int attempt = 1; attempt == 1 || (attempt <= MostAttempts && PackageDifference(PackageSet.Old) is not null); attempt++)
        {
            // A script that fails once may do better the next time. One that fails again is left out: first those that are installed, then
            // those that are still in the archives.
            if (attempt > 2 && failure is { Kind: not (AptFailureKind.Interrupted or AptFailureKind.NoSpace) })
                muted.UnionWith(_scripts.Mute(ofArchives: attempt > 3));
            failure = GoBackOnce(files, databases);
        }

        AddRemarks(remarks, files, databases, muted);
        return failure;
    }

    // The order counts. What goes may conflict with what comes back. Configuring before the old archives are unpacked would finish new
    // packages.
    private AptFailure? GoBackOnce(FileReturn files, DatabaseReturn databases)
    {
        AptFailure? failure = null;
        Take(out DpkgStatus status);
        KeptPackage[] newcomers = [.. backup.Packages.Where(package => package.Old is null)];
        KeptPackage[] remembered = [.. backup.Packages.Where(package => package.Old is { State: PackageState.ConfigFiles })];
        files.Later.PutAside();
        if (PackageDifference(PackageSet.Old) is not null)
        {
            Remove(newcomers.Concat(remembered).Where(package => package.Find(status) is { HoldsFiles: true }), status, ref failure);
            databases.Forget(newcomers);
            databases.PutBackDiversions();
            files.PrepareFolders();
            IEnumerable<string> archives = backup.Packages.Except(remembered).Select(package => package.Old?.Archive).OfType<string>();
            Unpack([.. archives.Select(_scripts.ArchiveOf)], ref failure);
            files.PutBack();
            databases.PutBackDisappeared();
            failure = _dpkg.Configure() ?? failure;

            // A script that fails when a package comes leaves it half there.
            databases.Forget(newcomers);
        }

        _scripts.PutBack();
        RemoveControlFolder();
        databases.PutBackDiversions();
        _alternativesThatStay = databases.PutBackAlternatives();

        // The records first: what only a new version has is still in the list of the old one, and must not look owned.
        databases.PutBackRecords();
        _files.TakeBack();
        files.PutBack();
        return failure;
    }

    // Twice: the second pass brings back files that had moved from one package to another. One that was cut off counts for nothing.
    private void Unpack(string[] archives, ref AptFailure? failure)
    {
        int whole = 0;
        for (int pass = 0; pass < MostPasses && whole < 2 && archives.Length > 0; pass++)
        {
            AptFailure? unpacking = _dpkg.Unpack(archives);
            whole += unpacking is null ? 1 : 0;
            failure = unpacking ?? failure;
        }
    }

    private void AddRemarks(List<string> remarks, FileReturn files, DatabaseReturn databases, SortedSet<string> muted)
    {
        (List<string> leftOver, List<string> different) = files.Compare();
        different.AddRange(databases.Compare());
        string[] saved = [.. files.Later.SavedFiles];
        int stays = files.Later.Staying.Count + _alternativesThatStay.Count;
        remarks.Add(leftOver.Count + different.Count + saved.Length + stays == 0 ? AsBefore : "the packages are as before");
        Add("saved: ", saved);
        remarks.AddRange(files.Later.Staying.Select(path => $"{path} was changed after the update, and stays"));
        remarks.AddRange(_alternativesThatStay.Select(name => $"the alternative {name} was changed after the update, and stays"));
        Add("left over: ", leftOver);
        Add("not as before: ", different);
        if (muted.Count > 0)
            remarks.Add($"done without the maintainer scripts of {string.Join(", ", muted)}, which failed");

        if (remarks[0] == AsBefore)
            return;
        foreach (string remark in remarks)
            log.LogWarning("after going back: {Remark}", remark);

        void Add(string words, IReadOnlyList<string> names)
        {
            // The line of the cloud has room for this many characters of them.
            const int Most = 200;
            if (names.Count == 0)
                return;
            int told = 0;
            for (int characters = 0; told < names.Count && (told == 0 || characters + names[told].Length <= Most); told++)
                characters += names[told].Length + 2;
            for (int at = told; at < names.Count; at++)
                log.LogWarning("after going back: {Words}{Name}", words, names[at]);
            string more = told < names.Count ? $" and {names.Count - told} more (see the log)" : "";
            remarks.Add($"{words}{string.Join(", ", names.Take(told))}{more}");
        }
    }

    // Where dpkg keeps the scripts of a package that it is about to unpack.
    private void RemoveControlFolder()
    {
        string control = Path.Combine(system.AdminFolder, "tmp.ci");
        if (Directory.Exists(control))
            Directory.Delete(control, recursive: true);
    }

    private void Remove(IEnumerable<KeptPackage> packages, DpkgStatus status, ref AptFailure? failure)
    {
        KeptPackage[] going = [.. packages];
        if (going.Length > 0)
            failure = _dpkg.Remove(Array.ConvertAll(going, package => NameFor(package, status)), AreProtected(going, status)) ?? failure;
    }

    // dpkg forgets holds whenever it unpacks or removes. On the way back its records are put back whole.
    private void SelectNew()
    {
        Take(out DpkgStatus status);
        string[] lines =
        [
            .. from package in backup.Packages
            let entry = package.Find(status)
            where package.New is { Wanted: not PackageSelection.Unknown } wanted && entry is not null && entry.Value.Wanted != wanted.Wanted
            select $"{package.Name} {package.New!.Wanted.ToString().ToLowerInvariant()}",
            // Not there, and still in the list of what somebody wished for.
            .. from package in backup.Packages
            where package.New is null && status.Find(package.Package) is { State: PackageState.NotInstalled }
            select $"{package.Name} unknown",
        ];
        if (lines.Length > 0)
            _ = _dpkg.Select(string.Join('\n', lines) + "\n");
    }

    private void Take(out DpkgStatus status) => status = system.ReadStatus();

    // dpkg calls a name ambiguous when siblings of several architectures are there.
    private static string NameFor(KeptPackage package, DpkgStatus status) =>
        package.Find(status) is { Architecture.Length: > 0 } entry ? $"{entry.Name}:{entry.Architecture}" : package.Name;

    private static bool AreProtected(IEnumerable<KeptPackage> packages, DpkgStatus status) =>
        packages.Any(package => package.Find(status) is { Protected: true });

    private static PackageName NameOf(string name) => PackageName.Known(name);

    private static string? Difference(KeptPackage package, PackageSet set, DpkgStatus status)
    {
        StatusEntry? entry = package.Find(status);
        if (package.In(set) is not { } wanted)
        {
            // Removed is not purged: configuration files of an old package stay.
            return entry is { } there && (there.HoldsFiles || set == PackageSet.Old || package.Old is null)
                ? $"{package.Name} is still there ({there.Version}, {there.State})"
                : null;
        }

        if (entry is not { } now)
            return $"{package.Name} is not there instead of {wanted.Version}";
        bool isConfigFiles = wanted.State == PackageState.ConfigFiles;
        if (isConfigFiles != (now.State == PackageState.ConfigFiles) || (!isConfigFiles && !now.IsInstalled && now.State != wanted.State))
            return $"{package.Name} is {now.State} instead of {wanted.State}";
        if (now.Version != wanted.Version && (wanted.Archive is not null || !isConfigFiles))
            return $"{package.Name} is {now.Version} instead of {wanted.Version}";
        return now.Wanted != wanted.Wanted ? $"{package.Name} is wanted as {now.Wanted} instead of {wanted.Wanted}" : null;
    }
}
