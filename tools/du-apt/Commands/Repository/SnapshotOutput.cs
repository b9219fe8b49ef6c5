using System.CommandLine;
using System.Text.Json;
using AptHandler.Authoring.Repositories;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Manifests;

namespace AptHandler.CommandLine.Commands.Repository;

/// <summary>Snapshots and channels, for people and for programs.</summary>
internal static class SnapshotOutput
{
    /// <summary>
    /// Prints a snapshot with its packages, and the two files that make it a source for devices: the source and its key.
    /// </summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="store">The store.</param>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="isNew">Whether it has just been made, or was there already; null where nobody asked for it to be made.</param>
    /// <param name="manifest">The manifest that was written for it.</param>
    public static void Print(ParseResult parsed, Store store, SnapshotRecord snapshot, bool? isNew, string? manifest)
    {
        string stanza = SnapshotSource.Stanza(snapshot.Id, parsed.GetValue(RepositoryCommand.Url));
        if (parsed.GetValue(SharedOptions.Json))
        {
            ResultOutput.PrintJson(writer =>
            {
                if (isNew is { } known)
                    writer.WriteBoolean("isNew", known);
                Write(writer, snapshot, store.ChannelsAt(snapshot.Id));
                writer.Objects(
                    "packages",
                    snapshot.Packages,
                    package =>
                    {
                        writer.Text("name", package.Name);
                        writer.Text("version", package.Version);
                        writer.Text("architecture", package.Architecture);
                        writer.Number("size", package.Size);
                        writer.Text("sha256", package.Sha256);
                        writer.Text("from", package.From);
                    }
                );
                writer.Text("sources", stanza);
                writer.Text("keyFile", SnapshotSource.KeyFile);
                writer.Text("signingKey", SnapshotSource.Key(store));
                if (manifest is not null)
                    writer.Text("manifest", manifest);
            });
            return;
        }

        string end = isNew switch
        {
            true => "published",
            false => "is there already",
            null => $"of {snapshot.Created:u}",
        };
        Terminal.Print($"{snapshot.Id} {end}: {Summary(snapshot)}");
        foreach (SnapshotPackage package in snapshot.Packages)
            Terminal.Print($"  {package.QualifiedName, -30} {package.Version, -24} {Size(package.Size), 10}  {package.From}");
        Terminal.Print($"\n# {SnapshotSource.File}");
        Terminal.Print(ShownText.Passage(stanza.TrimEnd('\n')));
        Terminal.Print($"\n# {SnapshotSource.KeyFile}");
        Terminal.Print(ShownText.Passage(SnapshotSource.Key(store).TrimEnd('\n')));
    }

    /// <summary>The line of a snapshot, without its id.</summary>
    public static string Summary(SnapshotRecord snapshot) =>
        $"{snapshot.Packages.Length} {(snapshot.Packages.Length == 1 ? "package" : "packages")}, {Size(snapshot.Size)}, "
        + $"{string.Join(' ', snapshot.Architectures)}, for "
        + $"{string.Join(", ", Array.ConvertAll(snapshot.Manifests, each => $"{each.Name} {each.Version}"))}";

    /// <summary>The members of a snapshot, without its packages.</summary>
    public static void Write(Utf8JsonWriter writer, SnapshotRecord snapshot, IReadOnlyList<string> channels)
    {
        writer.Text("id", snapshot.Id);
        writer.WriteString("created", snapshot.Created);
        writer.Number("size", snapshot.Size);
        writer.Texts("architectures", snapshot.Architectures);
        writer.Objects(
            "manifests",
            snapshot.Manifests,
            each =>
            {
                writer.Text("name", each.Name);
                writer.Text("version", each.Version);
            }
        );
        writer.Texts("assumed", snapshot.Assumed);
        writer.Texts("channels", channels);
    }

    /// <summary>The members of a channel.</summary>
    public static void Write(Utf8JsonWriter writer, ChannelRecord channel)
    {
        writer.Text("name", channel.Name);
        writer.Text("snapshot", channel.Current);
        writer.Objects(
            "history",
            channel.Moves,
            move =>
            {
                writer.WriteString("time", move.Time);
                writer.Text("from", move.From);
                writer.Text("to", move.To);
            }
        );
    }

    private static string Size(long bytes) =>
        bytes < 10_000 ? $"{bytes} B"
        : bytes < 10_000_000 ? $"{bytes / 1000} kB"
        : $"{bytes / 1_000_000} MB";
}
