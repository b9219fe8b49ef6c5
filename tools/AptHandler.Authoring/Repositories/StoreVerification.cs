using System.Buffers;
using System.Text;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Processes;

namespace AptHandler.Authoring.Repositories;

/// <summary>Something in a store that is not as it should be.</summary>
/// <param name="Place">The snapshot or the channel: <c>snapshots/ID</c>.</param>
/// <param name="Problem">What is wrong there.</param>
public sealed record StoreFinding(string Place, string Problem);

/// <summary>
/// Checks what clients see: signatures, every file that a Release lists, also by its hash, every archive that an index lists, that each
/// package has what it depends on, that a snapshot still is what it was made as, and that nothing else is served. What is wrong may be
/// somebody's work: nothing is followed, and nothing is read before its hash is right. Files with several names are read once.
/// </summary>
public sealed class StoreVerification
{
    private const int LargestRelease = 4 << 20;
    private const int DigitsOfHash = 64;

    private const string Remedy =
        "create the same once more with another --id and promote that, or drop the snapshot and create it again: what is damaged "
        + "is replaced";
    private const string ChannelRemedy = $"promote the snapshot that it stands at there once more; where that does not help, {Remedy}";
    private const string Stray = "it is served, and is none of the repository; take it away";

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");
    private static readonly string[] SignedFiles = ["InRelease", "Release", "Release.gpg"];

    // As apt has it: Acquire::Max-FutureTime.
    private static readonly TimeSpan LongestFuture = TimeSpan.FromSeconds(10);

    private readonly Store _store;
    private readonly SignatureCheck _key;
    private readonly List<StoreFinding> _findings = [];
    private readonly List<HashedFile> _files = [];
    private readonly Dictionary<string, List<StoreFinding>> _whatBreaks = new(StringComparer.Ordinal);
    private readonly HashSet<string> _named = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _firstNames = new(StringComparer.Ordinal);
    private bool _isAllNamed = true;

    private StoreVerification(Store store) => (_store, _key) = (store, new SignatureCheck(store));

    /// <summary>Checks one snapshot, or all of them and all channels.</summary>
    /// <param name="store">The store, locked.</param>
    /// <param name="id">A snapshot; null for everything.</param>
    /// <exception cref="InputException">There is no such snapshot.</exception>
    /// <exception cref="IOException">Something cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IReadOnlyList<StoreFinding> Of(Store store, string? id)
    {
        var verification = new StoreVerification(store);
        verification.Try("key.asc", verification.CheckKey, isThere: true);
        foreach (string each in id is null ? store.SnapshotIds() : [id])
            verification.Try(
                $"snapshots/{each}",
                () => verification.CheckSnapshot(store.Snapshot(each)),
                isThere: Directory.Exists(store.SnapshotFolder(each))
            );
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
        foreach (string failure in HashCheck.Failures(_files, _store.Cancellation))
            _findings.AddRange(_whatBreaks[failure]);
        return _findings;
    }

    // What is wrong with one place is no reason not to look at the others.
    private void Try(string place, Action check, bool isThere)
    {
        try
        {
            check();
        }
        catch (InputException e) when (isThere)
        {
            AddUnnamed(place, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            AddUnnamed(place, $"{e.Message}; {RemedyOf(place)}");
        }
    }

    private void CheckNames()
    {
        foreach (FileSystemInfo each in new DirectoryInfo(_store.PublicFolder).EnumerateFileSystemInfos())
        {
            if (each.Name is not ("key.asc" or "snapshots" or "channels") || each.LinkTarget is not null)
                Add(each.Name, Stray);
        }

        foreach (string kind in new[] { "snapshots", "channels" })
        {
            foreach (FileSystemInfo each in new DirectoryInfo(Path.Combine(_store.PublicFolder, kind)).EnumerateFileSystemInfos())
            {
                string place = $"{kind}/{each.Name}";
                if (!StoreName.IsPossible(each.Name) || each is not DirectoryInfo || each.LinkTarget is not null)
                    Add(place, Stray);
                else if (kind == "channels")
                    Try(place, () => CheckChannelFolder(place, each), isThere: true);
                else if (!File.Exists(_store.SnapshotFile(each.Name)))
                    AddUnnamed(
                        place,
                        $"its record is not there; bring {_store.SnapshotFile(each.Name)} back from a copy of the repository, or "
                            + $"take the folder away if no channel stands there"
                    );
            }
        }
    }

    // What a snapshot has may lie in any channel: promotions that were killed leave it there. One that is being dropped is in them still.
    private void CheckChannelFolder(string place, FileSystemInfo folder)
    {
        bool isDropped = Directory.EnumerateFiles(_store.UnfinishedFolder, "snapshot-*").Any();
        CheckFiles(place, folder, folder.FullName.Length + 1, _isAllNamed && !isDropped ? _named : null);
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
            if (
                StoreName.IsPossible(name)
                && Descriptor.StatusOf(Path.Combine(PathOf($"channels/{name}"), "InRelease")) is not null
                && !File.Exists(_store.ChannelFile(name))
                && !File.Exists(Unfinished.FileOfChannel(_store, name))
            )
                Add(
                    $"channels/{name}",
                    "it is served, but its record is not there; bring that back from a copy of the repository, or promote a snapshot there"
                );
        }
    }

