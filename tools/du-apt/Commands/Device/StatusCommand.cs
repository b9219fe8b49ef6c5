using System.CommandLine;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Manifests;
using AptHandler.Planning;
using AptHandler.Records;
using AptHandler.Results;
using AptHandler.Settings;
using AptHandler.Updates;

namespace AptHandler.CommandLine.Commands.Device;

/// <summary>Shows what runs now, and the newest update of the device.</summary>
internal static class StatusCommand
{
    public static Command Make()
    {
        var command = new Command("status", "Show what is running, and how the newest update stands.");
        command.SetGuardedAction(parsed =>
        {
            Configuration configuration = SharedOptions.Configuration(parsed);
            var records = new UpdateRecords(configuration.StateDir);
            var running = RunningUpdate.Find(configuration, records);
            UpdateProgress? progress = running is { Program: null } ? new ProgressFile(configuration.RunDir).Read() : null;
            UpdateRecord? newest = records.Current();
            InstalledAnswer? answer = newest is null ? null : InstalledCheck.Ask(configuration, newest);
            string? reboot = RebootRequired.Reason(configuration.System);
            if (parsed.GetValue(SharedOptions.Json))
            {
                ResultOutput.PrintJson(writer =>
                {
                    writer.WriteBoolean("isRunning", running is not null);
                    if (progress is not null)
                    {
                        writer.Text("step", ResultOutput.NameOf(progress.Step));
                        writer.WriteNumber("percent", progress.Percent);
                        writer.Text("text", progress.Text);
                    }

                    if (reboot is not null)
                        writer.Text("rebootRequired", reboot);
                    if (newest is not null)
                    {
                        writer.WriteBoolean("isInstalled", answer!.Value.IsInstalled);
                        writer.Text("reason", answer.Value.Reason);
                        DriftCommand.Write(writer, answer.Value.Superseded);
                        writer.WriteStartObject("update");
                        HistoryCommand.Write(writer, newest);
                        writer.WriteEndObject();
                    }
                });
                return (int)UpdateOutcome.Done;
            }

            string doing = progress is null ? "" : $": {progress.Step}, {progress.Text}";
            string now = running switch
            {
                null => "No update is running.",
                { Program: { } program } => $"{program} (process {running.Process}) of an update is running; the worker was killed.",
                _ => $"An update is running (process {running.Process}){doing}.",
            };
            Terminal.Print($"{now}");
            if (newest is null)
            {
                Terminal.Print($"No update was made by this handler.");
            }
            else
            {
                Terminal.Print($"Newest update: {HistoryCommand.Line(newest)}");
                if (!newest.IsAtRest && running is null)
                {
                    Terminal.Print($"It was cut off. The next step finishes or undoes it, and so does du-apt recover.");
                    if (!Environment.IsPrivilegedProcess)
                        Terminal.Print($"Only root can see whether apt-get or dpkg still work for it: sudo du-apt status");
                }

                if (newest is { State: UpdateState.Installed })
                    Terminal.Print($"It is installed, but not recorded yet: the agent does that next, or deploy it again.");
                if (newest.Result is { IsSuccess: false } failure)
                    Terminal.Print($"It ended with {ExtendedResult.Format(failure.ExtendedResultCode)}: {failure.Details}");
                if (newest is { State: UpdateState.Failed, HasChangedMachine: true })
                    Terminal.Print($"Its packages stay as the failure left them. du-apt restore tries to bring the old ones back.");
                if (records.NewestFirst().FirstOrDefault(record => record.State == UpdateState.Applied) is { } applied)
                {
                    foreach (UpdateRecord step in new Deployment(records, applied.WorkflowId).Steps(applied))
                        PrintInstalled(configuration, step, step == applied);
                }
            }

            if (reboot is not null)
                Terminal.Print($"{char.ToUpperInvariant(reboot[0])}{reboot[1..]}.");
            return (int)UpdateOutcome.Done;
        });
        return command;
    }

    private static void PrintInstalled(Configuration configuration, UpdateRecord step, bool isNewest)
    {
        InstalledAnswer intact = InstalledCheck.Ask(configuration, step);
        Terminal.Print($"{(isNewest ? "Installed is" : "Another step of its deployment")}: {HistoryCommand.Line(step)}");
        foreach (Superseded each in intact.Superseded)
            Terminal.Print($"{DriftCommand.Line(each)}.");
        string rest = intact.Superseded.Count > 0 ? "All else is" : "Its packages are";
        Terminal.Print($"{(intact.IsInstalled ? $"{rest} as its manifest asks" : $"But {intact.Reason}")}.");
    }
}
