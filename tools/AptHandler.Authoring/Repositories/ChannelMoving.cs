using System.Text;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Authoring.Repositories;

/// <summary>
/// Moves a channel to a snapshot. The indexes are those of the snapshot, byte for byte, under a Release with a newer date: apt takes none
/// that is older than the one it knows, so going back is a step forward, too. Archives and what lies in by-hash are only added, and the
/// signed files follow by rename, InRelease last: a reader has the old tree or the new one at any moment, and what it has begun to fetch stays.
/// </summary>
public static class ChannelMoving
{
    private const string ByHash = "by-hash";
    private const string Release = "Release";
    private const string InRelease = "InRelease";

    // A clock that is behind is not waited for.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    /// <summary>Moves a channel, which is made where there is none.</summary>
    /// <param name="store">The store, locked and settled.</param>
    /// <param name="name">The channel.</param>
    /// <param name="id">The snapshot.</param>
    /// <param name="clock">The time.</param>
    /// <param name="isMoved">False where it stood there already.</param>
    /// <returns>Its history.</returns>
    /// <exception cref="InputException">There is no such snapshot.</exception>
    /// <exception cref="Updates.UpdateException">It cannot be signed.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static ChannelRecord Promote(Store store, string name, string id, TimeProvider clock, out bool isMoved)
    {
        ChannelRecord? before = store.FindChannel(name);
        _ = store.Snapshot(id);
        isMoved = before?.Current != id;
        if (!isMoved)
            return before!;
        var move = new ChannelMove { Time = clock.GetUtcNow(), From = before?.Current, To = id };
        var record = new ChannelRecord { Name = name, Moves = [.. before?.Moves ?? [], move] };
        Move(store, record, clock);
        return record;
    }

    /// <summary>Moves a channel back.</summary>
    /// <param name="store">The store, locked and settled.</param>
    /// <param name="name">The channel.</param>
    /// <param name="id">A snapshot that it stood at; null for the one before.</param>
    /// <param name="clock">The time.</param>
    /// <param name="isMoved">False where it stood there already.</param>
    /// <exception cref="InputException">There is no such channel, or it has not stood there.</exception>
    /// <exception cref="Updates.UpdateException">It cannot be signed.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static ChannelRecord RollBack(Store store, string name, string? id, TimeProvider clock, out bool isMoved)
    {
        ChannelRecord record = store.FindChannel(name) ?? throw new InputException($"cannot find the channel {name}; see du-apt repository list");
        string target = id ?? record.Before ?? throw new InputException($"cannot move the channel {name} back: it has stood at {record.Current} only");
        return Array.Exists(record.Moves, move => move.To == target)
            ? Promote(store, name, target, clock, out isMoved)
            : throw new InputException($"cannot move the channel {name} back to {target}: it has never stood there; use promote for that");
    }

    /// <summary>Finishes the move of somebody who was killed.</summary>
    internal static void Finish(Store store, ChannelRecord record) => Move(store, record, TimeProvider.System);

    private static void Move(Store store, ChannelRecord record, TimeProvider clock)
    {
        string from = store.SnapshotFolder(record.Current);
        string to = store.ChannelFolder(record.Name);
        string dists = Path.Combine(to, "dists", Store.Distribution);

        // All that can fail for lack of room or of a key comes first.
        DateTimeOffset date = NextDate(dists, clock);
        string signed = Sign(store, Path.Combine(from, "dists", Store.Distribution, Release), date);
        string indexes = Path.Combine(store.StagingFolder, "indexes");
        Add(store, Path.Combine(from, "pool"), Path.Combine(to, "pool"));
        AddIndexes(store, Path.Combine(from, "dists", Store.Distribution), dists, indexes, isByHash: false);
        store.Cancellation.ThrowIfCancellationRequested();
        string unfinished = Unfinished.FileOfChannel(store, record.Name);
        Store.Write(unfinished, record, StoreJson.Default.ChannelRecord);
        store.Sync();

        // From here on only names change.
        Replace(indexes, dists);
        foreach (string name in new[] { Release, $"{Release}.gpg", InRelease })
            File.Move(Path.Combine(signed, name), Path.Combine(dists, name), overwrite: true);
        using (var folder = Descriptor.Open(dists, Libc.O_RDONLY | Libc.O_DIRECTORY))
            folder.Sync(dists);
        File.Move(unfinished, store.ChannelFile(record.Name), overwrite: true);
    }

