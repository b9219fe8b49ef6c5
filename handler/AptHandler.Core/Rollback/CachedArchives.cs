using AptHandler.Apt;
using AptHandler.Files;
using AptHandler.Processes;

namespace AptHandler.Rollback;

/// <summary>Takes the archives that apt already has in its cache into the backup.</summary>
/// <param name="system">The machine.</param>
/// <param name="folder">The folder of the backup.</param>
/// <param name="index">The archives in the sources.</param>
internal sealed class CachedArchives(AptSystem system, BackupFolder folder, ArchiveIndex index)
{
    /// <summary>Links the archives into the backup, and drops those that are damaged.</summary>
    /// <exception cref="IOException">An archive cannot be linked or read.</exception>
    public void Link(List<WantedArchive> wanted)
    {
        var linked = new List<WantedArchive>();
        foreach (WantedArchive each in wanted)
        {
            string cached = Path.Combine(system.ArchivesFolder, each.ArchiveName);
            if (each.Version.Length == 0 || !File.Exists(cached))
                continue;

            // Both sets can have the same version, for example when a removed package is installed again.
            if (!File.Exists(folder.Archive(each.ArchiveName)))
                WholeFile.Link(cached, folder.Archive(each.ArchiveName));
            each.Archive = each.ArchiveName;
            linked.Add(each);
        }

        ForgetDamaged(linked);
    }

    // apt renames the files that it has fetched, and does not sync them. So after a power cut a file with the right name may hold anything.
    private void ForgetDamaged(List<WantedArchive> linked)
    {
        Dictionary<string, string> hashes = Hashes(linked);
        foreach (WantedArchive each in linked)
        {
            string hashInSources = index.HashOf(each);
            bool isAsInSources = hashes.TryGetValue(each.ArchiveName, out string? hash) && hash == hashInSources;

            // The sources may now have another build of an old version. A later check finds out which of the two was installed.
            bool mayDiffer = hashInSources.Length == 0 || each.Set == PackageSet.Old;
            if (isAsInSources || (mayDiffer && each.IsWholeAt(folder.Archive(each.ArchiveName))))
                continue;
            File.Delete(folder.Archive(each.ArchiveName));
            each.Archive = null;
        }
    }

    private Dictionary<string, string> Hashes(List<WantedArchive> linked)
    {
        const int DigitsOfSha256 = 64;
        var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
        Add("sha256sum", each => index.HashOf(each).Length == DigitsOfSha256);
        Add("sha512sum", each => index.HashOf(each).Length > DigitsOfSha256);
        return hashes;

        void Add(string algorithm, Func<WantedArchive, bool> isMeant)
        {
            string[] files = [.. linked.Where(isMeant).Select(each => folder.Archive(each.ArchiveName)).Distinct(StringComparer.Ordinal)];
            FileHash.StartAll(algorithm, files)((file, hash) => hashes[Path.GetFileName(file)] = hash);
        }
    }
}