    // A web server that follows links gives out whatever they lead to. Without names to compare with, only links are looked for.
    private void CheckFiles(string place, FileSystemInfo entry, int start, HashSet<string>? named)
    {
        if (entry.LinkTarget is not null)
            Add(place, $"{Path.GetRelativePath(_store.PublicFolder, entry.FullName)} is a link; remove it");
        else if (entry is DirectoryInfo folder)
            foreach (FileSystemInfo each in folder.EnumerateFileSystemInfos())
                CheckFiles(place, each, start, named);
        else if (named?.Contains(entry.FullName[start..]) == false)
            Add(place, $"{entry.FullName[start..]}: {Stray}");
    }

    private void CheckKey()
    {
        if (
            Descriptor.StatusOf(_store.KeyFile) is not { IsRegular: true }
            || !File.Exists(_store.TrustedKeyFile)
            || !BoundedFile
                .Read(_store.KeyFile, LargestRelease)
                .AsSpan()
                .SequenceEqual(BoundedFile.Read(_store.TrustedKeyFile, LargestRelease))
        )
            Add(
                "key.asc",
                $"it is not the key of the repository, {_store.Record.Key}; copy {_store.TrustedKeyFile} there, and find out who "
                    + $"has changed it"
            );
    }

    private void CheckSnapshot(SnapshotRecord snapshot)
    {
        string place = $"snapshots/{snapshot.Id}";
        var recorded = new HashSet<string>(StringComparer.Ordinal);
        foreach (SnapshotPackage package in snapshot.Packages)
            recorded.Add($"{package.Name} {package.Version} {package.Architecture} {package.Sha256}");
        var named = new HashSet<string>(StringComparer.Ordinal);
        bool isWhole = Check(place, snapshot.Assumed, named, out HashSet<string> all);
        foreach (string listed in all)
        {
            if (!recorded.Remove(listed))
                Add(place, $"{listed} is listed, and was not there when the snapshot was made; {Remedy}");
        }

        // Where an index is damaged, nobody knows what it has named: what is good would be taken away.
        _isAllNamed &= isWhole;
        _named.UnionWith(named);
        var folder = new DirectoryInfo(_store.SnapshotFolder(snapshot.Id));
        CheckFiles(place, folder, folder.FullName.Length + 1, isWhole ? named : null);
        foreach (string missing in isWhole ? recorded : [])
            Add(place, $"{missing} is not listed, and was there when the snapshot was made; {Remedy}");
    }

    private void CheckChannel(ChannelRecord channel)
    {
        string place = $"channels/{channel.Name}";
        if (_store.FindSnapshot(channel.Current) is not { } snapshot)
        {
            AddUnnamed(place, $"it stands at {channel.Current}, which is not there; move it to another snapshot, or create that one again");
            return;
        }

        // On its way, it is what InRelease says: that comes last.
        ChannelRecord? coming = Unfinished.Channel(_store, channel.Name);
        _ = Check(
            place,
            [.. snapshot.Assumed, .. coming is null ? [] : _store.Snapshot(coming.Current).Assumed],
            [],
            out _,
            isMoving: coming is not null
        );
        if (coming is not null)
            return;
        string release = TextOf($"snapshots/{snapshot.Id}", "Release");
        string own = TextOf(place, "Release");
        if (ReleaseFile.DateIn(own) is not { } date || ReleaseFile.WithDate(release, date) != own)
            Add(place, $"its Release is not that of {snapshot.Id}; {ChannelRemedy}");
    }

