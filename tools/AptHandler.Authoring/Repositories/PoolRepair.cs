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
        foreach (string file in Store.ArchivesIn(store.At("aptly/pool")))
        {
            if (byName.TryGetValue(NameOfPooled(file), out HashedFile? archive))
                pooled.Add(new HashedFile(file, archive.Hash));
        }

        var damaged = new HashSet<string>(StringComparer.Ordinal);
        foreach (string file in HashCheck.Failures(pooled, store.Cancellation))
        {
            damaged.Add(NameOfPooled(file));
            store.Relink(byName[NameOfPooled(file)].Path, file);
        }

        foreach (string file in damaged.Count == 0 ? [] : Store.ArchivesIn(store.PublicFolder))
        {
            if (damaged.Contains(Path.GetFileName(file)))
                store.Relink(byName[Path.GetFileName(file)].Path, file);
        }
    }

    // aptly writes a hash and a line before the name.
    private static string NameOfPooled(string file)
    {
        string name = Path.GetFileName(file);
        return name[(name.IndexOf('_', StringComparison.Ordinal) + 1)..];
    }
}
