using AptHandler.Results;

namespace AptHandler.Authoring.Repositories;

/// <summary>Publishes a closure as a snapshot: by aptly where nobody looks, and then by one rename.</summary>
public static class SnapshotCreation
{
    private const int DigitsOfId = 16;

    /// <summary>Publishes.</summary>
    /// <param name="store">The store, locked and settled.</param>
    /// <param name="closure">What it is to hold.</param>
    /// <param name="id">Its id; null for one that is made from the content.</param>
    /// <param name="now">The time for its record.</param>
    /// <param name="isNew">False where the snapshot was there already.</param>
    /// <exception cref="InputException">There is another one of this id.</exception>
    /// <exception cref="UpdateException">aptly failed.</exception>
    /// <exception cref="IOException">It cannot be written; nothing public has changed.</exception>
    public static SnapshotRecord Create(Store store, Closure closure, string? id, DateTimeOffset now, out bool isNew)
    {
        isNew = false;
        if (Find(store, closure, id, out string name) is { } there)
            return there;
        isNew = true;
        var record = new SnapshotRecord
        {
            Id = name,
            Content = closure.Content,
            Created = now,
            Architectures = closure.Architectures,
            Manifests = closure.Manifests,
            Packages = Array.ConvertAll([.. closure.Archives], archive => archive.Package),
            Assumed = closure.Assumed,
        };
        Unfinished.BeginSnapshot(store, name);
        var aptly = new Aptly(store, new SigningKey(store));
        IReadOnlyList<HashedFile> archives = Gather(store, closure);
        PoolRepair.Mend(store, archives);
        aptly.Publish(name, IncomingFolder(store), closure.Architectures);
        RemoveLinks(aptly.Published(name));
        CheckPublished(store, aptly.Published(name), name, archives);
        RecordFile.Write(store.SnapshotFile(name), record, StoreJson.Default.SnapshotRecord);
        store.Sync();
        store.Cancellation.ThrowIfCancellationRequested();
        Directory.Move(aptly.Published(name), store.SnapshotFolder(name));
        Unfinished.EndSnapshot(store, name);
        return record;
    }

    /// <summary>The snapshot of a closure where it is there already, or null.</summary>
    /// <param name="store">The store.</param>
    /// <param name="closure">What the snapshot is to hold; it need not be fetched yet.</param>
    /// <param name="id">Its id; null for one that is made from the content.</param>
    /// <param name="name">The id.</param>
    /// <exception cref="InputException">There is another one of this id.</exception>
    public static SnapshotRecord? Find(Store store, Closure closure, string? id, out string name)
    {
        name = StoreName.Checked("snapshot", id ?? closure.Content[..DigitsOfId]);
        if (store.FindSnapshot(name) is { } there)
        {
            return there.Content == closure.Content
                ? there
                : throw new InputException(
                    $"cannot change the snapshot {name}, which was made of other packages: devices may use it; choose another --id"
                );
        }

        if (Path.Exists(store.SnapshotFolder(name)))
            throw new InputException(
                $"cannot make the snapshot {name}: {store.SnapshotFolder(name)} is none of this repository; take it away, or "
                    + $"choose another --id"
            );
        if (
            File.Exists(store.DroppedFile(name))
            && RecordFile.Read(store.DroppedFile(name), StoreJson.Default.SnapshotRecord).Content != closure.Content
        )
            throw new InputException(
                $"cannot use the id {name} again, which was a snapshot of other packages: caches and devices may know it; choose "
                    + $"another --id"
            );
        return null;
    }

    /// <summary>
    /// The name of an archive here. It tells the content: in the pool of a channel, where the packages of several snapshots lie beside each
    /// other, a name never comes to mean other bytes.
    /// </summary>
    internal static string ArchiveNameOf(SnapshotPackage package)
    {
        string version = package.Version[(package.Version.IndexOf(':', StringComparison.Ordinal) + 1)..].Replace(':', '_');
        return $"{package.Name}_{version}_{package.Architecture}.{package.Sha256[..DigitsOfId]}.deb";
    }

    // The folder with all archives, for aptly to take them from.
    private static List<HashedFile> Gather(Store store, Closure closure)
    {
        string folder = IncomingFolder(store);
        var files = new List<HashedFile>();
        _ = Directory.CreateDirectory(folder);
        foreach (FetchedArchive archive in closure.Archives)
        {
            SnapshotPackage package = archive.Package;
            string file = Path.Combine(folder, ArchiveNameOf(package));

            // Whatever is written to the cache or to somebody's own file one day, a second name of it would change with it.
            store.Cancellation.ThrowIfCancellationRequested();
            Copy(archive.File, file);
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            files.Add(new HashedFile(file, package.Sha256));
        }

        return files;
    }

    private static void Copy(string archive, string file)
    {
        try
        {
            File.Copy(archive, file);
        }
        catch (IOException e)
        {
            // It does not tell of which file it is.
            throw new IOException($"cannot copy {archive} to {file}: {e.Message}", e.HResult);
        }
    }

    private static string IncomingFolder(Store store) => Path.Combine(store.StagingFolder, "incoming");

    // aptly notes in by-hash which file was the last one. Nobody asks for that here, and a web server need not follow any link.
    private static void RemoveLinks(string folder)
    {
        foreach (string file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
        {
            if (File.GetAttributes(file).HasFlag(FileAttributes.ReparsePoint))
                File.Delete(file);
        }
    }

    // What becomes public is what was fetched, and not what else somebody's disk has made of it.
    private static void CheckPublished(Store store, string folder, string id, IReadOnlyList<HashedFile> archives)
    {
        var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (HashedFile archive in archives)
            hashes.Add(Path.GetFileName(archive.Path), archive.Hash);
        List<HashedFile> published = [];
        foreach (string file in Store.ArchivesIn(folder))
            published.Add(new HashedFile(file, hashes[Path.GetFileName(file)]));
        if (HashCheck.Failures(published, store.Cancellation) is [var damaged, ..])
            throw new UpdateException(
                ExtendedResult.StateUnusable,
                $"cannot publish the snapshot {id}: {Path.GetFileName(damaged)} was damaged on its way; check the disk, and run "
                    + $"the same again"
            );
    }
}
