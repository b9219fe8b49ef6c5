using AptHandler.Apt;
using AptHandler.Debian;

namespace AptHandler.Rollback;

/// <summary>Brings the packages and files of a machine to the new set with dpkg. The mirror image is <see cref="ReturnToOld"/>.</summary>
/// <param name="system">The machine.</param>
/// <param name="folder">Where the backup lies.</param>
/// <param name="backup">The backup.</param>
/// <param name="dpkg">Changes packages.</param>
internal sealed class AdvanceToNew(AptSystem system, BackupFolder folder, Backup backup, DpkgCommand dpkg)
{
    private readonly PackageComparison _comparison = new(system, backup);

    /// <summary>Runs dpkg, and fixes what dpkg does not.</summary>
    /// <returns>The last failure; null where there was none.</returns>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public AptFailure? Run()
    {
        AptFailure? failure = ChangePackages();
        var files = new NewSetFiles(system, folder, backup);
        if (files.Incomplete() is { Length: > 0 } incomplete)
            failure = dpkg.Unpack(incomplete) ?? dpkg.Configure() ?? failure;
        Select();
        files.CompleteConffiles();
        files.RemoveLeftovers();
        files.MarkTakenConffiles();
        DpkgDatabase.RemoveControlFolder(system);
        if (_comparison.DifferenceFrom(PackageSet.New) is null)
            new UpdateFiles(system, folder, backup).PutNew();
        return failure;
    }

    // A package that is unpacked but not configured is unpacked once more: a configuration that was cut off forgets what it has done with
    // configuration files.
    private AptFailure? ChangePackages()
    {
        DpkgStatus status = system.ReadStatus();
        IEnumerable<KeptPackage> going = backup.Packages.Where(package =>
            package.New is null && package.Find(status) is { HoldsFiles: true }
        );
        AptFailure? failure = new PackageRemoval(dpkg).Run(going, status);
        string[] archives =
        [
            .. _comparison.NotAsIn(PackageSet.New, status).Select(package => package.New?.Archive).OfType<string>().Select(folder.Archive),
        ];
        if (archives.Length > 0)
            failure = dpkg.Unpack(archives) ?? failure;
        if (_comparison.DifferenceFrom(PackageSet.New) is not null)
            failure = dpkg.Configure() ?? failure;
        return failure;
    }

    // dpkg forgets holds whenever it unpacks or removes a package. The way back needs no such step: it puts back whole records of dpkg.
    private void Select()
    {
        DpkgStatus status = system.ReadStatus();
        string[] lines =
        [
            .. from package in backup.Packages
            let entry = package.Find(status)
            where package.New is { Wanted: not PackageSelection.Unknown } wanted && entry is not null && entry.Value.Wanted != wanted.Wanted
            select $"{package.Name} {package.New!.Wanted.ToString().ToLowerInvariant()}",
            // The package is not installed, but dpkg still keeps a wanted state for it.
            .. from package in backup.Packages
            where package.New is null && status.Find(package.Package) is { State: PackageState.NotInstalled }
            select $"{package.Name} unknown",
        ];
        if (lines.Length > 0)
            _ = dpkg.Select(string.Join('\n', lines) + "\n");
    }
}