    // Returns whether all that says what is there is as it was signed; the files that it names, and the packages that the indexes list.
    private bool Check(string place, string[] assumed, HashSet<string> named, out HashSet<string> listed, bool isMoving = false)
    {
        string dists = PathOf(place),
            remedy = RemedyOf(place);
        listed = new HashSet<string>(StringComparer.Ordinal);
        foreach (string each in SignedFiles)
            named.Add($"dists/{Store.Distribution}/{each}");
        if (Read(place, "InRelease") is not { } inRelease)
            return false;
        bool isWhole = true;
        string? inline = _key.ProblemOf(out string signed, remedy, inRelease);
        if (inline is not null)
            Add(place, $"InRelease: {inline}");
        else if (!IsNothingButSigned(Encoding.UTF8.GetString(inRelease)))
            Add(place, $"InRelease: there is something before or behind what is signed; {remedy}");
        if (!isMoving && Read(place, "Release") is { } release && Read(place, "Release.gpg") is { } signature)
        {
            if (_key.ProblemOf(out _, remedy, release, signature) is { } detached && detached != inline)
                Add(place, $"Release.gpg: {detached}");
            if (inline is null && Encoding.UTF8.GetString(release) != signed)
                Add(place, $"Release and InRelease differ; {remedy}");
        }

        if (inline is not null)
            return false;
        CheckDates(place, signed);
        foreach (ReleaseEntry entry in ReleaseFile.EntriesIn(signed))
        {
            if (!isMoving && NamedFile(place, "dists/", $"dists/{Store.Distribution}/{entry.Path}", named) is { } file)
                CheckFile(place, file, entry.Size, entry.Sha256, entry.Path);
        }

        foreach (ReleaseEntry entry in ReleaseFile.ByHashIn(signed))
        {
            if (NamedFile(place, "dists/", $"dists/{Store.Distribution}/{entry.Path}", named) is not { } file)
                isWhole = false;
            else
                CheckFile(place, file, entry.Size, entry.Sha256, entry.Path);
        }

        var indexes = new List<IReadOnlyList<ControlParagraph>>();
        foreach (ReleaseEntry entry in ReleaseFile.EntriesIn(signed))
        {
            if (Path.GetFileName(entry.Path) != "Packages")
                continue;
            string file = Path.Combine(dists, $"{Path.GetDirectoryName(entry.Path)}/by-hash/SHA256/{entry.Sha256}");
            if (IndexIn(file, entry) is { } index)
                indexes.Add(index);
            else
                isWhole = false;
        }

        ControlParagraph[] all = [.. indexes.SelectMany(index => index)];
        foreach (IReadOnlyList<ControlParagraph> index in indexes)
        {
            isWhole &= CheckPackages(place, index, named, listed);
            foreach (string missing in DependencyCheck.Missing(index, all))
            {
                if (!assumed.Contains(missing, StringComparer.Ordinal))
                    Add(place, $"{missing}, which is not there; {Remedy}");
            }
        }

        return isWhole;
    }