    // By the second: two dates within one are the same to apt, and to If-Modified-Since.
    private static DateTimeOffset NextDate(string dists, TimeProvider clock)
    {
        DateTimeOffset last = DateTimeOffset.MinValue;
        foreach (string name in new[] { Release, InRelease })
        {
            string file = Path.Combine(dists, name);
            if (File.Exists(file) && ReleaseFile.DateIn(File.ReadAllText(file)) is { } date && date > last)
                last = date;
        }

        DateTimeOffset next = DateTimeOffset.FromUnixTimeSeconds(clock.GetUtcNow().ToUnixTimeSeconds());
        if (next > last)
            return next;

        // apt refuses dates in the future, but for a few seconds.
        next = last.AddSeconds(1);
        if (next - clock.GetUtcNow() is var wait && wait > TimeSpan.Zero && wait < LongestWait)
            Thread.Sleep(wait);
        return next;
    }

    private static string Sign(Store store, string release, DateTimeOffset date)
    {
        string folder = Path.Combine(store.StagingFolder, "signed");
        _ = Directory.CreateDirectory(folder);
        string file = Path.Combine(folder, Release);
        File.WriteAllText(file, ReleaseFile.WithDate(File.ReadAllText(release), date), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        new SigningKey(store).Sign(file);

        // Web servers tell clients by this time whether a file has changed.
        foreach (string each in Directory.GetFiles(folder))
            File.SetLastWriteTimeUtc(each, date.UtcDateTime);
        return folder;
    }

    // What has its name from its content is the same wherever it is there, unless one of the two is damaged.
    private static void Add(Store store, string from, string to)
    {
        _ = Directory.CreateDirectory(to);
        foreach (FileSystemInfo each in new DirectoryInfo(from).EnumerateFileSystemInfos())
        {
            string target = Path.Combine(to, each.Name);
            if (each is DirectoryInfo)
                Add(store, each.FullName, target);
            else if (each.LinkTarget is null)
                Place(store, each.FullName, target);
        }
    }

    private static void Place(Store store, string path, string target)
    {
        if (Descriptor.StatusOf(target) is not { } there)
        {
            Link(path, target);
        }
        else if (there.Inode != Descriptor.StatusOf(path)?.Inode)
        {
            string fresh = Path.Combine(store.StagingFolder, "fresh");
            Link(path, fresh);
            File.Move(fresh, target, overwrite: true);
        }
    }

    private static void AddIndexes(Store store, string from, string to, string staged, bool isByHash)
    {
        _ = Directory.CreateDirectory(to);
        _ = Directory.CreateDirectory(staged);
        foreach (DirectoryInfo each in new DirectoryInfo(from).EnumerateDirectories())
        {
            if (each.Name == ByHash)
                Add(store, each.FullName, Path.Combine(to, each.Name));
            else
                AddIndexes(store, each.FullName, Path.Combine(to, each.Name), Path.Combine(staged, each.Name), isByHash: true);
        }

        // The signed files at the top are made anew.
        foreach (FileInfo each in isByHash ? new DirectoryInfo(from).EnumerateFiles() : [])
            Link(each.FullName, Path.Combine(staged, each.Name));
    }

    private static void Replace(string staged, string to)
    {
        foreach (FileSystemInfo each in new DirectoryInfo(staged).EnumerateFileSystemInfos())
        {
            string target = Path.Combine(to, each.Name);
            if (each is DirectoryInfo)
                Replace(each.FullName, target);
            else
                File.Move(each.FullName, target, overwrite: true);
        }
    }

    private static void Link(string path, string name)
    {
        if (Libc.Link(Libc.AT_FDCWD, path, Libc.AT_FDCWD, name, 0) != 0)
            throw FileFailure.Of($"link {path} to", name);
    }
}
