using System.Text;
using AptHandler.Debian;
using AptHandler.Files;

namespace AptHandler.Authoring.Repositories;

/// <summary>Something in a store that is not as it should be.</summary>
/// <param name="Place">The snapshot or the channel: <c>snapshots/ID</c>.</param>
/// <param name="Problem">What is wrong there.</param>
public sealed record StoreFinding(string Place, string Problem);

/// <summary>
/// Checks what clients see: signatures, every file that a Release lists, also by its hash, every archive that an index lists, that each
/// package has what it depends on, and that a snapshot still is what it was made as. Files with several names are read once.
/// </summary>
public sealed class StoreVerification
{
    private const int LargestIndex = 256 << 20;

    private const string Remedy = "create the same once more with another --id and promote that, or drop the snapshot and create it again: what is damaged is replaced";

    private readonly Store _store;
    private readonly SigningKey _key;
    private readonly List<StoreFinding> _findings = [];
    private readonly List<HashedFile> _files = [];
    private readonly Dictionary<string, List<StoreFinding>> _whatBreaks = new(StringComparer.Ordinal);
    private readonly HashSet<string> _served = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _firstNames = new(StringComparer.Ordinal);

    private StoreVerification(Store store) => (_store, _key) = (store, new SigningKey(store));

    /// <summary>Checks one snapshot, or all of them and all channels.</summary>
    /// <param name="store">The store, locked.</param>
    /// <param name="id">A snapshot; null for everything.</param>
    /// <exception cref="InputException">There is no such snapshot.</exception>
    /// <exception cref="IOException">Something cannot be read.</exception>
    public static IReadOnlyList<StoreFinding> Of(Store store, string? id)
    {
        var verification = new StoreVerification(store);
        verification.CheckKey();
        foreach (string each in id is null ? store.SnapshotIds() : [id])
            verification.Try($"snapshots/{each}", () => verification.CheckSnapshot(store.Snapshot(each)), isThere: Directory.Exists(store.SnapshotFolder(each)));
        foreach (string name in id is null ? store.ChannelNames() : [])
            verification.Try($"channels/{name}", () => verification.CheckChannel(store.FindChannel(name)!), isThere: true);
        if (id is null)
        {
            verification.CheckNames();
            verification.CheckRecords();
        }

        return verification.Finished();
    }

    /// <summary>Checks one channel.</summary>
    /// <param name="store">The store, locked.</param>
    /// <param name="name">The channel.</param>
    /// <exception cref="IOException">Something cannot be read.</exception>
    internal static IReadOnlyList<StoreFinding> OfChannel(Store store, string name)
    {
        var verification = new StoreVerification(store);
        verification.Try($"channels/{name}", () => verification.CheckChannel(store.FindChannel(name)!), isThere: true);
        return verification.Finished();
    }

    private List<StoreFinding> Finished()
    {
        foreach (string failure in HashCheck.Failures(_files))
            _findings.AddRange(_whatBreaks[failure]);
        return _findings;
    }

    // What is wrong with the records of one place is no reason not to look at the others.
    private void Try(string place, Action check, bool isThere)
    {
        try
        {
            check();
        }
        catch (InputException e) when (isThere)
        {
            Add(place, e.Message);
        }
    }

    private void CheckNames()
    {
        foreach (string kind in new[] { "snapshots", "channels" })
        {
            foreach (string path in Directory.GetFileSystemEntries(Path.Combine(_store.PublicFolder, kind)))
            {
                if (!StoreName.IsPossible(Path.GetFileName(path)) || !Directory.Exists(path))
                    Add($"{kind}/{Path.GetFileName(path)}", "it is served, and is none of the repository; take it away");
            }
        }
    }

