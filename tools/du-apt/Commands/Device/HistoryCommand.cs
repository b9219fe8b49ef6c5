using System.CommandLine;
using System.Text.Json;
using AptHandler.Apt;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Manifests;
using AptHandler.Records;
using AptHandler.Results;
using AptHandler.Settings;

namespace AptHandler.CommandLine.Commands.Device;

/// <summary>The updates of this device.</summary>
internal static class HistoryCommand
{
    // How many updates the message names when there is no update with the number that was asked for.
    private const int Named = 5;

    public static Command Make()
    {
        var show = new Option<string?>("--show")
        {
            Description =
                "Show all of one update, with what apt printed. ID is its number, the agent's id of the deployment, or the "
                + "installed criteria: the newest that fits.",
            HelpName = "ID",
        };
        var command = new Command("history", "List the updates of this device, newest first, with the packages that each changed.")
        {
            show,
        };
        command.SetGuardedAction(parsed =>
        {
            Configuration configuration = SharedOptions.Configuration(parsed);
            var records = new UpdateRecords(configuration.StateDir);
            bool asJson = parsed.GetValue(SharedOptions.Json);
            return parsed.GetValue(show) is { } id ? Show(records, id, asJson) : List(records, asJson);
        });
        return command;
    }

    /// <summary>An update in a line.</summary>
    public static string Line(UpdateRecord record) =>
        $"{record.Number}  {Time(record.Began)}  {record.InstalledCriteria}  {StateOf(record)}";

    /// <summary>An update as members of a JSON object.</summary>
    public static void Write(Utf8JsonWriter writer, UpdateRecord record)
    {
        writer.Number("number", record.Number);
        writer.Text("installedCriteria", record.InstalledCriteria);
        writer.Text("workflowId", record.WorkflowId);
        writer.WriteString("began", record.Began.UtcDateTime);
        writer.WriteString("changed", record.Changed.UtcDateTime);
        writer.Text("state", StateOf(record));
        ResultOutput.Write(writer, record.Packages);
        if (record.Warning.Length > 0)
            writer.Text("warning", record.Warning);
        if (record.Result is { } result)
        {
            writer.WriteStartObject("result");
            ResultOutput.Write(writer, ResultOutput.NameOf(result.Step), result);
            writer.WriteEndObject();
        }
    }

    private static int List(UpdateRecords records, bool asJson)
    {
        if (asJson)
        {
            ResultOutput.PrintJson(writer =>
            {
                writer.Objects("updates", records.NewestFirst(), record => Write(writer, record));
            });
            return (int)UpdateOutcome.Done;
        }

        if (!records.NewestFirst().Any())
            Terminal.Print($"No update was made by this handler.");
        foreach (UpdateRecord record in records.NewestFirst())
        {
            Terminal.Print($"{Line(record)}");
            foreach (PackageChange change in record.Packages)
                Terminal.Print($"    {ResultOutput.Line(change)}");
            if (record.Warning.Length > 0)
                Terminal.Print($"    warning: {record.Warning}");
            if (record.Result is { IsSuccess: false } result)
                Terminal.Print($"    {ExtendedResult.Format(result.ExtendedResultCode)} {result.Details}");
            if (File.Exists(records.Transcript(record)))
                Terminal.Print($"    apt's output: {records.Transcript(record)}");
        }

        return (int)UpdateOutcome.Done;
    }

    private static int Show(UpdateRecords records, string id, bool asJson)
    {
        if (records.Find(id) is not { } record)
            return ResultOutput.PrintMistake(
                "history",
                $"there is no update \"{id}\"; {WhatThereIs([.. records.NewestFirst()], records.Damaged())}",
                asJson
            );
        string? output = Transcript.Read(records.Transcript(record));
        if (asJson)
        {
            ResultOutput.PrintJson(writer =>
            {
                Write(writer, record);
                writer.Text("output", output);
            });
            return (int)UpdateOutcome.Done;
        }

        Terminal.Print(
            $"""
            Update {record.Number}: {StateOf(record)}
              criteria  {record.InstalledCriteria}
              workflow  {(record.WorkflowId is { Length: > 0 } workflow ? workflow : "none, made by hand")}
              began     {Time(record.Began)}
              changed   {Time(record.Changed)}
            """
        );
        foreach (PackageChange change in record.Packages)
            Terminal.Print($"  package   {ResultOutput.Line(change)}");
        if (record.Warning.Length > 0)
            Terminal.Print($"  warning   {record.Warning}");
        if (record.Result is { } result)
        {
            Terminal.Print($"  result    {ResultOutput.Line(result)}");
            if (
                ExtendedResult.All.FirstOrDefault(known => known.Code == result.ExtendedResultCode) is { } cause
                && !result.Details.Contains(cause.Remedy, StringComparison.Ordinal)
            )
                Terminal.Print($"  remedy    {cause.Remedy}");
        }

        if (output is null)
            Terminal.Print($"There is no output of apt: it was not started to change packages.");
        else
            Terminal.Print($"apt's output, from {records.Transcript(record)}:\n\n{ShownText.Passage(output.TrimEnd('\n'))}");
        return (int)UpdateOutcome.Done;
    }

    private static string WhatThereIs(List<UpdateRecord> newestFirst, int? damaged)
    {
        string newest = string.Join(", ", newestFirst.Take(Named).Select(record => $"{record.Number} ({record.InstalledCriteria})"));
        string records = newestFirst.Count switch
        {
            0 => "no update was made by this handler",
            <= Named => $"there is {newest}",
            _ => $"the newest of {newestFirst.Count} are {newest}; du-apt history lists all",
        };
        return damaged is null ? records : $"{records}; the record of update {damaged} is damaged";
    }

    private static string Time(DateTimeOffset time) => $"{time.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z";

    private static string StateOf(UpdateRecord record) => record.State.ToString().ToLowerInvariant();
}