    private void CheckDates(string place, string signed)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        if (ReleaseFile.DateIn(signed) is { } date && date - now > LongestFuture)
            Add(
                place,
                $"InRelease: it is of {date:u}, and the clock of this machine says {now:u}: apt takes nothing of the future; "
                    + $"set the clock if it is wrong; if it was wrong when this was signed, wait until then, or promote or create "
                    + $"once more"
            );
        if (signed.Contains("\nValid-Until:", StringComparison.OrdinalIgnoreCase))
            Add(
                place,
                $"InRelease: it has a Valid-Until, which nothing here writes, and apt takes nothing of it after that; {RemedyOf(place)}"
            );
    }

    // RFC 4880, 7. gpgv does not mind what is around a message; apt does.
    private static bool IsNothingButSigned(string file)
    {
        const string Begin = "-----BEGIN PGP SIGNED MESSAGE-----\n",
            End = "-----END PGP SIGNATURE-----\n";
        return file.LastIndexOf(Begin, StringComparison.Ordinal) == 0
            && file.IndexOf(End, StringComparison.Ordinal) == file.Length - End.Length;
    }

    // Null where it is not what was signed, which CheckFile tells.
    private static IReadOnlyList<ControlParagraph>? IndexIn(string file, ReleaseEntry entry)
    {
        if (Descriptor.StatusOf(file) is not { IsRegular: true } status || (long)status.Size != entry.Size)
            return null;
        using var opened = Descriptor.Open(file, Libc.O_RDONLY | Libc.O_NOFOLLOW);
        bool isSigned = Convert.ToHexStringLower(Convert.FromBase64String(FileHash.Sha256(opened, file))) == entry.Sha256;
        return isSigned ? ControlParagraph.ReadAll(opened) : null;
    }

    private bool CheckPackages(string place, IReadOnlyList<ControlParagraph> packages, HashSet<string> named, HashSet<string> listed)
    {
        bool isWhole = true;
        foreach (ControlParagraph package in packages)
        {
            string? file = NamedFile(place, "pool/", package["Filename"], named);
            isWhole &= file is not null;
            if (listed.Add($"{package["Package"]} {package["Version"]} {package["Architecture"]} {package["SHA256"]}") && file is not null)
                CheckFile(place, file, package.Number("Size"), package["SHA256"], package["Filename"]);
        }

        return isWhole;
    }

    // Where a file lies that is named by what is served; null where that leads out of the place, or has signs that lists of hashes cannot
    // hold.
    private string? NamedFile(string place, string folder, string name, HashSet<string> named)
    {
        if (
            !name.StartsWith(folder, StringComparison.Ordinal)
            || name.Contains('\\', StringComparison.Ordinal)
            || name.Any(char.IsControl)
            || name.Split('/').Any(part => part is "" or "." or "..")
        )
        {
            Add(place, $"an index names a file \"{name}\", which cannot be one of the repository; {Remedy}");
            return null;
        }

        named.Add(name);
        return Path.Combine(_store.PublicFolder, place, name);
    }

    private byte[]? Read(string place, string name)
    {
        string file = Path.Combine(PathOf(place), name);
        try
        {
            return BoundedFile.Read(file, LargestRelease);
        }
        catch (IOException e)
        {
            Add(
                place,
                e is FileNotFoundException or DirectoryNotFoundException
                    ? $"{name}: it is not there; {RemedyOf(place)}"
                    : $"{name}: {e.Message}; {RemedyOf(place)}"
            );
            return null;
        }
    }

    private void CheckFile(string place, string file, long size, string sha256, string name)
    {
        if (sha256.Length != DigitsOfHash || sha256.AsSpan().ContainsAnyExcept(Digits))
        {
            Add(place, $"{name} has no SHA256 in the index; {RemedyOf(place)}");
            return;
        }

        if (Descriptor.StatusOf(file) is not { IsRegular: true } status)
        {
            Add(place, $"{name} is not there; {RemedyOf(place)}");
            return;
        }

        if ((long)status.Size != size)
        {
            Add(place, $"{name} has {status.Size} bytes and should have {size}; {RemedyOf(place)}");
            return;
        }

        // The same content under another name, in another snapshot, is mostly the same file.
        string identity = $"{status.Inode} {sha256}";
        if (_firstNames.TryAdd(identity, file))
        {
            _files.Add(new HashedFile(file, sha256));
            _whatBreaks.TryAdd(file, []);
        }

        _whatBreaks[_firstNames[identity]]
            .Add(new StoreFinding(place, $"{name} has another SHA256 than the index says; {RemedyOf(place)}"));
    }

    private string PathOf(string place) => Path.Combine(_store.PublicFolder, place, "dists", Store.Distribution);

    private static string RemedyOf(string place) => place.StartsWith("channels/", StringComparison.Ordinal) ? ChannelRemedy : Remedy;

    private string TextOf(string place, string name)
    {
        string file = Path.Combine(PathOf(place), name);
        return Descriptor.StatusOf(file) is { IsRegular: true } ? Encoding.UTF8.GetString(BoundedFile.Read(file, LargestRelease)) : "";
    }

    // Of what cannot be read nobody knows what it has named.
    private void AddUnnamed(string place, string problem)
    {
        _isAllNamed = false;
        Add(place, problem);
    }

    private void Add(string place, string problem) => _findings.Add(new StoreFinding(place, problem));
}
