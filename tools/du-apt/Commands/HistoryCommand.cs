using System.CommandLine;
using System.Text.Json;
using AptHandler.CommandLine.Output;
using AptHandler.Updates;

namespace AptHandler.CommandLine.Commands;

/// <summary>The updates of this device.</summary>
internal static class HistoryCommand
{
    public static Command Make()
    {
        var command = new Command("history", "List the updates of this device, newest first, with the packages that each changed.");
        command.SetAction(parsed => Failures.Guard(parsed, () =>
        {
            Configuration configuration = SharedOptions.Configuration(parsed);
            var records = new UpdateRecords(configuration.StateDir);
            if (parsed.GetValue(SharedOptions.Json))
            {
                Results.PrintJson(writer =>
                {
                    writer.WriteStartArray("updates");
                    foreach (UpdateRecord record in records.NewestFirst())
                    {
                        writer.WriteStartObject();
                        Write(writer, record);
                        writer.WriteEndObject();
                    }

                    writer.WriteEndArray();
                });
                return (int)UpdateOutcome.Done;
            }

            if (!records.NewestFirst().Any())
                Console.Out.WriteLine("No update was made by this handler.");
            foreach (UpdateRecord record in records.NewestFirst())
            {
                Console.Out.WriteLine(Line(record));
                foreach (PackageChange change in record.Packages)
                    Console.Out.WriteLine($"    {Results.Line(change)}");
                if (record.Result is { IsSuccess: false } result)
                    Console.Out.WriteLine($"    {ExtendedResult.Format(result.ExtendedResultCode)} {result.Details}");
                if (File.Exists(records.Transcript(record)))
                    Console.Out.WriteLine($"    apt's output: {records.Transcript(record)}");
            }

            return (int)UpdateOutcome.Done;
        }));
        return command;
    }

    /// <summary>An update in a line.</summary>
    public static string Line(UpdateRecord record) => FormattableString.Invariant(
        $"{record.Number}  {record.Began.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z  {record.InstalledCriteria}  {StateOf(record)}");

    /// <summary>An update as members of a JSON object.</summary>
    public static void Write(Utf8JsonWriter writer, UpdateRecord record)
    {
        writer.WriteNumber("number", record.Number);
        writer.WriteString("installedCriteria", record.InstalledCriteria);
        writer.WriteString("workflowId", record.WorkflowId);
        writer.WriteString("began", record.Began.UtcDateTime);
        writer.WriteString("changed", record.Changed.UtcDateTime);
        writer.WriteString("state", StateOf(record));
        Results.Write(writer, record.Packages);
        if (record.Result is { } result)
        {
            writer.WriteStartObject("result");
            Results.Write(writer, Results.NameOf(result.Step), result);
            writer.WriteEndObject();
        }
    }

    private static string StateOf(UpdateRecord record) => record.State.ToString().ToLowerInvariant();
}
