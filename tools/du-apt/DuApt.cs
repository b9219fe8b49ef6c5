using System.CommandLine;
using AptHandler.CommandLine.Commands.Authoring;
using AptHandler.CommandLine.Commands.Device;
using AptHandler.CommandLine.Commands.Image;
using AptHandler.CommandLine.Commands.Installation;
using AptHandler.CommandLine.Commands.Repository;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Native;
using AptHandler.Results;

namespace AptHandler.CommandLine;

/// <summary>The command line: what a person types, and what the plugin starts.</summary>
internal static class DuApt
{
    private static readonly string Description = $"""
        Brings the packages of a Debian-based device to what an apt manifest asks, as the handler of Device Update for IoT Hub does.

        {ExitStatuses.Sentence}
        {ExitStatuses.Answers}

        """;

    /// <summary>All commands, for the parser and for the manual page.</summary>
    public static RootCommand Root()
    {
        var root = new RootCommand(Description)
        {
            SharedOptions.Config,
            SharedOptions.Json,
            StepCommand.Make(UpdateStep.Plan, "Show what the update would do, with the package lists as they are; changes nothing."),
            StepCommand.Make(UpdateStep.Download, "Validate the manifest, plan, and fetch the archives; changes no package."),
            StepCommand.Make(UpdateStep.Backup, "Keep what is needed to go back: archives, configuration files, marks and holds."),
            StepCommand.Make(
                UpdateStep.Install,
                "Change the packages in one transaction, verify them, and run the health checks; undo what failed."
            ),
            StepCommand.Make(UpdateStep.Apply, "Record the update as installed."),
            RestoreCommand.Make(),
            RestoreCommand.MakeRecover(),
            StepCommand.Make(UpdateStep.IsInstalled, "Tell whether the update is recorded and every package still is as it asks."),
            DeployCommand.Make(),
            ImageCommands.MakeEnter(),
            ImageCommands.MakeDeploy(),
            CancelCommand.Make(),
            StatusCommand.Make(),
            HistoryCommand.Make(),
            StateCommand.Make(),
            DriftCommand.Make(),
            ManifestCommand.Make(),
            PackageCommand.Make(),
            RepositoryCommand.Make(),
            VersionCommand.Make(),
            ImportManifestCommand.Make(),
            RegisterCommand.Make(),
            RegisterCommand.MakeUndo(),
            DoctorCommand.Make(),
            WorkerCommand.Make(),
        };
        root.Add(ManCommand.Make(root));
        ProductVersionAction.AddTo(root);
        return root;
    }

    public static int Run(string[] arguments)
    {
        // Set the umask: with the caller's, other users might be able to write to our records.
        _ = Libc.FileModeMask(Convert.ToUInt32("022", 8));
        ParseResult parsed = Root().Parse(arguments);
        int status = parsed.Invoke(
            new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                Output = Terminal.ForParserOutput,
                Error = Terminal.ForParserErrors,
            }
        );

        // The parser's own status for a wrong word is 1, but 1 means a failed update here.
        return parsed.Errors.Count > 0 ? (int)UpdateOutcome.InvalidInput : status;
    }
}
