using AptHandler.Files;

namespace AptHandler.Authoring.Repositories;

/// <summary>
/// Replaces archives in a store that a disk or a hand has damaged. aptly takes what is in its pool for what was fetched, and a file of the
/// pool is the same one in all snapshots and channels.
/// </summary>
internal static class PoolRepair
{
    /// <summary>Replaces what is damaged, wherever it lies in the store.</summary>
    /// <param name="store">The store, locked.</param>
    /// <param name="archives">Archives that are right, in the staging folder, with the names that they have in the store.</param>
    /// <exception cref="IOException">It cannot be read or replaced.</exception>
    public static void Mend(Store store, IReadOnlyList<HashedFile> archives)
    {
        var byName = new Dictionary<string, HashedFile>(StringComparer.Ordinal);
        foreach (HashedFile archive in archives)
            byName.Add(Path.GetFileName(archive.Path), archive);
        var pooled = new List<HashedFile>();
        foreach (string file in ArchivesIn(store.At("aptly/pool")))
        {
            if (byName.TryGetValue(NameOfPooled(file), out HashedFile? archive))
                pooled.Add(new HashedFile(file, archive.Sha256));
        }

        var damaged = new HashSet<string>(StringComparer.Ordinal);
        foreach (string file in HashCheck.Failures(pooled))
        {
            damaged.Add(NameOfPooled(file));
            Replace(store, file, byName[NameOfPooled(file)].Path);
        }

        foreach (string file in damaged.Count == 0 ? [] : ArchivesIn(store.PublicFolder))
        {
            if (damaged.Contains(Path.GetFileName(file)))
                Replace(store, file, byName[Path.GetFileName(file)].Path);
        }
    }

    /// <summary>All archives in a folder, and in those in it.</summary>
    public static IEnumerable<string> ArchivesIn(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.deb", SearchOption.AllDirectories) : [];

    // aptly writes a hash and a line before the name.
    private static string NameOfPooled(string file)
    {
        string name = Path.GetFileName(file);
        return name[(name.IndexOf('_', StringComparison.Ordinal) + 1)..];
    }

    // By rename: who reads the damaged one does not get a mixture.
    private static void Replace(Store store, string file, string archive)
    {
        string fresh = Path.Combine(store.StagingFolder, "fresh");
        WholeFile.Link(archive, fresh);
        File.Move(fresh, file, overwrite: true);
    }
}
