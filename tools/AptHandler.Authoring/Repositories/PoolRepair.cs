namespace AptHandler.Authoring.Repositories;

/// <summary>
/// Replaces archives in a store that were damaged by a disk or by a person. aptly trusts that its pool holds what was fetched, and all
/// snapshots and channels share one file of the pool.
/// </summary>
internal static class PoolRepair
{
    /// <summary>Replaces every damaged copy in the store.</summary>
    /// <param name="store">The store, locked.</param>
    /// <param name="archives">Undamaged archives, in the staging folder, with the names that they have in the store.</param>
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

    // aptly puts a hash and an underscore before the name.
    private static string NameOfPooled(string file)
    {
        string name = Path.GetFileName(file);
        return name[(name.IndexOf('_', StringComparison.Ordinal) + 1)..];
    }
}
