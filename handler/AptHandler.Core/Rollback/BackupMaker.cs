using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;

namespace AptHandler.Rollback;

/// <summary>Keeps everything that is needed to reach the old set or the new one, before anything changes.</summary>
/// <param name="system">The machine.</param>
/// <param name="apt">Fetches archives that are not in its cache.</param>
/// <param name="folder">The folder of the backup.</param>
internal sealed class BackupMaker(AptSystem system, AptCommand apt, BackupFolder folder)
{
    /// <summary>Makes a backup.</summary>
    /// <param name="plan">What apt will do.</param>
    /// <param name="unfinished">Packages that will only be configured.</param>
    /// <param name="paragraphs">The paragraphs of the packages that change, from the sources or from dpkg.</param>
    /// <param name="marks">The marks before and after.</param>
    /// <param name="newFiles">Files that the update itself writes or removes.</param>
    /// <param name="status">The packages of the machine now.</param>
    /// <param name="wayBack">Whether the archives of the old versions are wanted, too.</param>
    /// <param name="unpacked">
    /// How much room dpkg will need to unpack the new packages, in bytes. The old archives must leave it free.
    /// </param>
    /// <param name="makeRoom">
    /// Called when there is not enough room. Deletes older backups, and returns whether there was one.
    /// </param>
    /// <param name="cancellation">Cancels the backup. Nothing on the machine has changed then.</param>
    /// <exception cref="AptException">A new archive is not available.</exception>
    /// <exception cref="IOException">The backup cannot be written.</exception>
    public Backup Make(
        AptPlan plan,
        IReadOnlyList<string> unfinished,
        IReadOnlyList<ControlParagraph> paragraphs,
        IReadOnlyList<KeptMark> marks,
        IReadOnlyList<WantedFile> newFiles,
        DpkgStatus status,
        WayBack wayBack,
        long unpacked,
        Func<bool> makeRoom,
        CancellationToken cancellation
    )
    {
        folder.Begin();
        List<WantedArchive> wanted = WantedArchive.AllOf(plan, unfinished, status);
        string? obstacle = Gather(wanted, new ArchiveIndex(wanted, paragraphs), status, wayBack, unpacked, makeRoom, cancellation);
        RequireNew(wanted, plan);
        List<KeptPackage> packages =
        [
            .. wanted
                .Select(each => each.Name)
                .Distinct(StringComparer.Ordinal)
                .Select(name => new KeptPackage(name, StateOf(name, PackageSet.Old), StateOf(name, PackageSet.New))),
        ];
        MachineSnapshot snapshot = new SnapshotMaker(system, folder, status).Take(packages, newFiles);
        var backup = new Backup
        {
            Packages = packages,
            Marks = marks,
            Snapshot = snapshot,
            NewFiles = newFiles,
            BrokenBefore = [.. status.Unfinished],
            Obstacle = obstacle,
        };
        folder.Complete(backup);
        return backup;

        KeptState? StateOf(string name, PackageSet set) =>
            wanted.Find(each => each.Name == name && each.Set == set && each.Version.Length > 0) is { } each
                ? new KeptState(each.Version, each.State, each.Selection, each.Archive)
                : null;
    }

    // Gets the archives from the cache of apt, then from the sources, and repacks the old ones that are still missing. Returns why old
    // archives are not fetched, or null.
    private string? Gather(
        List<WantedArchive> wanted,
        ArchiveIndex index,
        DpkgStatus status,
        WayBack wayBack,
        long unpacked,
        Func<bool> makeRoom,
        CancellationToken cancellation
    )
    {
        var builds = new BuildComparison(system, folder, status);
        new CachedArchives(system, folder, index).Link(wanted);
        if (wayBack != WayBack.Unwanted)
            builds.ForgetOtherBuilds(wanted);
        var fetch = new ArchiveFetch(system, apt, folder, index);
        string? obstacle = fetch.FetchMissing(wanted, wayBack, unpacked, makeRoom, cancellation);
        builds.ForgetOtherBuilds(wanted);
        if (wayBack != WayBack.Unwanted && obstacle is null)
            wanted.FindAll(each => each is { Archive: null, IsInstalled: true }).ForEach(new Repacking(system, folder).TryMake);
        return obstacle;
    }

    private static void RequireNew(List<WantedArchive> wanted, AptPlan plan)
    {
        WantedArchive? missing = wanted.Find(each =>
            each is { Set: PackageSet.New, Archive: null } && plan.Installations.Any(coming => coming.QualifiedName == each.Name)
        );
        if (missing is not null)
            throw new AptException(new AptFailure(AptFailureKind.FetchFailed, missing.Name, $"no .deb of {missing.Word} is available"));
    }
}