    // A creation that was killed has written its record already; a first promotion, what comes before InRelease.
    private void CheckRecords()
    {
        foreach (string file in Directory.GetFiles(_store.At("snapshots"), "*.json"))
        {
            string id = Path.GetFileNameWithoutExtension(file);
            if (StoreName.IsPossible(id) && !Directory.Exists(_store.SnapshotFolder(id)) && !Unfinished.IsOfSnapshot(_store, id))
                Add($"snapshots/{id}", $"it is not there, but its record is; create it again, or remove {file}");
        }

        foreach (string folder in Directory.GetDirectories(Path.Combine(_store.PublicFolder, "channels")))
        {
            string name = Path.GetFileName(folder);
            if (StoreName.IsPossible(name) && TextOf($"channels/{name}", "InRelease").Length > 0 && !File.Exists(_store.ChannelFile(name)) && !File.Exists(Unfinished.FileOfChannel(_store, name)))
                Add($"channels/{name}", "it is served, but its record is not there; bring that back from a copy of the repository, or promote a snapshot there");
        }
    }

    private static IEnumerable<string> FilesIn(string folder) => Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories) : [];

    // A web server that follows links gives out whatever they lead to.
    private void CheckLinks(string place, FileSystemInfo entry)
    {
        if (entry.LinkTarget is not null)
            Add(place, $"{Path.GetRelativePath(_store.PublicFolder, entry.FullName)} is a link; remove it");
        foreach (FileSystemInfo each in entry is DirectoryInfo { Exists: true, LinkTarget: null } folder ? folder.EnumerateFileSystemInfos() : [])
            CheckLinks(place, each);
    }

    private void CheckKey()
    {
        if (!File.Exists(_store.KeyFile) || !File.Exists(_store.TrustedKeyFile) || !File.ReadAllBytes(_store.KeyFile).AsSpan().SequenceEqual(File.ReadAllBytes(_store.TrustedKeyFile)))
            Add("key.asc", $"it is not the key of the repository, {_store.Record.Key}; copy {_store.TrustedKeyFile} there, and find out who has changed it");
    }

    private void CheckSnapshot(SnapshotRecord snapshot)
    {
        string place = $"snapshots/{snapshot.Id}";
        var recorded = new HashSet<string>(StringComparer.Ordinal);
        foreach (SnapshotPackage package in snapshot.Packages)
            recorded.Add($"{package.Name} {package.Version} {package.Architecture} {package.Sha256}");
        foreach (string listed in Check(place, snapshot.Assumed))
        {
            if (!recorded.Remove(listed))
                Add(place, $"{listed} is listed, and was not there when the snapshot was made");
        }

        foreach (string file in FilesIn(Path.Combine(_store.PublicFolder, place, "pool")))
        {
            if (!_served.Contains(file))
                Add(place, $"{Path.GetRelativePath(Path.Combine(_store.PublicFolder, place), file)} is in no index; remove it");
        }

        foreach (string missing in recorded)
            Add(place, $"{missing} is not listed, and was there when the snapshot was made");
    }

    private void CheckChannel(ChannelRecord channel)
    {
        string place = $"channels/{channel.Name}";
        if (_store.FindSnapshot(channel.Current) is not { } snapshot)
        {
            Add(place, $"it stands at {channel.Current}, which is not there");
            return;
        }

        // On its way, it is what InRelease says: that comes last.
        ChannelRecord? coming = Unfinished.Channel(_store, channel.Name);
        _ = Check(place, [.. snapshot.Assumed, .. coming is null ? [] : _store.Snapshot(coming.Current).Assumed], isMoving: coming is not null);
        if (coming is not null)
            return;
        string release = TextOf($"snapshots/{snapshot.Id}", "Release");
        string own = TextOf(place, "Release");
        if (ReleaseFile.DateIn(own) is not { } date || ReleaseFile.WithDate(release, date) != own)
            Add(place, $"its Release is not that of {snapshot.Id}; move it to another snapshot, and back");
    }

    // Returns the packages that the indexes list.
    private HashSet<string> Check(string place, string[] assumed, bool isMoving = false)
    {
        string dists = PathOf(place);
        CheckLinks(place, new DirectoryInfo(Path.Combine(_store.PublicFolder, place)));
        if (_key.ProblemOf(out string signed, Path.Combine(dists, "InRelease")) is { } inline)
            Add(place, $"InRelease: {inline}");
        else if (!IsNothingButSigned(TextOf(place, "InRelease")))
            Add(place, $"InRelease: there is something before or behind what is signed; {Remedy}");
        if (!isMoving)
        {
            if (_key.ProblemOf(out _, Path.Combine(dists, "Release.gpg"), Path.Combine(dists, "Release")) is { } detached)
                Add(place, $"Release.gpg: {detached}");
            if (TextOf(place, "Release") != signed)
                Add(place, "Release and InRelease differ");
        }

        var listed = new HashSet<string>(StringComparer.Ordinal);
        foreach (ReleaseEntry entry in ReleaseFile.EntriesIn(signed))
        {
            if (!isMoving)
                CheckFile(place, Path.Combine(dists, entry.Path), entry.Size, entry.Sha256, entry.Path);
            string byHash = $"{Path.GetDirectoryName(entry.Path)}/by-hash/SHA256/{entry.Sha256}";
            string file = Path.Combine(dists, byHash);
            CheckFile(place, file, entry.Size, entry.Sha256, byHash);
            if (Path.GetFileName(entry.Path) == "Packages" && File.Exists(file))
                CheckIndex(place, ControlParagraph.ParseAll(Encoding.UTF8.GetString(BoundedFile.Read(file, LargestIndex))), assumed, listed);
        }

        return listed;
    }

    // RFC 4880, 7. gpgv does not mind what is around a message; apt does.
    private static bool IsNothingButSigned(string file)
    {
        const string Begin = "-----BEGIN PGP SIGNED MESSAGE-----\n", End = "-----END PGP SIGNATURE-----\n";
        return file.LastIndexOf(Begin, StringComparison.Ordinal) == 0 && file.IndexOf(End, StringComparison.Ordinal) == file.Length - End.Length;
    }

    private void CheckIndex(string place, IReadOnlyList<ControlParagraph> packages, string[] assumed, HashSet<string> listed)
    {
        foreach (ControlParagraph package in packages)
        {
            string file = Path.Combine(_store.PublicFolder, place, package["Filename"]);
            _ = _served.Add(file);
            if (listed.Add($"{package["Package"]} {package["Version"]} {package["Architecture"]} {package["SHA256"]}"))
                CheckFile(place, file, package.Number("Size"), package["SHA256"], package["Filename"]);
        }

        foreach (string missing in DependencyCheck.Missing(packages))
        {
            if (!assumed.Contains(missing, StringComparer.Ordinal))
                Add(place, $"{missing}, which is not there");
        }
    }

    private void CheckFile(string place, string file, long size, string sha256, string name)
    {
        if (Descriptor.StatusOf(file) is not { IsRegular: true } status)
        {
            Add(place, $"{name} is not there; {Remedy}");
            return;
        }

        if ((long)status.Size != size)
        {
            Add(place, FormattableString.Invariant($"{name} has {status.Size} bytes and should have {size}; {Remedy}"));
            return;
        }

        // The same content under another name, in another snapshot, is mostly the same file.
        string identity = FormattableString.Invariant($"{status.Inode} {sha256}");
        if (_firstNames.TryAdd(identity, file))
        {
            _files.Add(new HashedFile(file, sha256));
            _whatBreaks.TryAdd(file, []);
        }

        _whatBreaks[_firstNames[identity]].Add(new StoreFinding(place, $"{name} has another SHA256 than the index says; {Remedy}"));
    }

    private string PathOf(string place) => Path.Combine(_store.PublicFolder, place, "dists", Store.Distribution);

    private string TextOf(string place, string name)
    {
        string file = Path.Combine(PathOf(place), name);
        return File.Exists(file) ? File.ReadAllText(file) : "";
    }

    private void Add(string place, string problem) => _findings.Add(new StoreFinding(place, problem));
}
