using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Processes;

namespace AptHandler.Rollback;

/// <summary>
/// Tells the installed build of a version from another build of the same version. Both have the same name and different contents. An
/// archive of the other build would bring back files that were never there.
/// </summary>
/// <param name="system">The machine.</param>
/// <param name="folder">The folder of the backup.</param>
/// <param name="status">The installed packages.</param>
internal sealed class BuildComparison(AptSystem system, BackupFolder folder, DpkgStatus status)
{
    private const int LargestSums = 32 << 20;

    /// <summary>Drops the old archives that are of another build than the installed one. dpkg's list of checksums shows that.</summary>
    /// <exception cref="IOException">An archive or a file cannot be read.</exception>
    public void ForgetOtherBuilds(List<WantedArchive> wanted)
    {
        List<WantedArchive> old = wanted.FindAll(each => each is { Archive: not null, IsInstalled: true, IsProven: false });
        string[] archives = [.. old.Select(each => folder.Archive(each.Archive!))];
        int at = 0;
        foreach (IReadOnlyDictionary<string, byte[]> control in PackageArchive.ControlOfAll(archives))
        {
            WantedArchive each = old[at++];
            each.IsProven = true;
            if (status.Find(each.Package) is not { } entry || FileLists.InfoFile(system, entry, "md5sums") is not { } file)
                continue;
            byte[] installed = BoundedFile.Read(file, LargestSums);
            bool isInstalledBuild = control.TryGetValue("md5sums", out byte[]? shipped)
                ? shipped.AsSpan().SequenceEqual(installed)
                : IsInstalledFrom(folder.Archive(each.Archive!), installed);
            if (!isInstalledBuild)
                (each.Archive, each.IsProven) = (null, false);
        }
    }

    // An archive without checksums is compared with the installed files. Only files that still have dpkg's checksum count.
    private bool IsInstalledFrom(string archive, byte[] md5Sums)
    {
        var tree = new RootTree(system.RootFolder);
        HashSet<string> unchanged = UnchangedFiles(md5Sums, tree);
        bool isSame = true;
        PackageArchive.Read(
            archive,
            (shipped, tar) =>
            {
                if (shipped.Kind != ShippedKind.File || !unchanged.Contains(shipped.Path))
                    return;
                using Descriptor file = tree.Open(shipped.Path);
                isSame = isSame && tar.HasContentOf(file);
            }
        );
        return isSame;
    }

    private static HashSet<string> UnchangedFiles(byte[] md5Sums, RootTree tree)
    {
        var unchanged = new HashSet<string>(StringComparer.Ordinal);
        using var reader = new StreamReader(new MemoryStream(md5Sums));
        foreach (Md5Line[] some in Md5Line.ReadAll(reader).Chunk(FileHash.FilesAtOnce))
        {
            var byPlace = new Dictionary<string, Md5Line>(StringComparer.Ordinal);
            foreach (Md5Line line in some)
            {
                if (tree.SafePath(line.Path) is { } place)
                    byPlace[place] = line;
            }

            FileHash.StartAll("md5sum", byPlace.Keys)(
                (place, sum) =>
                {
                    if (byPlace[place].Sum == sum)
                        unchanged.Add(byPlace[place].Path);
                }
            );
        }

        return unchanged;
    }
}
