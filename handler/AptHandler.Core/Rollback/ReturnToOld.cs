using AptHandler.Apt;
using AptHandler.Debian;
using Microsoft.Extensions.Logging;

namespace AptHandler.Rollback;

/// <summary>
/// Brings the packages and files of a machine back to the old set with dpkg and the archives of the backup. The mirror image is
/// <see cref="AdvanceToNew"/>.
/// </summary>
internal sealed class ReturnToOld
{
    private const int MostPasses = 4;
    private const int MostAttempts = 4;

    private readonly AptSystem _system;
    private readonly Backup _backup;
    private readonly DpkgCommand _dpkg;
    private readonly ILogger _log;
    private readonly PackageComparison _comparison;
    private readonly UpdateFiles _updateFiles;
    private readonly MutedScripts _scripts;
    private readonly FileReturn _files;
    private readonly DatabaseReturn _databases;
    private IReadOnlyList<string> _alternativesThatStay = [];

    /// <summary>Compares the machine with the backup.</summary>
    /// <param name="system">The machine.</param>
    /// <param name="folder">The folder of the backup.</param>
    /// <param name="backup">The backup.</param>
    /// <param name="dpkg">Changes packages.</param>
    /// <param name="isLater">Whether the update had ended well, so that others may have changed files since.</param>
    /// <param name="log">The log.</param>
    /// <exception cref="IOException">An archive or a file cannot be read.</exception>
    public ReturnToOld(AptSystem system, BackupFolder folder, Backup backup, DpkgCommand dpkg, bool isLater, ILogger log)
    {
        (_system, _backup, _dpkg, _log) = (system, backup, dpkg, log);
        _comparison = new PackageComparison(system, backup);
        _updateFiles = new UpdateFiles(system, folder, backup);
        _scripts = new MutedScripts(system, folder, backup);
        _files = new FileReturn(system, folder, backup, isLater);
        _databases = new DatabaseReturn(system, folder, backup, _files);
    }

    /// <summary>Runs dpkg as often as needed, and restores what dpkg does not.</summary>
    /// <param name="remarks">Gets how the machine differs from before, and what else the operator should know.</param>
    /// <returns>The last failure; null where there was none.</returns>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public AptFailure? Run(List<string> remarks)
    {
        AptFailure? failure = null;
        var muted = new SortedSet<string>(StringComparer.Ordinal);
        for (int attempt = 1; attempt == 1 || (attempt <= MostAttempts && !IsAtOld()); attempt++)
        {
            // A script that fails once may succeed the next time. A script that fails again is left out. First the installed scripts are
            // left out, then those that are still in the archives.
            if (attempt > 2 && failure is { Kind: not (AptFailureKind.Interrupted or AptFailureKind.NoSpace) })
                muted.UnionWith(_scripts.Mute(ofArchives: attempt > 3));
            failure = TryOnce();
        }

        new ReturnRemarks(remarks, _log).Add(_files, _databases, _alternativesThatStay, muted);
        return failure;
    }

    private bool IsAtOld() => _comparison.DifferenceFrom(PackageSet.Old) is null;

    private AptFailure? TryOnce()
    {
        DpkgStatus status = _system.ReadStatus();
        _files.Later.PutAside();
        AptFailure? failure = IsAtOld() ? null : ChangePackages(status);
        _scripts.PutBack();
        DpkgDatabase.RemoveControlFolder(_system);
        _databases.PutBackDiversions();
        _alternativesThatStay = _databases.PutBackAlternatives();

        // Records are restored before files. dpkg's list of an old package still names files that only the new version has. When files are
        // deleted, these must not seem to belong to a package.
        _databases.PutBackRecords();
        _updateFiles.TakeBack();
        _files.PutBack();
        return failure;
    }

    // The order counts. Packages to remove may conflict with packages that come back. Configuring before the old archives are unpacked
    // would complete new packages.
    private AptFailure? ChangePackages(DpkgStatus status)
    {
        KeptPackage[] newcomers = [.. _backup.Packages.Where(package => package.Old is null)];
        KeptPackage[] remembered = [.. _backup.Packages.Where(package => package.Old is { State: PackageState.ConfigFiles })];
        IEnumerable<KeptPackage> going = newcomers.Concat(remembered).Where(package => package.Find(status) is { HoldsFiles: true });
        AptFailure? failure = new PackageRemoval(_dpkg).Run(going, status);
        _databases.Forget(newcomers);
        _databases.PutBackDiversions();
        _files.PrepareFolders();
        IEnumerable<string> archives = _backup.Packages.Except(remembered).Select(package => package.Old?.Archive).OfType<string>();
        failure = Unpack([.. archives.Select(_scripts.ArchiveOf)]) ?? failure;
        _files.PutBack();
        _databases.PutBackDisappeared();
        failure = _dpkg.Configure() ?? failure;

        // A new package can be left half-installed, if its script failed during the installation.
        _databases.Forget(newcomers);
        return failure;
    }

    // Unpacks twice: the second pass restores files that had moved from one package to another. A pass that was cut off does not count.
    private AptFailure? Unpack(string[] archives)
    {
        AptFailure? failure = null;
        int whole = 0;
        for (int pass = 0; pass < MostPasses && whole < 2 && archives.Length > 0; pass++)
        {
            AptFailure? unpacking = _dpkg.Unpack(archives);
            whole += unpacking is null ? 1 : 0;
            failure = unpacking ?? failure;
        }

        return failure;
    }
}
