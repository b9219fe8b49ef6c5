using System.Text;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Authoring.Repositories;

/// <summary>What was done to a channel.</summary>
public enum ChannelChange
{
    /// <summary>Nothing: the channel was at this snapshot already, and was not damaged.</summary>
    None,

    /// <summary>It was moved.</summary>
    Moved,

    /// <summary>The channel was at this snapshot already, but its files were made again because something was wrong with them.</summary>
    Mended,
}

/// <summary>
/// Moves a channel to a snapshot. The indexes are those of the snapshot, byte for byte, under a Release with a newer date. apt refuses a
/// Release that is older than the one it knows, so going back also needs a newer date. Archives and the files in by-hash are only added.
/// The signed files are then replaced by rename, InRelease last. So a reader sees the old tree or the new one at any moment, and a file
/// that the reader is fetching stays.
/// </summary>
public static class ChannelMoving
{
    private const string ByHash = "by-hash";
    private const string Release = "Release";
    private const string InRelease = "InRelease";

    // If the clock is far behind, waiting does not help. And apt refuses a date that is far ahead of its own clock.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FarAhead = TimeSpan.FromSeconds(5);

    /// <summary>Moves a channel. It is made if there is none, and repaired if it is at this snapshot already.</summary>
    /// <param name="store">The store, locked and settled.</param>
    /// <param name="name">The channel.</param>
    /// <param name="id">The snapshot.</param>
    /// <param name="clock">The time.</param>
    /// <param name="change">What was done.</param>
    /// <returns>Its history.</returns>
    /// <exception cref="InputException">There is no such snapshot, it is damaged, or the clock is wrong.</exception>
    /// <exception cref="Results.UpdateException">It cannot be signed.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static ChannelRecord Promote(Store store, string name, string id, TimeProvider clock, out ChannelChange change)
    {
        ChannelRecord? before = store.FindChannel(name);
        _ = store.Snapshot(id);
        change =
            before?.Current != id ? ChannelChange.Moved
            : StoreVerification.OfChannel(store, name).Count > 0 ? ChannelChange.Mended
            : ChannelChange.None;
        if (change == ChannelChange.None)
            return before!;
        ChannelMove[] moves = before?.Moves ?? [];
        if (change == ChannelChange.Moved)
            moves =
            [
                .. moves,
                new ChannelMove
                {
                    Time = clock.GetUtcNow(),
                    From = before?.Current,
                    To = id,
                },
            ];
        ChannelRecord record = Move(store, name, moves, before?.Date, store.ChannelFile(name), clock);
        return change == ChannelChange.Moved || StoreVerification.OfChannel(store, name) is not [var finding, ..]
            ? record
            : throw new InputException($"cannot make the channel {name} whole: {finding.Problem}");
    }

    /// <summary>Moves a channel back.</summary>
    /// <param name="store">The store, locked and settled.</param>
    /// <param name="name">The channel.</param>
    /// <param name="id">A snapshot at which the channel was before; null for the last one before the current one.</param>
    /// <param name="clock">The time.</param>
    /// <param name="change">What was done.</param>
    /// <exception cref="InputException">There is no such channel, it was not at that snapshot, or see <see cref="Promote"/>.</exception>
    /// <exception cref="Results.UpdateException">It cannot be signed.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static ChannelRecord RollBack(Store store, string name, string? id, TimeProvider clock, out ChannelChange change)
    {
        ChannelRecord record =
            store.FindChannel(name) ?? throw new InputException($"cannot find the channel {name}; see du-apt repository list");
        string target =
            id ?? record.Before ?? throw new InputException($"cannot move the channel {name} back: it has stood at {record.Current} only");
        return Array.Exists(record.Moves, move => move.To == target)
            ? Promote(store, name, target, clock, out change)
            : throw new InputException($"cannot move the channel {name} back to {target}: it has never stood there; use promote for that");
    }

    /// <summary>Finishes a move whose process was killed, unless the snapshot no longer exists.</summary>
    /// <param name="store">The store, locked.</param>
    /// <param name="note">The file with the history that the channel has after the move.</param>
    internal static void Finish(Store store, string note)
    {
        ChannelRecord record = RecordFile.ReadChannel(note);
        if (store.FindSnapshot(record.Current) is null)
            File.Delete(note);
        else
            _ = Move(store, record.Name, record.Moves, record.Date, note, TimeProvider.System);
    }

