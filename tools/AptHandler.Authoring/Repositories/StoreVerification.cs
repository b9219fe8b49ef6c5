using System.Text;
using AptHandler.Files;

namespace AptHandler.Authoring.Repositories;

/// <summary>
/// Checks what clients see: signatures, every file that a Release lists, also by its hash, every archive that an index lists, that each
/// package has what it depends on, that a snapshot still is what it was made as, and that nothing else is served. What is wrong may be
/// somebody's work: no link is followed, and nothing is parsed before its hash is right. Files with several names are read once.
/// </summary>
public sealed class StoreVerification
{
    private readonly Store _store;
    private readonly SignatureCheck _signatures;
    private readonly StoreFindings _findings = new();
    private readonly IndexedFiles _files;
    private readonly ServedFiles _served;

    private StoreVerification(Store store)
    {
        _store = store;
        _signatures = new SignatureCheck(store);
        _files = new IndexedFiles(_findings);
        _served = new ServedFiles(store, _findings);
    }

    /// <summary>Checks one snapshot, or all of them and all channels.</summary>
    /// <param name="store">The store, locked.</param>
    /// <param name="id">A snapshot; null for everything.</param>
    /// <exception cref="InputException">There is no such snapshot.</exception>
    /// <exception cref="IOException">Something cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IReadOnlyList<StoreFinding> Of(Store store, string? id)
    {
        var verification = new StoreVerification(store);
        StoreFindings findings = verification._findings;
        findings.Try("key.asc", verification.CheckKey, isThere: true);
        foreach (string each in id is null ? store.SnapshotIds() : [id])
            findings.Try(
                $"snapshots/{each}",
                () => verification.CheckSnapshot(store.Snapshot(each)),
                isThere: Directory.Exists(store.SnapshotFolder(each))
            );
        foreach (string name in id is null ? store.ChannelNames() : [])
            findings.Try($"channels/{name}", () => verification.CheckChannel(store.FindChannel(name)!), isThere: true);
        if (id is null)
        {
            verification._served.CheckNames();
            verification._served.CheckRecords();
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
        verification._findings.Try($"channels/{name}", () => verification.CheckChannel(store.FindChannel(name)!), isThere: true);
        return verification.Finished();
    }

    private IReadOnlyList<StoreFinding> Finished()
    {
        _files.CheckHashes(_store.Cancellation);
        return _findings.All;
    }

    private void CheckKey()
    {
        if (!IsKeyServed())
            _findings.Add(
                "key.asc",
                $"it is not the key of the repository, {_store.Record.Key}; copy {_store.TrustedKeyFile} there, and find out who "
                    + "has changed it"
            );
    }

    private bool IsKeyServed()
    {
        if (Descriptor.StatusOf(_store.KeyFile) is not { IsRegular: true } || !File.Exists(_store.TrustedKeyFile))
            return false;
        byte[] served = BoundedFile.Read(_store.KeyFile, ReleaseVerification.LargestFile);
        byte[] trusted = BoundedFile.Read(_store.TrustedKeyFile, ReleaseVerification.LargestFile);
        return served.AsSpan().SequenceEqual(trusted);
    }

    private void CheckSnapshot(SnapshotRecord snapshot)
    {
        string place = $"snapshots/{snapshot.Id}";
        var recorded = new HashSet<string>(StringComparer.Ordinal);
        foreach (SnapshotPackage package in snapshot.Packages)
            recorded.Add($"{package.Name} {package.Version} {package.Architecture} {package.Sha256}");
        RepositoryVerification repository = RepositoryAt(place);
        bool isWhole = repository.Check(snapshot.Assumed);
        foreach (string listed in repository.Listed)
        {
            if (!recorded.Remove(listed))
                _findings.Add(place, $"{listed} is listed, and was not there when the snapshot was made; {StoreFindings.Remedy}");
        }

        _served.CheckSnapshot(place, _store.SnapshotFolder(snapshot.Id), repository.Named, isWhole);
        foreach (string missing in isWhole ? recorded : [])
            _findings.Add(place, $"{missing} is not listed, and was there when the snapshot was made; {StoreFindings.Remedy}");
    }

    private void CheckChannel(ChannelRecord channel)
    {
        string place = $"channels/{channel.Name}";
        if (_store.FindSnapshot(channel.Current) is not { } snapshot)
        {
            _findings.AddUnnamed(
                place,
                $"it stands at {channel.Current}, which is not there; move it to another snapshot, or create that one again"
            );
            return;
        }

        // InRelease is replaced last. It tells what a channel is that is on its way to another snapshot.
        ChannelRecord? coming = Unfinished.Channel(_store, channel.Name);
        string[] assumed = [.. snapshot.Assumed, .. coming is null ? [] : _store.Snapshot(coming.Current).Assumed];
        _ = RepositoryAt(place).Check(assumed, isMoving: coming is not null);
        if (coming is not null)
            return;
        string release = ReleaseAt($"snapshots/{snapshot.Id}");
        string own = ReleaseAt(place);
        if (ReleaseFile.DateIn(own) is not { } date || ReleaseFile.WithDate(release, date) != own)
            _findings.Add(place, $"its Release is not that of {snapshot.Id}; {StoreFindings.RemedyOf(place)}");
    }

    private RepositoryVerification RepositoryAt(string place) => new(_store, _signatures, _findings, _files, place);

    private string ReleaseAt(string place)
    {
        string file = Path.Combine(_store.ReleaseFolder(place), "Release");
        return Descriptor.StatusOf(file) is { IsRegular: true }
            ? Encoding.UTF8.GetString(BoundedFile.Read(file, ReleaseVerification.LargestFile))
            : "";
    }
}
