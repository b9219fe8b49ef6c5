using System.Text;
using AptHandler.Apt;
using AptHandler.Files;

namespace AptHandler.Rollback;

/// <summary>The paths that archives ship, and which of them are unchanged on the machine. Somebody has changed the others.</summary>
internal sealed class ShippedState
{
    private readonly PathSet _shipped;
    private readonly PathSet _unchanged;
    private readonly HashSet<string> _conffiles = new(StringComparer.Ordinal);

    private ShippedState(SnapshotComparison comparison) => (_shipped, _unchanged) = (comparison.NewSet(), comparison.NewSet());

    /// <summary>All shipped paths, folders included.</summary>
    public PathSet Paths => _shipped;

    /// <summary>Whether a file or link is on the machine as an archive ships it.</summary>
    public bool IsUnchanged(string path) => _unchanged.Contains(path);

    /// <summary>Whether a package treats a path as configuration.</summary>
    public bool IsConffile(string path) => _conffiles.Contains(path);

    /// <summary>Compares archives with a machine.</summary>
    /// <param name="packages">The packages.</param>
    /// <param name="tree">The machine.</param>
    /// <param name="comparison">Knows the paths of the snapshot, which has most of the paths.</param>
    /// <param name="diversions">Which of the machine's paths are diverted.</param>
    /// <exception cref="IOException">An archive or a file cannot be read.</exception>
    public static ShippedState Of(
        IEnumerable<NamedArchive> packages,
        RootTree tree,
        SnapshotComparison comparison,
        PackageDatabases diversions
    )
    {
        var state = new ShippedState(comparison);
        foreach (NamedArchive package in packages)
            state.Add(package.Name, package.File, tree, diversions);
        return state;
    }

    private void Add(string package, string archive, RootTree tree, PackageDatabases diversions)
    {
        PackageArchive.Read(
            archive,
            (shipped, tar) =>
            {
                string path = diversions.PlaceOf(shipped.Path, package);
                _shipped.Add(path);
                bool isUnchanged = shipped.Kind switch
                {
                    ShippedKind.File => IsContentAt(path, tar, tree),
                    ShippedKind.Link => tree.StatusOf(path) is { IsLink: true } && tree.TargetOf(path) == shipped.Target,

                    // The target of a hard link comes before it in the archive.
                    ShippedKind.HardLink => _unchanged.Contains(shipped.Target)
                        && tree.StatusOf(path)?.Identity == tree.StatusOf(shipped.Target)?.Identity,
                    _ => false,
                };
                if (isUnchanged)
                    _unchanged.Add(path);
            }
        );

        // dpkg keeps the files in this list when it removes a package.
        if (PackageArchive.Control(archive).TryGetValue("conffiles", out byte[]? list))
            _conffiles.UnionWith(ConffilesIn(list));
    }

    private static bool IsContentAt(string path, TarReader tar, RootTree tree)
    {
        if (tree.StatusOf(path) is not { IsRegular: true } status || (long)status.Size != tar.Length)
            return false;
        using Descriptor file = tree.Open(path);
        return tar.HasContentOf(file);
    }

    /// <summary>The paths in the control file <c>conffiles</c>: one on each line, perhaps behind a flag (deb-conffiles(5)).</summary>
    public static IEnumerable<string> ConffilesIn(byte[] list) =>
        from line in Encoding.UTF8.GetString(list).Split('\n')
        where line.Contains('/', StringComparison.Ordinal)
        select line[line.IndexOf('/', StringComparison.Ordinal)..].TrimEnd();
}

/// <summary>A package and its archive.</summary>
/// <param name="Name">Its name, without architecture.</param>
/// <param name="File">The .deb file.</param>
internal sealed record NamedArchive(string Name, string File)
{
    /// <summary>The packages of a set whose archives are kept.</summary>
    public static IEnumerable<NamedArchive> AllOf(Backup backup, BackupFolder folder, PackageSet set) =>
        from package in backup.Packages
        where package.In(set) is { Archive: not null, State: not Debian.PackageState.ConfigFiles }
        select new NamedArchive(package.Package.Name, folder.Archive(package.In(set)!.Archive!));
}
