using AptHandler.Files;

namespace AptHandler.Authoring.Repositories;

/// <summary>Removes a snapshot that is no longer needed.</summary>
public static class SnapshotRemoval
{
    /// <summary>The current snapshot of a channel, and the one to which a rollback goes.</summary>
    public const int UsualKeep = 2;

    /// <summary>Removes a snapshot, and the files that only this snapshot needed in the channels that were at it.</summary>
    /// <param name="store">The store, locked; snapshots are settled.</param>
    /// <param name="id">The snapshot.</param>
    /// <param name="keep">How many of the latest snapshots of each channel must not be removed.</param>
    /// <exception cref="InputException">There is no such snapshot, or a channel needs it.</exception>
    /// <exception cref="Results.UpdateException">aptly failed.</exception>
    /// <exception cref="IOException">It cannot be removed.</exception>
    public static void Drop(Store store, string id, int keep)
    {
        _ = store.Snapshot(id);
        foreach (string name in store.ChannelNames())
            Require(store.FindChannel(name), id, keep);
        foreach (string file in Directory.GetFiles(store.UnfinishedFolder, "channel-*"))
            Require(RecordFile.ReadChannel(file), id, keep);

        store.Cancellation.ThrowIfCancellationRequested();
        Unfinished.BeginSnapshot(store, id);

        // A link and not a copy: a link takes no space, and the disk may be full.
        if (!File.Exists(store.DroppedFile(id)))
            WholeFile.Link(store.SnapshotFile(id), store.DroppedFile(id));
        string gone = Path.Combine(store.StagingFolder, "dropped");
        Directory.Move(store.SnapshotFolder(id), gone);
        Directory.Delete(gone, recursive: true);
        Unfinished.EndSnapshot(store, id);
    }

    /// <summary>
    /// Removes from all channels the files that no snapshot of their history needs. Readers that still use the index of a removed snapshot
    /// have had at least the time since the channel moved on.
    /// </summary>
    internal static void Tidy(Store store)
    {
        RemoveFailedChannels(store);
        foreach (string name in store.ChannelNames())
        {
            // If the snapshot of a channel is gone, there is no way to know which files it needs.
            ChannelRecord channel = store.FindChannel(name)!;
            if (
                !Directory.Exists(store.SnapshotFolder(channel.Current))
                || new DirectoryInfo(store.ChannelFolder(name)) is not { Exists: true, LinkTarget: null }
            )
                continue;
            var needed = new List<string>();
            foreach (ChannelMove move in channel.Moves)
            {
                string folder = store.SnapshotFolder(move.To);
                if (!needed.Contains(folder) && Directory.Exists(folder))
                    needed.Add(folder);
            }

            if (Unfinished.Channel(store, name) is { } coming)
                needed.Add(store.SnapshotFolder(coming.Current));
            Tidy(store.ChannelFolder(name), needed);
        }
    }

    // Removes the remains of a first promotion that failed: without an InRelease, nobody can read such a channel.
    private static void RemoveFailedChannels(Store store)
    {
        foreach (string folder in Directory.GetDirectories(store.At("public/channels")))
        {
            string name = Path.GetFileName(folder);
            if (
                StoreName.IsPossible(name)
                && !File.Exists(store.ChannelFile(name))
                && !File.Exists(Unfinished.FileOfChannel(store, name))
                && !Path.Exists(Path.Combine(folder, "dists", Store.Distribution, "InRelease"))
            )
                Directory.Delete(folder, recursive: true);
        }
    }

    private static void Require(ChannelRecord? channel, string id, int keep)
    {
        if (channel?.Current == id)
            throw new InputException($"cannot remove the snapshot {id}: the channel {channel.Name} stands there; move the channel first");
        if (channel is not null && channel.Last(keep).Contains(id, StringComparer.Ordinal))
        {
            throw new InputException(
                $"cannot remove the snapshot {id}: it is one of the last {keep} of the channel {channel.Name}, which can go "
                    + "back to it; move the channel on, or keep fewer with --keep"
            );
        }
    }

    private static void Tidy(string folder, List<string> needed)
    {
        foreach (FileSystemInfo each in new DirectoryInfo(folder).EnumerateFileSystemInfos())
        {
            List<string> same = needed.ConvertAll(other => Path.Combine(other, each.Name));
            if (each is DirectoryInfo { LinkTarget: null })
            {
                Tidy(each.FullName, same);
                if (!Directory.EnumerateFileSystemEntries(each.FullName).Any())
                    Directory.Delete(each.FullName);
            }
            else if (!same.Exists(File.Exists))
            {
                File.Delete(each.FullName);
            }
        }
    }
}
