using AptHandler.Apt;
using AptHandler.Debian;

namespace AptHandler.Rollback;

/// <summary>Compares the packages of a machine with the two sets of a backup.</summary>
/// <param name="system">The machine.</param>
/// <param name="backup">The backup.</param>
internal sealed class PackageComparison(AptSystem system, Backup backup)
{
    /// <summary>What differs from a set, or null where nothing does.</summary>
    /// <exception cref="DpkgStatusException">dpkg's status cannot be read.</exception>
    public string? DifferenceFrom(PackageSet set)
    {
        DpkgStatus status = system.ReadStatus();
        if (status.HasJournal)
            return "dpkg was interrupted";
        if (backup.Packages.Select(package => Difference(package, set, status)).FirstOrDefault(each => each is not null) is { } difference)
            return difference;

        // The update also runs triggers of packages that are not part of it.
        return BrokenOthers(backup, status) is { Length: > 0 } broken ? $"{broken[0]} is not whole" : null;
    }

    /// <summary>The packages of the update that differ from a set.</summary>
    public IEnumerable<KeptPackage> NotAsIn(PackageSet set, DpkgStatus status) =>
        backup.Packages.Where(package => Difference(package, set, status) is not null);

    /// <summary>
    /// Packages outside the update that are only partly installed or broken, and were not so before.
    /// </summary>
    public static string[] BrokenOthers(Backup backup, DpkgStatus status)
    {
        HashSet<string> known = [.. backup.BrokenBefore, .. backup.Packages.Select(package => package.Package.Name)];
        return [.. status.Unfinished.Where(name => !known.Contains(name))];
    }

    private static string? Difference(KeptPackage package, PackageSet set, DpkgStatus status)
    {
        StatusEntry? entry = package.Find(status);
        if (package.In(set) is not { } wanted)
        {
            // A removed package is not purged: configuration files of an old package stay.
            return entry is { } there && (there.HoldsFiles || set == PackageSet.Old || package.Old is null)
                ? $"{package.Name} is still there ({there.Version}, {there.State})"
                : null;
        }

        if (entry is not { } now)
            return $"{package.Name} is not there instead of {wanted.Version}";
        if (!IsStateOf(now, wanted))
            return $"{package.Name} is {now.State} instead of {wanted.State}";

        // Where only configuration files are left of a package, its version counts only if an archive can bring it back.
        bool isVersionWanted = wanted.Archive is not null || wanted.State != PackageState.ConfigFiles;
        if (isVersionWanted && now.Version != wanted.Version)
            return $"{package.Name} is {now.Version} instead of {wanted.Version}";
        return now.Wanted != wanted.Wanted ? $"{package.Name} is wanted as {now.Wanted} instead of {wanted.Wanted}" : null;
    }

    // A package that was not whole before may be installed by now.
    private static bool IsStateOf(StatusEntry now, KeptState wanted) =>
        wanted.State == PackageState.ConfigFiles || now.State == PackageState.ConfigFiles
            ? now.State == wanted.State
            : now.IsInstalled || now.State == wanted.State;
}
