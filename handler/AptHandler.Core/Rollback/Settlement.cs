using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Native;
using Microsoft.Extensions.Logging;

namespace AptHandler.Rollback;

/// <summary>
/// Brings a machine to the old set or to the new one, in whatever state an update has left it. It needs only dpkg and the archives of the
/// backup: no network, no apt. A comparison of the machine with the backup decides whether the set is reached, never an exit status. The
/// process may be killed and started again.
/// </summary>
/// <param name="system">The machine.</param>
/// <param name="folder">The folder of the backup.</param>
/// <param name="backup">The backup.</param>
/// <param name="run">How dpkg is run.</param>
/// <param name="log">The log.</param>
internal sealed class Settlement(AptSystem system, BackupFolder folder, Backup backup, ChangeRun run, ILogger log)
{
    /// <summary>The first remark where nothing differs.</summary>
    public const string AsBefore = "the device is as it was before";

    private readonly PackageComparison _packages = new(system, backup);
    private readonly UpdateFiles _files = new(system, folder, backup);

    /// <summary>What differs from a set, or null where nothing does.</summary>
    /// <exception cref="DpkgStatusException">dpkg's status cannot be read.</exception>
    public string? DifferenceFrom(PackageSet set)
    {
        if (_packages.DifferenceFrom(set) is { } difference)
            return difference;
        var marks = system.ReadMarks();
        KeptMark? mark = backup
            .Marks.Where(each => !each.IsByApt || set == PackageSet.Old)
            .FirstOrDefault(each => each.In(set) is { } isAutomatic && marks.IsAutomatic(PackageName.Known(each.Name)) != isAutomatic);
        if (mark is not null)
            return $"{mark.Name} is not marked as {(mark.In(set) == true ? "automatically" : "manually")} installed";
        return _files.NotAsIn(set) is { Count: > 0 } paths ? $"{paths[0]} is not as it should be" : null;
    }

    /// <summary>Whether the machine is at a set. A machine with a damaged status file is at none.</summary>
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
    /// Whether the machine is between the two sets. Then dpkg has not finished, or each package is as in one of the sets, but not all as in
    /// the same one. A machine that has changed further since is not between them.
    /// </summary>
    public bool IsBetween()
    {
        try
        {
            DpkgStatus status = system.ReadStatus();
            if (status.HasJournal || backup.Packages.Any(package => package.Find(status) is { HoldsFiles: true, IsInstalled: false }))
                return true;
            KeptPackage[] notOld = [.. _packages.NotAsIn(PackageSet.Old, status)];
            KeptPackage[] notNew = [.. _packages.NotAsIn(PackageSet.New, status)];
            IReadOnlyList<string> filesNotOld = _files.NotAsIn(PackageSet.Old);
            IReadOnlyList<string> filesNotNew = _files.NotAsIn(PackageSet.New);
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

    /// <summary>
    /// Why the machine cannot be brought to the old set: a package differs from that set, and its old archive is not available. Null where
    /// it can.
    /// </summary>
    public string? WhyNoWayBack()
    {
        DpkgStatus status = system.ReadStatus();
        string[] stuck =
        [
            .. _packages
                .NotAsIn(PackageSet.Old, status)
                .Where(package => package.Old is { Archive: null, State: not PackageState.ConfigFiles })
                .Select(package => $"{package.Name} {package.Old!.Version}"),
        ];
        return stuck.Length == 0 ? null : backup.WhyNot(stuck);
    }

    /// <summary>Brings the machine to a set.</summary>
    /// <param name="set">The set.</param>
    /// <param name="isLater">For the way back: whether the update had ended well, so that others may have changed files since.</param>
    /// <param name="patience">How long to wait for locks that others hold.</param>
    /// <param name="remarks">
    /// Gets what the operator should know. For the way back, the first remark tells how the machine differs from before.
    /// </param>
    /// <param name="cancellation">Cancels the waiting for locks. After that, nothing stops the change.</param>
    /// <returns>Null when the set is reached; else the difference or the failure.</returns>
    /// <exception cref="AptException">Another program holds a lock for too long.</exception>
    /// <exception cref="DpkgStatusException">dpkg's status is damaged beyond repair.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public AptFailure? Reach(PackageSet set, bool isLater, LockWait patience, List<string> remarks, CancellationToken cancellation)
    {
        using var turn = FrontendLock.Take(system, run.Scripts, patience, cancellation);
        folder.FreeRoom();
        new DatabaseRepair(system, log).Run();
        var dpkg = new DpkgCommand(system, run);
        AptFailure? failure =
            set == PackageSet.New
                ? new AdvanceToNew(system, folder, backup, dpkg).Run()
                : new ReturnToOld(system, folder, backup, dpkg, isLater, log).Run(remarks);
        SetMarks(set, all: true);
        Sync();
        if (set == PackageSet.New)
            NoteTrace();
        return DifferenceFrom(set) is { } difference ? failure ?? new AptFailure(AptFailureKind.Other, null, difference) : null;
    }

    /// <summary>Sets the marks of a set.</summary>
    /// <param name="set">The set.</param>
    /// <param name="all">Whether to set also the marks that apt decides.</param>
    /// <exception cref="IOException">The marks cannot be written.</exception>
    public void SetMarks(PackageSet set, bool all)
    {
        var marks = system.ReadMarks();
        bool isChanged = false;
        foreach (KeptMark mark in backup.Marks.Where(mark => all || !mark.IsByApt))
            isChanged |= marks.Set(PackageName.Known(mark.Name), mark.In(set));
        if (isChanged)
            marks.Save();
    }

    /// <summary>Writes and removes the files that the update itself changes.</summary>
    /// <exception cref="IOException">A file cannot be changed.</exception>
    public void PutNewFiles() => _files.PutNew();

    /// <summary>Notes the state that the update has left behind.</summary>
    /// <exception cref="IOException">The note cannot be written.</exception>
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

    /// <summary>
    /// Writes everything to the disk: dpkg does not sync configuration files and folders, and apt does not sync its marks.
    /// </summary>
    public void Sync()
    {
        foreach (string path in system.FileSystems)
        {
            using var opened = Descriptor.Open(path, Libc.O_RDONLY | Libc.O_DIRECTORY);
            opened.SyncFileSystem(path);
        }
    }
}
