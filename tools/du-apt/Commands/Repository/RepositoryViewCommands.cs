using System.CommandLine;
using AptHandler.Authoring;
using AptHandler.Authoring.Repositories;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Manifests;
using AptHandler.Results;

namespace AptHandler.CommandLine.Commands.Repository;

/// <summary>Shows what is in a repository. These commands take no lock and wait for nobody.</summary>
internal static class RepositoryViewCommands
{
    public static Command MakeList()
    {
        var command = new Command("list", "List the snapshots, and where the channels stand.") { RepositoryCommand.StoreFolder };
        command.SetGuardedAction(parsed => List(parsed));
        return command;
    }

    public static Command MakeShow()
    {
        Argument<string> id = RepositoryCommand.Id();
        var command = new Command("show", "Show the packages of a snapshot, and the source for devices.")
        {
            id,
            RepositoryCommand.StoreFolder,
            RepositoryCommand.Url,
        };
        command.SetGuardedAction(parsed =>
        {
            _ = RepositoryCommand.CheckedUrl(parsed);
            using Store store = Open(parsed);
            SnapshotOutput.Print(parsed, store, store.Snapshot(parsed.GetRequiredValue(id)), isNew: null, manifest: null);
            return (int)UpdateOutcome.Done;
        });
        return command;
    }

    public static Command MakeDiff()
    {
        var old = new Argument<string>("OLD-ID") { Description = "A snapshot." };
        var @new = new Argument<string>("NEW-ID") { Description = "The snapshot that is to follow it." };
        var command = new Command(
            "diff",
            "Show which packages one snapshot has otherwise than another. Ends with 0 whether or not they differ."
        )
        {
            old,
            @new,
            RepositoryCommand.StoreFolder,
        };
        command.SetGuardedAction(parsed =>
        {
            using Store store = Open(parsed);
            SnapshotRecord before = store.Snapshot(parsed.GetRequiredValue(old)),
                after = store.Snapshot(parsed.GetRequiredValue(@new));
            Print(parsed, before, after, SnapshotDifference.Between(before, after));
            return (int)UpdateOutcome.Done;
        });
        return command;
    }

    private static Store Open(ParseResult parsed) => Store.Open(parsed.GetRequiredValue(RepositoryCommand.StoreFolder));

    private static int List(ParseResult parsed)
    {
        using Store store = Open(parsed);
        List<SnapshotRecord> snapshots = [];
        List<ChannelRecord> channels = [];
        List<string> problems = [];
        foreach (string id in store.SnapshotIds())
            Read(() => store.FindSnapshot(id), snapshots);
        foreach (string name in store.ChannelNames())
            Read(() => store.FindChannel(name), channels);
        snapshots.Sort((left, right) => left.Created.CompareTo(right.Created));
        if (parsed.GetValue(SharedOptions.Json))
        {
            ResultOutput.PrintJson(writer =>
            {
                writer.Objects("snapshots", snapshots, snapshot => SnapshotOutput.Write(writer, snapshot, At(snapshot)));
                writer.Objects("channels", channels, channel => SnapshotOutput.Write(writer, channel));
            });
        }
        else
        {
            foreach (SnapshotRecord snapshot in snapshots)
            {
                string at = string.Join(' ', At(snapshot));
                Terminal.Print(
                    $"{snapshot.Id, -18} {snapshot.Created:u}  {SnapshotOutput.Summary(snapshot)}{(at.Length > 0 ? $"  <- {at}" : "")}"
                );
            }

            if (snapshots.Count == 0)
                Terminal.Print($"There are no snapshots yet.");
            foreach (ChannelRecord channel in channels)
            {
                string before = channel.Before is { } snapshot ? $", before at {snapshot}" : "";
                Terminal.Print($"{channel.Name, -18} {channel.Moves[^1].Time:u}  at {channel.Current}{before}");
            }
        }

        foreach (string problem in problems)
            Terminal.Tell($"{problem}");
        return problems.Count == 0 ? (int)UpdateOutcome.Done : (int)UpdateOutcome.Failed;

        List<string> At(SnapshotRecord snapshot) =>
            channels.FindAll(channel => channel.Current == snapshot.Id).ConvertAll(channel => channel.Name);

        void Read<T>(Func<T?> find, List<T> all)
            where T : class
        {
            try
            {
                // A record can be dropped while the loop runs. Then it is left out.
                if (find() is { } record)
                    all.Add(record);
            }
            catch (InputException e)
            {
                problems.Add(e.Message);
            }
        }
    }

    private static void Print(
        ParseResult parsed,
        SnapshotRecord before,
        SnapshotRecord after,
        IReadOnlyList<SnapshotDifference> differences
    )
    {
        if (parsed.GetValue(SharedOptions.Json))
        {
            ResultOutput.PrintJson(writer =>
            {
                writer.Text("before", before.Id);
                writer.Text("after", after.Id);
                writer.Objects(
                    "packages",
                    differences,
                    each =>
                    {
                        writer.Text("name", each.Name);
                        writer.Text("change", each.Kind);
                        writer.Text("before", each.Before);
                        writer.Text("after", each.After);
                    }
                );
            });
            return;
        }

        foreach (SnapshotDifference each in differences)
            Terminal.Print($"{ResultOutput.Line(new PackageChange(each.Name, each.Before, each.After))}  ({each.Kind})");
        if (differences.Count == 0)
            Terminal.Print($"Both snapshots have the same packages.");
    }
}
