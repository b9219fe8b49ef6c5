using AptHandler.Files;

namespace AptHandler.Authoring.Repositories;

/// <summary>
/// Notes what is being done to a store, before it starts. If a process is killed, the next one that changes the store finishes or undoes
/// that work. A snapshot that is not public is removed. A move of a channel is finished.
/// </summary>
public static class Unfinished
{
    private const string OfSnapshot = "snapshot-";
    private const string OfChannel = "channel-";

    /// <summary>Finishes or undoes interrupted work.</summary>
    /// <param name="store">The store, locked.</param>
    /// <param name="onlySnapshots">Leaves channels unchanged: finishing them takes space, and the caller may be about to free some.</param>
    /// <exception cref="Results.UpdateException">A tool failed.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Settle(Store store, bool onlySnapshots = false)
    {
        foreach (string file in Directory.GetFiles(store.UnfinishedFolder))
        {
            string name = Path.GetFileName(file);
            if (name.StartsWith(OfSnapshot, StringComparison.Ordinal))
                EndSnapshot(store, name[OfSnapshot.Length..]);
            else if (name[0] == '.')
                File.Delete(file);
        }

        store.ClearStaging();
        foreach (string file in onlySnapshots ? [] : Directory.GetFiles(store.UnfinishedFolder, $"{OfChannel}*"))
            ChannelMoving.Finish(store, file);
    }

    /// <summary>Notes that a snapshot is about to be made or removed.</summary>
    internal static void BeginSnapshot(Store store, string id) =>
        WholeFile.Replace(FileOf(store, OfSnapshot, id), [], WholeFile.ReadableByAll);

    /// <summary>Whether a snapshot is about to be made or removed.</summary>
    internal static bool IsOfSnapshot(Store store, string id) => File.Exists(FileOf(store, OfSnapshot, id));

    /// <summary>Removes what was needed only to make a snapshot, and everything of a snapshot that is not, or no longer, public.</summary>
    internal static void EndSnapshot(Store store, string id)
    {
        var aptly = new Aptly(store, new SigningKey(store));
        if (Directory.Exists(store.SnapshotFolder(id)))
        {
            aptly.Release(id);
        }
        else
        {
            // Free space first, because aptly needs some.
            File.Delete(store.SnapshotFile(id));
            SnapshotRemoval.Tidy(store);
            aptly.Drop(id);
        }

        File.Delete(FileOf(store, OfSnapshot, id));
    }

    /// <summary>The file with the history that a channel has after a move that is not finished yet.</summary>
    internal static string FileOfChannel(Store store, string name) => FileOf(store, OfChannel, $"{name}.json");

    /// <summary>The history that a channel has after a move that is not finished yet; null where there is no such move.</summary>
    internal static ChannelRecord? Channel(Store store, string name) =>
        File.Exists(FileOfChannel(store, name)) ? RecordFile.ReadChannel(FileOfChannel(store, name)) : null;

    private static string FileOf(Store store, string kind, string name) => Path.Combine(store.UnfinishedFolder, kind + name);
}
