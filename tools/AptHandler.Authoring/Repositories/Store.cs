using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Results;

namespace AptHandler.Authoring.Repositories;

/// <summary>
/// A folder with everything that a repository of snapshots consists of. Only <c>public</c> in it is for others; what is in there is always
/// whole: a snapshot comes there by one rename, and a channel only gains files until its InRelease is replaced.
/// <list type="bullet">
/// <item><c>public/snapshots/ID</c>: a snapshot, a repository that never changes. It exists when, and as long as, this folder does.</item>
/// <item><c>public/channels/NAME</c>: a channel, a repository that stands at one snapshot after the other.</item>
/// <item><c>public/key.asc</c>: the key of all signatures. <c>key.asc</c>: the same, which nobody else writes to.
/// <c>gnupg</c>: its secret half, where it was made here.</item>
/// <item><c>snapshots/ID.json</c>, <c>channels/NAME.json</c>: what is known of them.
/// <c>dropped/ID.json</c>: what was known of one that is gone.</item>
/// <item><c>unfinished</c>: what somebody is about to do; after a kill, what the next one finishes or undoes.</item>
/// <item><c>aptly</c>: aptly's database and pool. <c>staging</c>: what is made before it becomes public.</item>
/// </list>
/// </summary>
public sealed class Store : IDisposable
{
    /// <summary>
    /// The name of the distribution, the origin and the label of everything here: apt refuses a repository that changes them.
    /// </summary>
    public const string Distribution = "fleet";

    /// <summary>The one component.</summary>
    public const string Component = "main";

    internal const string KeyFolderName = "gnupg";

    internal static readonly string[] Folders =
    [
        "public/snapshots",
        "public/channels",
        "snapshots",
        "channels",
        "dropped",
        "unfinished",
        "aptly",
        "staging",
    ];

    private readonly bool _isToBeChanged;

    internal Store(
        string location,
        StoreRecord record,
        Descriptor? turn,
        bool isToBeChanged = false,
        CancellationToken cancellation = default
    ) => (Location, Record, Turn, _isToBeChanged, Cancellation) = (location, record, turn, isToBeChanged, cancellation);

    /// <summary>Its absolute path.</summary>
    public string Location { get; }

    /// <summary>What it is.</summary>
    public StoreRecord Record { get; }

    /// <summary>What a web server serves.</summary>
    public string PublicFolder => At("public");

    /// <summary>The public key.</summary>
    public string KeyFile => At("public/key.asc");

    /// <summary>The same, where nobody writes to it who writes to what is public.</summary>
    internal string TrustedKeyFile => At("key.asc");

    /// <summary>The secret key, where it was made here.</summary>
    internal string KeyFolder => At(KeyFolderName);

    internal string StagingFolder => At("staging");

    internal string UnfinishedFolder => At("unfinished");

    /// <summary>The lock, for the programs that are started; null where others may change the store meanwhile.</summary>
    internal Descriptor? Turn { get; }

    /// <summary>Ends what is being done, as long as nothing public has changed; after that it goes on to its end.</summary>
    internal CancellationToken Cancellation { get; }

    /// <summary>Opens a store for reading, whoever is changing it.</summary>
    /// <exception cref="InputException">There is none.</exception>
    public static Store Open(string folder)
    {
        string location = Located(folder);
        return new Store(location, RecordFile.OfStore(location), null);
    }

