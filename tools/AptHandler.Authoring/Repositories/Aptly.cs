using System.Text.Json;
using AptHandler.Files;
using AptHandler.Results;

namespace AptHandler.Authoring.Repositories;

/// <summary>The command lines of aptly(1), on the database and the pool of a store.</summary>
internal sealed class Aptly
{
    private const string Endpoint = "store";

    private readonly Store _store;
    private readonly SigningKey _key;
    private readonly string _configuration;

    public Aptly(Store store, SigningKey key)
    {
        (_store, _key) = (store, key);
        _configuration = store.At("aptly/aptly.conf");
    }

    /// <summary>The folder of a snapshot after aptly has published it, until it becomes public.</summary>
    public string Published(string id) => Path.Combine(_store.StagingFolder, "snapshots", id);

    /// <summary>Publishes a snapshot of all packages in a folder. The packages are moved out of that folder.</summary>
    /// <exception cref="UpdateException">aptly failed.</exception>
    public void Publish(string id, string folder, IReadOnlyList<string> architectures)
    {
        Configure();
        string what = $"publish the snapshot {id}";

        // aptly still has this snapshot if its public folder was removed by hand.
        Forget("snapshot", "drop", "-force", id);
        Must(what, _store.Cancellation, "repo", "create", $"-distribution={Store.Distribution}", $"-component={Store.Component}", id);
        Must(what, _store.Cancellation, "repo", "add", "-remove-files", id, folder);
        Must(what, _store.Cancellation, "snapshot", "create", id, "from", "repo", id);
        Must(
            what,
            _store.Cancellation,
            "publish",
            "snapshot",
            "-batch",
            $"-gpg-key={_store.Record.Key}",
            $"-distribution={Store.Distribution}",
            "-acquire-by-hash",
            "-skip-contents",
            $"-architectures={string.Join(',', architectures)}",
            $"-origin={Store.Distribution}",
            $"-label={Store.Distribution}",
            id,
            $"filesystem:{Endpoint}:snapshots/{id}"
        );
    }

    /// <summary>
    /// Makes aptly forget what it needed to publish a snapshot. The snapshot itself stays, because it keeps the packages in the pool.
    /// </summary>
    public void Release(string id)
    {
        Configure();
        Forget("publish", "drop", "-force-drop", "-skip-cleanup", Store.Distribution, $"filesystem:{Endpoint}:snapshots/{id}");
        Forget("repo", "drop", "-force", id);
    }

    /// <summary>Makes aptly forget a snapshot, and packages that no other one needs. A missing snapshot is no error.</summary>
    public void Drop(string id)
    {
        Release(id);
        Forget("snapshot", "drop", "-force", id);
        Must("clean up aptly's database", default, "db", "cleanup");
    }

    // Written each time: the folder may have been moved in the meantime, and the paths must be absolute.
    private void Configure()
    {
        var text = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text))
        {
            writer.WriteStartObject();
            writer.WriteString("rootDir", _store.At("aptly"));
            writer.WriteString("gpgProvider", "gpg");
            writer.WriteStartObject("FileSystemPublishEndpoints");
            writer.WriteStartObject(Endpoint);
            writer.WriteString("rootDir", _store.StagingFolder);
            writer.WriteString("linkMethod", "hardlink");
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        // An unchanged file is not written again, because the disk may be full.
        if (!File.Exists(_configuration) || !File.ReadAllBytes(_configuration).AsSpan().SequenceEqual(text.WrittenSpan))
            WholeFile.Replace(_configuration, text.WrittenSpan, WholeFile.ReadableByAll, durable: false);
    }

    private void Must(string what, CancellationToken cancellation, params string[] words)
    {
        ToolOutcome outcome = Run(words, cancellation);
        if (!outcome.IsSuccess)
            throw Failed(what, outcome);
    }

    private void Forget(params string[] words)
    {
        ToolOutcome outcome = Run(words);
        if (!outcome.IsSuccess && !outcome.Errors.Contains("not found", StringComparison.Ordinal))
            throw Failed("clean up after an earlier run", outcome);
    }

    private ToolOutcome Run(string[] words, CancellationToken cancellation = default) =>
        new Tool("/usr/bin/aptly", "aptly", _key.Environment) { Held = _store.Turn, Cancellation = cancellation }.Run([
            $"-config={_configuration}",
            .. words,
        ]);

    private UpdateException Failed(string what, ToolOutcome outcome) =>
        outcome.Errors.Contains("no space left on device", StringComparison.Ordinal)
            ? new UpdateException(
                ExtendedResult.NoSpace,
                $"cannot {what}: the file system of {_store.Location} is full; make room there, and run the same again"
            )
            : new UpdateException(
                ExtendedResult.StateUnusable,
                $"cannot {what}: aptly: {outcome.LastWords}; mend that, and run the same again: what was half-done is taken away first"
            );
}
