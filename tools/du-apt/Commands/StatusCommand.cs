using System.CommandLine;
using AptHandler.CommandLine.Output;
using AptHandler.Manifests;
using AptHandler.Updates;

namespace AptHandler.CommandLine.Commands;

/// <summary>Where the device stands: what runs, and what the newest update is.</summary>
internal static class StatusCommand
{
    public static Command Make()
    {
        var command = new Command("status", "Show what is running, and how the newest update stands.");
        command.SetAction(parsed => Failures.Guard(parsed, () =>
        {
            Configuration configuration = SharedOptions.Configuration(parsed);
            int? holder = WorkerLock.Holder(configuration.RunDir);
            UpdateProgress? progress = holder is null ? null : new ProgressFile(configuration.RunDir).Read();
            var records = new UpdateRecords(configuration.StateDir);
            UpdateRecord? newest = records.NewestFirst().FirstOrDefault();
            InstalledAnswer? answer = newest is null ? null : InstalledCheck.Ask(configuration, newest.InstalledCriteria);
            string? reboot = RebootRequired.Reason(configuration.System);
            if (parsed.GetValue(SharedOptions.Json))
            {
                Results.PrintJson(writer =>
                {
                    writer.WriteBoolean("isRunning", holder is not null);
                    if (progress is not null)
                    {
                        writer.Text("step", Results.NameOf(progress.Step));
                        writer.WriteNumber("percent", progress.Percent);
                        writer.Text("text", progress.Text);
                    }

                    if (reboot is not null)
                        writer.Text("rebootRequired", reboot);
                    if (newest is not null)
                    {
                        writer.WriteBoolean("isInstalled", answer!.Value.IsInstalled);
                        writer.Text("reason", answer.Value.Reason);
                        writer.WriteStartObject("update");
                        HistoryCommand.Write(writer, newest);
                        writer.WriteEndObject();
                    }
                });
                return (int)UpdateOutcome.Done;
            }

            Console.Out.WriteLine(holder is null ? "No update is running." : $"An update is running (process {holder}){(progress is null ? "" : $": {progress.Step}, {ForeignText.Line(progress.Text)}")}.");
            if (newest is null)
            {
                Console.Out.WriteLine("No update was made by this handler.");
            }
            else
            {
                Console.Out.WriteLine($"Newest update: {HistoryCommand.Line(newest)}");
                if (!newest.IsAtRest && holder is null)
                    Console.Out.WriteLine("It was cut off. The next step finishes or undoes it, and so does du-apt recover.");
                if (newest.Result is { IsSuccess: false } failure)
                    Console.Out.WriteLine($"It ended with {ExtendedResult.Format(failure.ExtendedResultCode)}: {ForeignText.Line(failure.Details)}");
                if (newest is { State: UpdateState.Failed, HasChangedMachine: true })
                    Console.Out.WriteLine("Its packages stay as the failure left them. du-apt restore tries to bring the old ones back.");
                UpdateRecord? applied = records.NewestFirst().FirstOrDefault(record => record.State == UpdateState.Applied);
                if (applied is not null)
                {
                    InstalledAnswer intact = InstalledCheck.Ask(configuration, applied.InstalledCriteria);
                    Console.Out.WriteLine($"Installed is: {HistoryCommand.Line(applied)}");
                    Console.Out.WriteLine(intact.IsInstalled ? "Its packages are as its manifest asks." : $"But {intact.Reason}.");
                }
            }

            if (reboot is not null)
                Console.Out.WriteLine($"{char.ToUpperInvariant(reboot[0])}{ForeignText.Line(reboot[1..])}.");
            return (int)UpdateOutcome.Done;
        }));
        return command;
    }
}
