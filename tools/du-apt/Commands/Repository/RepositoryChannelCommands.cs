using System.CommandLine;
using AptHandler.Authoring.Repositories;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Results;

namespace AptHandler.CommandLine.Commands.Repository;

/// <summary>Moves channels from one snapshot to another.</summary>
internal static class RepositoryChannelCommands
{
    private static readonly Option<string?> To = new("--to")
    {
        Description = "A snapshot that the channel stood at (default: the one before).",
        HelpName = "ID",
    };

    public static Command MakePromote()
    {
        Argument<string> id = RepositoryCommand.Id();
        var command = new Command("promote", "Move a channel to a snapshot; readers get the old packages or the new ones, never a part.")
        {
            id,
            RepositoryCommand.Channel,
            RepositoryCommand.StoreFolder,
        };
        command.SetGuardedAction(parsed =>
        {
            using var interruption = new Interruption();
            using Store store = RepositoryCommand.Change(parsed, interruption);
            ChannelRecord channel = ChannelMoving.Promote(
                store,
                parsed.GetRequiredValue(RepositoryCommand.Channel),
                parsed.GetRequiredValue(id),
                TimeProvider.System,
                out ChannelChange change
            );
            return Print(parsed, channel, change);
        });
        return command;
    }

    public static Command MakeRollback()
    {
        var command = new Command(
            "rollback",
            "Move a channel back to the snapshot that it stood at before; once more, and it is where it was."
        )
        {
            RepositoryCommand.Channel,
            To,
            RepositoryCommand.StoreFolder,
        };
        command.SetGuardedAction(parsed =>
        {
            using var interruption = new Interruption();
            using Store store = RepositoryCommand.Change(parsed, interruption);
            ChannelRecord channel = ChannelMoving.RollBack(
                store,
                parsed.GetRequiredValue(RepositoryCommand.Channel),
                parsed.GetValue(To),
                TimeProvider.System,
                out ChannelChange change
            );
            return Print(parsed, channel, change);
        });
        return command;
    }

    private static int Print(ParseResult parsed, ChannelRecord channel, ChannelChange change)
    {
        if (parsed.GetValue(SharedOptions.Json))
        {
            ResultOutput.PrintJson(writer =>
            {
                writer.WriteBoolean("isMoved", change == ChannelChange.Moved);
                writer.WriteBoolean("isMended", change == ChannelChange.Mended);
                SnapshotOutput.Write(writer, channel);
            });
        }
        else
        {
            string line = change switch
            {
                ChannelChange.Moved => $"{channel.Name}: {channel.Before ?? "-"} -> {channel.Current}",
                ChannelChange.Mended => $"{channel.Name} stands at {channel.Current} already; it was not whole, and is again.",
                _ => $"{channel.Name} stands at {channel.Current} already.",
            };
            Terminal.Print($"{line}");
        }

        return (int)UpdateOutcome.Done;
    }
}