    /// <summary>Opens a store that nobody changes as long as it is open.</summary>
    /// <param name="folder">Where it lies.</param>
    /// <param name="isToBeChanged">Whether it is opened to be changed; else others may read it at the same time.</param>
    /// <param name="patience">How long to wait for others.</param>
    /// <param name="cancellation">Ends the waiting, and what is done with the store.</param>
    /// <exception cref="InputException">There is none.</exception>
    /// <exception cref="UpdateException">Others are using it for longer.</exception>
    public static Store Lock(string folder, bool isToBeChanged, TimeSpan patience, CancellationToken cancellation)
    {
        string location = Located(folder);

        // The store may have been moved to a longer path.
        if (RecordFile.OfStore(location).HasOwnKey && isToBeChanged)
            GnupgHome.Check(Path.Combine(location, KeyFolderName));
        Descriptor turn = StoreLock.Take(location, isToBeChanged, patience, cancellation);
        try
        {
            if (isToBeChanged)
                MakeFolders(location);
            return new Store(location, RecordFile.OfStore(location), turn, isToBeChanged, cancellation);
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    /// <summary>Where a file or folder of the store lies.</summary>
    internal string At(string name) => Path.Combine(Location, name);

    /// <summary>Where a snapshot is published.</summary>
    internal string SnapshotFolder(string id) => At($"public/snapshots/{id}");

    internal string SnapshotFile(string id) => At($"snapshots/{id}.json");

    internal string DroppedFile(string id) => At($"dropped/{id}.json");

    internal string ChannelFolder(string name) => At($"public/channels/{name}");

    internal string ChannelFile(string name) => At($"channels/{name}.json");

    /// <summary>Where the Release of a snapshot or a channel lies, and what belongs to it.</summary>
    /// <param name="place">It: <c>snapshots/ID</c> or <c>channels/NAME</c>.</param>
    internal string ReleaseFolder(string place) => Path.Combine(PublicFolder, place, "dists", Distribution);

    /// <summary>The ids of all snapshots, in their order.</summary>
    public IReadOnlyList<string> SnapshotIds() =>
        [.. NamesIn(Directory.GetDirectories(At("public/snapshots"))).Where(id => File.Exists(SnapshotFile(id)))];

    /// <summary>The names of all channels, in their order.</summary>
    public IReadOnlyList<string> ChannelNames() => NamesIn(Directory.GetFiles(At("channels"), "*.json"));

    /// <summary>What is known of a snapshot; null where there is none.</summary>
    public SnapshotRecord? FindSnapshot(string id) =>
        Directory.Exists(SnapshotFolder(StoreName.Checked("snapshot", id))) && File.Exists(SnapshotFile(id))
            ? RecordFile.Read(SnapshotFile(id), StoreJson.Default.SnapshotRecord)
            : null;

    /// <summary>The same of a snapshot that somebody has named.</summary>
    /// <exception cref="InputException">There is none.</exception>
    public SnapshotRecord Snapshot(string id) =>
        FindSnapshot(id) ?? throw new InputException($"cannot find the snapshot {id} in {Location}; see du-apt repository list");

    /// <summary>The history of a channel; null where there is none.</summary>
    public ChannelRecord? FindChannel(string name) =>
        File.Exists(ChannelFile(StoreName.Checked("channel", name))) ? RecordFile.ReadChannel(ChannelFile(name)) : null;

    /// <summary>All channels that stand at a snapshot.</summary>
    public IReadOnlyList<string> ChannelsAt(string id)
    {
        var names = new List<string>();
        foreach (string name in ChannelNames())
        {
            if (FindChannel(name)?.Current == id)
                names.Add(name);
        }

        return names;
    }

    /// <summary>Empties the folder for what is not public yet.</summary>
    internal void ClearStaging()
    {
        if (Directory.Exists(StagingFolder))
            Directory.Delete(StagingFolder, recursive: true);
        _ = Directory.CreateDirectory(StagingFolder);
    }

    /// <summary>Writes to the disk all that was written: what becomes public after that is whole, whatever happens to the power.</summary>
    internal void Sync()
    {
        using var folder = Descriptor.Open(Location, Libc.O_RDONLY | Libc.O_DIRECTORY);
        folder.SyncFileSystem(Location);
    }

    /// <summary>Replaces a file by a second name of another one, by rename: who reads the old one does not get a mixture.</summary>
    internal void Relink(string path, string target)
    {
        string fresh = Path.Combine(StagingFolder, "fresh");
        File.Delete(fresh);
        WholeFile.Link(path, fresh);
        File.Move(fresh, target, overwrite: true);
    }

    /// <summary>All archives in a folder, and in those in it, but none that a link leads to.</summary>
    internal static IEnumerable<string> ArchivesIn(string folder) =>
        Directory.Exists(folder)
            ? Directory.EnumerateFiles(
                folder,
                "*.deb",
                new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }
            )
            : [];

    /// <summary>Leaves the store to the next one.</summary>
    public void Dispose()
    {
        try
        {
            if (_isToBeChanged)
            {
                GnupgHome.EndAgent(KeyFolder);
                ClearStaging();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InputException)
        {
            // Whoever opens the store next does it, or says why it cannot be done.
        }
        finally
        {
            Turn?.Dispose();
        }
    }

    internal static string Located(string folder) =>
        folder.Length > 0 && !folder.Any(each => char.IsControl(each) || each == '\\')
            ? Path.GetFullPath(folder)
            : throw new InputException(
                "cannot use a folder without a name, or with control characters or a backslash in it; name another one"
            );

    // A copy of the store may lack the folders that were empty.
    internal static void MakeFolders(string location)
    {
        try
        {
            foreach (string each in Folders)
                _ = Directory.CreateDirectory(Path.Combine(location, each));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new InputException($"cannot change {location}: {e.Message}; run this as the user whom the repository belongs to");
        }
    }

    private static string[] NamesIn(string[] paths)
    {
        var names = new List<string>();
        foreach (string path in paths)
        {
            // A name that starts with a dot is that of a file that is being written. Any other impossible name is not ours.
            string name = Path.GetFileName(path);
            if (name.EndsWith(".json", StringComparison.Ordinal) && File.Exists(path))
                name = name[..^".json".Length];
            if (StoreName.IsPossible(name))
                names.Add(name);
        }

        names.Sort(StringComparer.Ordinal);
        return [.. names];
    }
}
