using System.CommandLine;
using AptHandler.Authoring;
using AptHandler.Authoring.Repositories;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Manifests;
using AptHandler.Results;

namespace AptHandler.CommandLine.Commands.Repository;

/// <summary>Checks repositories, cleans them up, and serves them for a trial.</summary>
internal static class RepositoryCareCommands
{
    private static readonly Option<int> Keep = new("--keep")
    {
        Description = "How many of the snapshots that each channel stood at last are not to be removed.",
        HelpName = "N",
        DefaultValueFactory = _ => SnapshotRemoval.UsualKeep,
    };

    private static readonly Option<int> Port = new("--port")
    {
        Description = "The port on 127.0.0.1.",
        HelpName = "N",
        DefaultValueFactory = _ => 8080,
    };

    public static Command MakeVerify()
    {
        var id = new Argument<string?>("ID") { Description = "A snapshot.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command(
            "verify",
            "Check a snapshot, or all snapshots and channels: signatures, every index and archive by its hash, and that each "
                + "package has what it depends on; ends with 1 when something is wrong."
        )
        {
            id,
            RepositoryCommand.StoreFolder,
        };
        command.SetGuardedAction(parsed => Verify(parsed, parsed.GetValue(id)));
        return command;
    }

    public static Command MakeDrop()
    {
        Argument<string> id = RepositoryCommand.Id();
        var command = new Command(
            "drop",
            "Remove a snapshot, unless a channel stands there or can go back to it, and what no other one needs."
        )
        {
            id,
            Keep,
            RepositoryCommand.StoreFolder,
        };
        command.SetGuardedAction(parsed =>
        {
            int keep = parsed.GetValue(Keep);
            if (keep < 1)
                throw new InputException(
                    $"cannot keep fewer than one snapshot of a channel, the one that it stands at; write {Keep.Name} 1 or more"
                );
            using var interruption = new Interruption();
            using Store store = RepositoryCommand.Change(parsed, interruption, onlySnapshots: true);
            string dropped = parsed.GetRequiredValue(id);
            SnapshotRemoval.Drop(store, dropped, keep);
            if (parsed.GetValue(SharedOptions.Json))
                ResultOutput.PrintJson(writer => writer.Text("dropped", dropped));
            else
                Terminal.Print($"{dropped} is gone.");
            return (int)UpdateOutcome.Done;
        });
        return command;
    }

    public static Command MakeServe()
    {
        Argument<string> folder = RepositoryCommand.Folder();
        var command = new Command("serve", "Serve a repository with nginx on 127.0.0.1, for a trial, until this command is ended.")
        {
            folder,
            Port,
        };
        command.SetGuardedAction(parsed =>
        {
            int port = parsed.GetValue(Port);
            if (port is < 1 or > 65535)
                throw new InputException($"cannot serve at such a port; write {Port.Name} with a number from 1 to 65535");
            using Store store = Store.Open(parsed.GetRequiredValue(folder));
            string configuration = TrialServer.Prepare(store, port);
            string url = $"http://127.0.0.1:{port}";
            if (parsed.GetValue(SharedOptions.Json))
                ResultOutput.PrintJson(writer => writer.Text("url", url));
            else
                Terminal.Print($"{url}");
            TrialServer.Become(configuration);
            return (int)UpdateOutcome.Done;
        });
        return command;
    }

    private static int Verify(ParseResult parsed, string? id)
    {
        using var interruption = new Interruption();
        using Store store = Store.Lock(
            parsed.GetRequiredValue(RepositoryCommand.StoreFolder),
            isToBeChanged: false,
            RepositoryCommand.Patience(parsed),
            interruption.Token
        );
        IReadOnlyList<StoreFinding> findings = StoreVerification.Of(store, id);
        if (parsed.GetValue(SharedOptions.Json))
        {
            ResultOutput.PrintJson(writer =>
            {
                writer.WriteBoolean("isValid", findings.Count == 0);
                writer.Objects(
                    "findings",
                    findings,
                    each =>
                    {
                        writer.Text("place", each.Place);
                        writer.Text("problem", each.Problem);
                    }
                );
            });
        }
        else
        {
            foreach (StoreFinding each in findings)
                Terminal.Print($"{each.Place}: {each.Problem}");
            if (findings.Count == 0)
                Terminal.Print($"All is well.");
        }

        return findings.Count == 0 ? (int)UpdateOutcome.Done : (int)UpdateOutcome.Failed;
    }
}
