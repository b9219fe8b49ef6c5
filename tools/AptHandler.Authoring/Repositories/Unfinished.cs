using AptHandler.Files;

namespace AptHandler.Authoring.Repositories;

/// <summary>
/// What is being done to a store, noted before it begins. Whoever changes the store next finishes or undoes what somebody has left
/// half-done who was killed: a snapshot that is not public is taken away, a channel that is on its way arrives.
/// </summary>
public static class Unfinished
{
    private const string OfSnapshot = "snapshot-";
    private const string OfChannel = "channel-";

    /// <summary>Finishes or undoes what is half-done.</summary>
    /// <param name="store">The store, locked.</param>
    /// <param name="onlySnapshots">Leaves channels as they are: to finish them takes room, which somebody may be about to make.</param>
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

    /// <summary>Notes that a snapshot is about to come or to go.</summary>
    internal static void BeginSnapshot(Store store, string id) =>
        WholeFile.Replace(FileOf(store, OfSnapshot, id), [], WholeFile.ReadableByAll);

    /// <summary>Whether a snapshot is about to come or to go.</summary>
    internal static bool IsOfSnapshot(Store store, string id) => File.Exists(FileOf(store, OfSnapshot, id));

    /// <summary>Takes away what a snapshot needed to come, and all of one that is not public, or is no longer.</summary>
    internal static void EndSnapshot(Store store, string id)
    {
        var aptly = new Aptly(store, new SigningKey(store));
        if (Directory.Exists(store.SnapshotFolder(id)))
        {
            aptly.Release(id);
        }
        else
        {
            // What makes room comes first: aptly needs some.
            File.Delete(store.SnapshotFile(id));
            SnapshotRemoval.Tidy(store);
            aptly.Drop(id);
        }

        File.Delete(FileOf(store, OfSnapshot, id));
    }

    /// <summary>Where the history is noted that a channel has when it has arrived.</summary>
    internal static string FileOfChannel(Store store, string name) => FileOf(store, OfChannel, $"{name}.json");

    /// <summary>The history that a channel has when it has arrived; null where it is not on its way.</summary>
    internal static ChannelRecord? Channel(Store store, string name) =>
        File.Exists(FileOfChannel(store, name)) ? RecordFile.ReadChannel(FileOfChannel(store, name)) : null;

    private static string FileOf(Store store, string kind, string name) => Path.Combine(store.UnfinishedFolder, kind + name);
}
