using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;

namespace AptHandler.Rollback;

/// <summary>Finds the paths that an update can touch: in packages, in archives, and in the data of dpkg and its tools.</summary>
/// <param name="system">The machine.</param>
/// <param name="folder">The folder of the new archives.</param>
/// <param name="tree">The files of the machine.</param>
internal sealed class UpdatePaths(AptSystem system, BackupFolder folder, RootTree tree)
{
    // A reboot flag that the update has set is removed when the update is undone.
    private static readonly string[] AlsoWatched =
    [
        "/etc/alternatives",
        "/run/reboot-required",
        "/run/reboot-required.pkgs",
        "/var/lib/ucf/registry",
        "/var/lib/ucf/hashfile",
    ];

    private readonly List<string> _onlyInNew = [];

    /// <summary>The files in new archives that no old package of the plan has. Empty until <see cref="Find"/> has run.</summary>
    public IReadOnlyList<string> OnlyInNew => _onlyInNew;

    /// <summary>Finds the paths.</summary>
    /// <param name="packages">The packages in the two sets.</param>
    /// <param name="newFiles">Files that the update itself writes or removes.</param>
    /// <param name="old">The packages of the plan that are installed.</param>
    /// <param name="conffiles">Their configuration files.</param>
    /// <param name="databases">Diversions, overrides, alternatives and triggers now.</param>
    /// <exception cref="IOException">An archive cannot be read, a path cannot be changed, or there are too many of them.</exception>
    public WatchedPaths Find(
        IReadOnlyList<KeptPackage> packages,
        IReadOnlyList<WantedFile> newFiles,
        List<StatusEntry> old,
        HashSet<string> conffiles,
        PackageDatabases databases
    )
    {
        var watched = new WatchedPaths(tree);
        var inPackages = new HashSet<string>(StringComparer.Ordinal);
        foreach (StatusEntry package in old)
            inPackages.UnionWith(FileLists.Of(system, package));
        watched.Add(inPackages);
        AddNew(packages, inPackages, watched);
        foreach (WantedFile file in newFiles)
            Require(file.Path);
        watched.Add(newFiles.Select(file => file.Path));
        watched.Add(conffiles);
        watched.Add(Conffiles.OfUcf(system, old));
        watched.AddBesideConffiles(conffiles);
        watched.Add(AlsoWatched);
        watched.AddOnTheWay();
        watched.AddEnablement();
        watched.AddOutOfReach(databases.Paths());
        return watched;
    }

    private void AddNew(IReadOnlyList<KeptPackage> packages, HashSet<string> inPackages, WatchedPaths watched) =>
        PackageArchive.ReadAll(
            [.. packages.Select(package => package.New?.Archive).OfType<string>().Select(folder.Archive)],
            (shipped, tar) =>
            {
                watched.Add(shipped.Path);
                if (!shipped.IsFolder && !inPackages.Contains(shipped.Path))
                    _onlyInNew.Add(shipped.Path);
                if (shipped.Kind == ShippedKind.Link && tree.StatusOf(shipped.Path) is { IsFolder: true })
                    watched.Add(Behind(shipped, inPackages));
                if (shipped.Kind == ShippedKind.File)
                    watched.AddServices(Aliases(shipped, tar));
            }
        );

    // A unit can be enabled under another name. Only the unit itself tells that name.
    private static IEnumerable<string> Aliases(ShippedFile shipped, TarReader tar)
    {
        const int LargestUnit = 64 * 1024;
        return Enablement.ServiceOf(shipped.Path) is not null && tar.Length is > 0 and <= LargestUnit
            ? Enablement.AliasesIn(tar.Content(LargestUnit))
            : [];
    }

    // Where a link replaces a folder, dpkg deletes the old version's files of the folder through the link. It would delete files of others.
    private static string[] Behind(ShippedFile link, HashSet<string> inPackages)
    {
        string target = Path.GetFullPath(link.Target, Path.GetDirectoryName(link.Path)!);
        return inPackages
            .Where(path => path.StartsWith(link.Path + "/", StringComparison.Ordinal))
            .Select(path => target + path[link.Path.Length..])
            .ToArray();
    }

    private void Require(string path)
    {
        WantedFile.Require(system.RootFolder, system.PathOf(path));
        if (tree.StatusOf(path) is not (null or { IsRegular: true } or { IsLink: true }))
            throw new IOException($"cannot change {system.PathOf(path)}: it is neither a file nor a link; remove it");
    }
}
