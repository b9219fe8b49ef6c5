using System.CommandLine;
using AptHandler.Authoring;
using AptHandler.Authoring.Repositories;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Manifests;
using AptHandler.Results;

namespace AptHandler.CommandLine.Commands.Repository;

/// <summary>Repositories of versioned snapshots, and of channels that point to a snapshot.</summary>
internal static class RepositoryCommand
{
    /// <summary>The folder of the store, for all commands except those that take it as an argument.</summary>
    public static readonly Option<string> StoreFolder = new("--store")
    {
        Description = "The folder of the repository.",
        HelpName = "DIR",
        Required = true,
    };

    public static readonly Option<string> Channel = new("--channel")
    {
        Description = "The channel, such as dev, test or prod.",
        HelpName = "NAME",
        Required = true,
    };

    public static readonly Option<string?> Url = new("--url")
    {
        Description = "The address at which the folder public of the repository is served.",
        HelpName = "URL",
    };

    private static readonly Option<string?> GpgKey = new("--gpg-key")
    {
        Description = "Sign with this secret key of gpg's.",
        HelpName = "KEY",
    };

    private static readonly Option<bool> NewKey = new("--new-key")
    {
        Description = "Make a key that belongs to the repository (the default).",
    };

    public static Command Make() =>
        new("repository", "Publish exact sets of packages as signed snapshots that never change, and move channels between them.")
        {
            MakeInit(),
            RepositoryCreateCommand.Make(),
            RepositoryChannelCommands.MakePromote(),
            RepositoryChannelCommands.MakeRollback(),
            RepositoryViewCommands.MakeList(),
            RepositoryViewCommands.MakeShow(),
            RepositoryViewCommands.MakeDiff(),
            RepositoryCareCommands.MakeVerify(),
            RepositoryCareCommands.MakeDrop(),
            RepositoryCareCommands.MakeServe(),
        };

    public static Argument<string> Id() => new("ID") { Description = "A snapshot." };

    public static Argument<string> Folder() => new("DIR") { Description = "The folder of the repository." };

    /// <summary>The value of <see cref="Url"/>.</summary>
    /// <exception cref="InputException">apt could not use it.</exception>
    public static string? CheckedUrl(ParseResult parsed)
    {
        string? url = parsed.GetValue(Url);
        return url is not null && SourceRules.CheckUri(url) is { } objection
            ? throw new InputException($"cannot use {Url.Name}: {objection.Message}")
            : url;
    }

    /// <summary>How long to wait for others who use the store.</summary>
    public static TimeSpan Patience(ParseResult parsed) => TimeSpan.FromSeconds(SharedOptions.Configuration(parsed).LockTimeoutSeconds);

    /// <summary>Opens the store for a change, and first finishes or undoes interrupted work there.</summary>
    public static Store Change(ParseResult parsed, Interruption interruption, bool onlySnapshots = false)
    {
        var store = Store.Lock(parsed.GetRequiredValue(StoreFolder), isToBeChanged: true, Patience(parsed), interruption.Token);
        try
        {
            Unfinished.Settle(store, onlySnapshots);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    private static Command MakeInit()
    {
        Argument<string> folder = Folder();
        var command = new Command("init", "Make a repository for snapshots in a folder, which is made.") { folder, GpgKey, NewKey };
        command.SetGuardedAction(parsed =>
        {
            string? key = parsed.GetValue(GpgKey);
            if (key is not null && parsed.GetValue(NewKey))
                throw new InputException($"cannot take a key and make one; choose {GpgKey.Name} or {NewKey.Name}");
            using var interruption = new Interruption();
            string location = parsed.GetRequiredValue(folder);
            StoreRecord? made = StoreCreation.Make(location, key, Patience(parsed), interruption.Token);
            using var store = Store.Open(location);
            if (parsed.GetValue(SharedOptions.Json))
            {
                ResultOutput.PrintJson(writer =>
                {
                    writer.WriteBoolean("isNew", made is not null);
                    writer.Text("store", store.Location);
                    writer.Text("public", store.PublicFolder);
                    writer.Text("key", store.Record.Key);
                });
            }
            else
            {
                if (made is not null)
                    Terminal.Print($"{store.Location} is ready: serve {store.PublicFolder}, and nothing else in it.");
                else if (key is null)
                    Terminal.Print($"{store.Location} is a repository already.");
                else
                    Terminal.Print($"{store.Location} is a repository already; its key was written there anew.");
                Terminal.Print($"Everything is signed with {store.Record.Key}; devices get {store.KeyFile}.");
            }

            if (key is not null && new SigningKey(store).Expiry is { } expiry)
                Terminal.Error(
                    $"warning: the key {store.Record.Key} expires on {expiry:yyyy-MM-dd}, and devices take nothing more "
                        + $"then; give it more time before, and run the same again"
                );

            return (int)UpdateOutcome.Done;
        });
        return command;
    }
}
