using AptHandler.Files;

namespace AptHandler.Authoring.Repositories;

/// <summary>Takes a snapshot away that nobody needs any more.</summary>
public static class SnapshotRemoval
{
    /// <summary>Where a channel stands, and where rollback goes.</summary>
    public const int UsualKeep = 2;

    /// <summary>Removes a snapshot, and what only it has needed of the channels that it was in.</summary>
    /// <param name="store">The store, locked; snapshots are settled.</param>
    /// <param name="id">The snapshot.</param>
    /// <param name="keep">How many of the snapshots that a channel stood at last are not to be removed.</param>
    /// <exception cref="InputException">There is none, or a channel needs it.</exception>
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

        // A second name: that takes no room, and there may be none.
        if (!File.Exists(store.DroppedFile(id)))
            WholeFile.Link(store.SnapshotFile(id), store.DroppedFile(id));
        string gone = Path.Combine(store.StagingFolder, "dropped");
        Directory.Move(store.SnapshotFolder(id), gone);
        Directory.Delete(gone, recursive: true);
        Unfinished.EndSnapshot(store, id);
    }

    /// <summary>Takes away what no snapshot of a channel's history needs, in all channels. Readers who still fetch by the index of one that
    /// is gone have had the time of at least one move.</summary>
    internal static void Tidy(Store store)
    {
        RemoveFailedChannels(store);
        foreach (string name in store.ChannelNames())
        {
            // Of a channel whose snapshot is gone, nobody knows what it needs.
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

    // What a first promotion has left that failed: nobody reads it without an InRelease.
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
                    + $"back to it; move the channel on, or keep fewer with --keep"
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