    private static ChannelRecord Move(
        Store store,
        string name,
        ChannelMove[] moves,
        DateTimeOffset? last,
        string recordFile,
        TimeProvider clock
    )
    {
        // Everything that can fail because of the disk, the key or the clock comes first.
        DateTimeOffset date = NextDate(name, last, recordFile, clock);
        var record = new ChannelRecord
        {
            Name = name,
            Date = date,
            Moves = moves,
        };
        string from = store.SnapshotFolder(record.Current);
        string to = store.ChannelFolder(name);
        string dists = Path.Combine(to, "dists", Store.Distribution);

        // If both names belong to the same file, rename(2) keeps both. So files of an earlier move may still be there.
        store.ClearStaging();
        string signed = Sign(store, Path.Combine(from, "dists", Store.Distribution, Release), date);
        string indexes = Path.Combine(store.StagingFolder, "indexes");
        List<OtherFile> others = [];
        Add(store, Path.Combine(from, "pool"), Path.Combine(to, "pool"), others);
        AddIndexes(store, Path.Combine(from, "dists", Store.Distribution), dists, indexes, isTop: true, others);
        ReplaceOthers(store, record.Current, others);
        store.Cancellation.ThrowIfCancellationRequested();
        string unfinished = Unfinished.FileOfChannel(store, name);
        RecordFile.Write(unfinished, record, StoreJson.Default.ChannelRecord);
        store.Sync();

        // From here on, files are only renamed.
        Replace(indexes, dists);
        foreach (string each in new[] { Release, $"{Release}.gpg", InRelease })
            File.Move(Path.Combine(signed, each), Path.Combine(dists, each), overwrite: true);
        using (var folder = Descriptor.Open(dists, Libc.O_RDONLY | Libc.O_DIRECTORY))
            folder.Sync(dists);
        File.Move(unfinished, store.ChannelFile(name), overwrite: true);
        return record;
    }

    // Dates are counted in whole seconds: apt and If-Modified-Since see no difference between two dates in the same second.
    private static DateTimeOffset NextDate(string name, DateTimeOffset? last, string recordFile, TimeProvider clock)
    {
        DateTimeOffset now = clock.GetUtcNow();
        var next = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds());
        if (last is not { } before || next > before)
            return next;
        if (before - now > FarAhead)
        {
            throw new InputException(
                $"cannot move the channel {name}: it was last signed for {before:u}, and the clock of this machine says "
                    + $"{now:u}; devices take nothing older, so set the clock right. If it was wrong at that time, set \"date\" in "
                    + $"{recordFile} to null"
            );
        }

        next = before.AddSeconds(1);
        if (next - now is var wait && wait > TimeSpan.Zero && wait < LongestWait)
            Thread.Sleep(wait);
        return next;
    }

    private static string Sign(Store store, string release, DateTimeOffset date)
    {
        string folder = Path.Combine(store.StagingFolder, "signed");
        _ = Directory.CreateDirectory(folder);
        string file = Path.Combine(folder, Release);
        File.WriteAllText(
            file,
            ReleaseFile.WithDate(File.ReadAllText(release), date),
            new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)
        );
        new SigningKey(store).Sign(file);

        // Web servers use this time to tell clients whether a file has changed.
        foreach (string each in Directory.GetFiles(folder))
            File.SetLastWriteTimeUtc(each, date.UtcDateTime);
        return folder;
    }

    // Files are named after their content. So files of the same name are equal, unless one of the two is damaged. A link is not made by us,
    // and would add the file that it leads to.
    private static void Add(Store store, string from, string to, List<OtherFile> others)
    {
        _ = Directory.CreateDirectory(to);
        foreach (FileSystemInfo each in new DirectoryInfo(from).EnumerateFileSystemInfos())
        {
            string target = Path.Combine(to, each.Name);
            if (each.LinkTarget is not null)
                continue;
            if (each is DirectoryInfo)
                Add(store, each.FullName, target, others);
            else if (Descriptor.StatusOf(target) is not { } there)
                WholeFile.Link(each.FullName, target);
            else if (there.Inode != Descriptor.StatusOf(each.FullName)?.Inode)
                others.Add(new OtherFile(each.FullName, target));
        }
    }

    private static void AddIndexes(Store store, string from, string to, string staged, bool isTop, List<OtherFile> others)
    {
        _ = Directory.CreateDirectory(to);
        _ = Directory.CreateDirectory(staged);
        foreach (DirectoryInfo each in new DirectoryInfo(from).EnumerateDirectories())
        {
            if (each.LinkTarget is not null)
                continue;
            if (each.Name == ByHash)
                Add(store, each.FullName, Path.Combine(to, each.Name), others);
            else
                AddIndexes(store, each.FullName, Path.Combine(to, each.Name), Path.Combine(staged, each.Name), isTop: false, others);
        }

        // The signed files at the top are made anew, so they are not linked.
        foreach (FileInfo each in isTop ? [] : new DirectoryInfo(from).EnumerateFiles())
            WholeFile.Link(each.FullName, Path.Combine(staged, each.Name));
    }

    // Replaces archives of the channel by those of the snapshot, but only if the snapshot's archives are not damaged.
    private static void ReplaceOthers(Store store, string id, List<OtherFile> others)
    {
        if (others.Count == 0)
            return;
        var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (SnapshotPackage package in store.Snapshot(id).Packages)
            hashes[SnapshotCreation.ArchiveNameOf(package)] = package.Sha256;
        List<HashedFile> archives = [];
        foreach (OtherFile each in others)
        {
            if (hashes.TryGetValue(Path.GetFileName(each.Path), out string? hash))
                archives.Add(new HashedFile(each.Path, hash));
        }

        if (HashCheck.Failures(archives, store.Cancellation) is [var damaged, ..])
            throw new InputException($"cannot move a channel to {id}: {damaged} is damaged; see du-apt repository verify {id}");
        foreach (OtherFile each in others)
            store.Relink(each.Path, each.Target);
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

    /// <summary>A file of a snapshot, and another one of the same name in the channel.</summary>
    private sealed record OtherFile(string Path, string Target);
}
