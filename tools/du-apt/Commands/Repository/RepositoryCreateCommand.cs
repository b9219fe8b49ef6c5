using System.CommandLine;
using AptHandler.Apt;
using AptHandler.Authoring;
using AptHandler.Authoring.Desks;
using AptHandler.Authoring.Manifests;
using AptHandler.Authoring.Repositories;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Manifests;
using AptHandler.Records;
using AptHandler.Results;
using AptHandler.Settings;

namespace AptHandler.CommandLine.Commands.Repository;

/// <summary>Makes a snapshot of all packages that manifests need.</summary>
internal static class RepositoryCreateCommand
{
    private static readonly Argument<string[]> Manifests = new("MANIFEST")
    {
        Description = "An apt manifest (JSON); - for standard input.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string?> Status = new("--status")
    {
        Description =
            "dpkg's status file of a device, where the devices have packages that are not to be in the snapshot (default: they have none).",
        HelpName = "FILE",
    };

    private static readonly Option<string?> SnapshotId = new("--id")
    {
        Description = "The id of the snapshot (default: made from its content).",
        HelpName = "ID",
    };

    private static readonly Option<string> Architectures = new("--architectures")
    {
        Description = "The architectures of the devices, separated by commas, such as amd64,arm64.",
        HelpName = "A,...",
        Required = true,
    };

    private static readonly Option<string?> WriteManifest = new("--write-manifest")
    {
        Description =
            "Write the manifest, with every version and with the snapshot as its source, into this file; needs "
            + $"{RepositoryCommand.Url.Name}.",
        HelpName = "FILE",
    };

    public static Command Make()
    {
        var command = new Command(
            "create",
            "Publish all packages that manifests need, dependencies included, as a snapshot: of several manifests, what one "
                + "device needs for all. They come from --sources, or from this machine's; the manifests' own do not count. The same "
                + "content is the same snapshot."
        )
        {
            Manifests,
            RepositoryCommand.StoreFolder,
            DeskOptions.Sources,
            Status,
            SnapshotId,
            Architectures,
            WriteManifest,
            RepositoryCommand.Url,
        };
        command.SetGuardedAction(parsed => Create(parsed));
        return command;
    }

    private static int Create(ParseResult parsed)
    {
        string[] architectures = ArchitecturesOf(parsed);
        AptManifest[] manifests = Array.ConvertAll(
            parsed.GetRequiredValue(Manifests),
            each => SharedOptions.ValidManifest(parsed, each).Reading.Manifest!
        );
        foreach (AptManifest each in manifests)
        {
            if (each.Sources.Any(source => !source.IsRemoval))
                Terminal.Error(
                    $"warning: the sources of {each.Name} do not count here; name those that have its packages with "
                        + $"{DeskOptions.Sources.Name}"
                );
        }

        string? file = parsed.GetValue(WriteManifest),
            url = RepositoryCommand.CheckedUrl(parsed);
        if (file is not null && (url is null || manifests.Length > 1))
        {
            throw new InputException(
                url is null
                    ? $"cannot write a manifest that names the snapshot without its address; add {RepositoryCommand.Url.Name}"
                    : $"cannot write one manifest for several; leave {WriteManifest.Name} out, or name one manifest"
            );
        }

        if (parsed.GetValue(SnapshotId) is { } named)
            _ = StoreName.Checked("snapshot", named);

        IReadOnlyList<ManifestEntry> entries = [];

        // A store that cannot be opened fails here, and not after minutes of reading lists.
        using (Store.Open(parsed.GetRequiredValue(RepositoryCommand.StoreFolder))) { }

        using var interruption = new Interruption();
        using Closure closure = Fetch(parsed, manifests, architectures, Approve, interruption.Token);
        using Store store = RepositoryCommand.Change(parsed, interruption);
        SnapshotRecord snapshot = SnapshotCreation.Create(
            store,
            closure,
            parsed.GetValue(SnapshotId),
            TimeProvider.System.GetUtcNow(),
            out bool isNew
        );
        if (file is not null)
            Write(store, snapshot.Id, file, url!, manifests[0], entries);
        SnapshotOutput.Print(parsed, store, snapshot, isNew, file);
        return (int)UpdateOutcome.Done;

        // Called before minutes of fetching.
        void Approve(Closure planned)
        {
            if (file is not null)
                entries = OneLock(planned, architectures);
            using Store now = RepositoryCommand.Change(parsed, interruption);
            _ = SnapshotCreation.Find(now, planned, parsed.GetValue(SnapshotId), out _);
        }
    }

    private static string[] ArchitecturesOf(ParseResult parsed)
    {
        string[] architectures = parsed
            .GetRequiredValue(Architectures)
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (string each in architectures)
        {
            if (!DeskOptions.IsArchitecture(each))
                throw new InputException(
                    $"cannot make a snapshot for the architecture \"{each}\"; write those of the devices, such as amd64,arm64"
                );
        }

        return architectures.Length > 0
            ? architectures
            : throw new InputException("cannot make a snapshot for no architecture; write those of the devices, such as amd64,arm64");
    }

    private static Closure Fetch(
        ParseResult parsed,
        AptManifest[] manifests,
        string[] architectures,
        Action<Closure> approve,
        CancellationToken cancellation
    )
    {
        Configuration configuration = SharedOptions.Configuration(parsed);
        string? sources = parsed.GetValue(DeskOptions.Sources),
            status = parsed.GetValue(Status);
        DeskState state = status is null ? DeskState.Empty : DeskState.Of(status);
        return parsed.GetValue(SharedOptions.Json) || Console.IsErrorRedirected
            ? Of(null)
            : Terminal.WithProgress(show =>
                Of(progress => show(new UpdateProgress(UpdateStep.Download, progress.Phase, progress.Percent, progress.Text)))
            );

        Closure Of(Action<AptProgress>? onProgress) =>
            Closure.Of(
                manifests,
                architectures,
                architecture => Desk.Open(configuration, sources, state, architecture, onProgress, cancellation),
                isWhole: status is null,
                approve,
                cancellation
            );
    }

    private static IReadOnlyList<ManifestEntry> OneLock(Closure closure, string[] architectures)
    {
        foreach (IReadOnlyList<ManifestEntry> each in closure.Locks)
        {
            if (!each.SequenceEqual(closure.Locks[0]))
                throw new InputException(
                    $"cannot write one manifest for {string.Join(" and ", architectures)}: they need different packages; make a "
                        + "snapshot for each"
                );
        }

        return closure.Locks[0];
    }

    private static void Write(Store store, string id, string file, string url, AptManifest manifest, IReadOnlyList<ManifestEntry> entries)
    {
        // The snapshot replaces all other sources. Entries that remove a source from devices are kept.
        AptSource[] sources =
        [
            .. manifest.Sources.Where(source => source.IsRemoval && source.Id != Store.Distribution),
            SnapshotSource.Of(store, id, url),
        ];
        byte[] text = ManifestText.FileOf(manifest.Name, manifest.Version, entries, manifest.AgentRestartRequired, sources);
        try
        {
            AuthoredFile.Write(file.Length > 0 ? file : throw new IOException("cannot write a file without a name"), text);
        }
        catch (IOException e)
        {
            throw new InputException(
                $"{e.Message}; the snapshot {id} is there, but its manifest is not: name another file with {WriteManifest.Name}"
            );
        }
    }
}
