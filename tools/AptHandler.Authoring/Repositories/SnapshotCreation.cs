using AptHandler.Results;

namespace AptHandler.Authoring.Repositories;

/// <summary>Publishes a closure as a snapshot. aptly makes it in a folder that is not public; then a rename makes it public.</summary>
public static class SnapshotCreation
{
    private const int DigitsOfId = 16;

    /// <summary>Publishes a snapshot.</summary>
    /// <param name="store">The store, locked and settled.</param>
    /// <param name="closure">The content of the snapshot.</param>
    /// <param name="id">Its id; null to make one from the content.</param>
    /// <param name="now">The time for its record.</param>
    /// <param name="isNew">False if the snapshot was there already.</param>
    /// <exception cref="InputException">There is another snapshot with this id.</exception>
    /// <exception cref="UpdateException">aptly failed.</exception>
    /// <exception cref="IOException">It cannot be written; nothing public was changed.</exception>
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

    /// <summary>The snapshot of a closure if it is there already, or null.</summary>
    /// <param name="store">The store.</param>
    /// <param name="closure">The content of the snapshot; it need not be fetched yet.</param>
    /// <param name="id">Its id; null to make one from the content.</param>
    /// <param name="name">The id.</param>
    /// <exception cref="InputException">There is another snapshot with this id.</exception>
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
                    + "choose another --id"
            );
        if (
            File.Exists(store.DroppedFile(name))
            && RecordFile.Read(store.DroppedFile(name), StoreJson.Default.SnapshotRecord).Content != closure.Content
        )
            throw new InputException(
                $"cannot use the id {name} again, which was a snapshot of other packages: caches and devices may know it; choose "
                    + "another --id"
            );
        return null;
    }

    /// <summary>
    /// The name of an archive in the store. It contains a part of the content's hash: the pool of a channel holds the packages of several
    /// snapshots, and a name there must never change its content.
    /// </summary>
    internal static string ArchiveNameOf(SnapshotPackage package)
    {
        string version = package.Version[(package.Version.IndexOf(':', StringComparison.Ordinal) + 1)..].Replace(':', '_');
        return $"{package.Name}_{version}_{package.Architecture}.{package.Sha256[..DigitsOfId]}.deb";
    }

    // Copies all archives into one folder, from which aptly takes them.
    private static List<HashedFile> Gather(Store store, Closure closure)
    {
        string folder = IncomingFolder(store);
        var files = new List<HashedFile>();
        _ = Directory.CreateDirectory(folder);
        foreach (FetchedArchive archive in closure.Archives)
        {
            SnapshotPackage package = archive.Package;
            string file = Path.Combine(folder, ArchiveNameOf(package));

            // Copied and not linked: if somebody later writes to the cache or to the original file, a link would change, too.
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
            // The original message does not name the files.
            throw new IOException($"cannot copy {archive} to {file}: {e.Message}", e.HResult);
        }
    }

    private static string IncomingFolder(Store store) => Path.Combine(store.StagingFolder, "incoming");

    // aptly makes links in by-hash to the latest file. Nobody uses them here, and without them a web server need not follow links.
    private static void RemoveLinks(string folder)
    {
        foreach (string file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
        {
            if (File.GetAttributes(file).HasFlag(FileAttributes.ReparsePoint))
                File.Delete(file);
        }
    }

    // Checks that what becomes public is what was fetched, and that the disk did not damage it.
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
                    + "the same again"
            );
    }
}
