using System.CommandLine;
using System.Text.Json;
using AptHandler.CommandLine.Output;
using AptHandler.Updates;

namespace AptHandler.CommandLine.Commands;

/// <summary>What an update would do, from the indexes that are there. Changes nothing and needs no rights.</summary>
internal static class PlanCommand
{
    public static Command Make()
    {
        Argument<string> manifest = SharedOptions.Manifest();
        var command = new Command("plan", "Show what the update would do, with the package lists as they are; changes nothing.")
        {
            manifest, SharedOptions.InstalledCriteria, SharedOptions.UnlistedRemovals,
        };
        command.SetAction(parsed => Failures.Guard(parsed, UpdateStep.Download, () =>
        {
            Configuration configuration = SharedOptions.Configuration(parsed);
            UpdateRequest request = SharedOptions.Request(parsed, UpdateStep.Download, manifest);
            using var runner = new StepRunner(configuration);
            UpdatePlan plan = runner.Quietly().Plan(request, runner.Cancellation);
            if (parsed.GetValue(SharedOptions.Json))
                Results.PrintJson(writer => Write(writer, plan));
            else
                Print(plan);
            return (int)UpdateOutcome.Done;
        }));
        return command;
    }

    private static void Write(Utf8JsonWriter writer, UpdatePlan plan)
    {
        Results.Write(writer, plan.Changes);
        writer.WriteStartArray("forcedPins");
        foreach (ForcedPin pin in plan.ForcedPins)
        {
            writer.WriteStartObject();
            writer.WriteString("name", pin.Name);
            writer.WriteString("version", pin.Version);
            writer.WriteString("by", pin.By);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Print(UpdatePlan plan)
    {
        if (plan.IsEmpty)
            Console.Out.WriteLine("nothing to do: every package is as the manifest asks");
        foreach (string package in plan.Unfinished)
            Console.Out.WriteLine($"to be configured, which an earlier run has not done: {package}");
        foreach (PackageChange change in plan.Changes)
            Console.Out.WriteLine(Results.Line(change));
        foreach (ForcedPin pin in plan.ForcedPins)
            Console.Out.WriteLine($"pinned because {pin.By} depends on exactly this: {pin.Name} {pin.Version}");
    }
}
