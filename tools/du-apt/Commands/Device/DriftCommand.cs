using System.CommandLine;
using System.Text.Json;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Manifests;
using AptHandler.Planning;
using AptHandler.Records;
using AptHandler.Results;
using AptHandler.Settings;

namespace AptHandler.CommandLine.Commands.Device;

/// <summary>Shows what has changed on the device since the newest update.</summary>
internal static class DriftCommand
{
    /// <summary>The exit status where there is a difference.</summary>
    public const int HasDrifted = 5;

    public static Command Make()
    {
        var command = new Command(
            "drift",
            "Name each difference between what the newest installed update, with the steps of its deployment, has made of the "
                + "packages and sources and what they are now."
        );
        command.SetGuardedAction(parsed =>
        {
            Configuration configuration = SharedOptions.Configuration(parsed);
            bool asJson = parsed.GetValue(SharedOptions.Json);
            var records = new UpdateRecords(configuration.StateDir);
            UpdateRecord? installed = records
                .NewestFirst()
                .FirstOrDefault(record => record.State is UpdateState.Applied or UpdateState.Installed);
            if (records.Damaged() is { } damaged && damaged > (installed?.Number ?? 0))
                return Unknown(damaged, asJson);
            if (installed is null)
                return ResultOutput.PrintMistake(
                    "drift",
                    "no update is recorded as installed, so nothing can have drifted; deploy one first",
                    asJson
                );
            var drift = Drift.Of(records, installed, configuration.System);
            if (drift.Damaged is { } unreadable)
                return Unknown(unreadable, asJson);

            IReadOnlyList<Difference> differences = drift.Differences;
            if (asJson)
            {
                PrintJson(installed, drift);
            }
            else
            {
                foreach (Superseded each in drift.Superseded)
                    Terminal.Print($"{Line(each)}");
                foreach (Difference each in differences)
                    Terminal.Print($"{Line(each)}");
                string remedy = differences.Any(each => each.IsOfManifest)
                    ? "deploy it again to mend what the manifest wants"
                    : "to deploy it again mends nothing of that, because its manifest does not pin it; du-apt manifest lock "
                        + "writes one that does";
                if (differences.Count == 0)
                    Terminal.Print($"Nothing has drifted from {installed.InstalledCriteria}.");
                else
                    Terminal.Print($"Drifted from {installed.InstalledCriteria}; {remedy}.");
            }

            return differences.Count == 0 ? (int)UpdateOutcome.Done : HasDrifted;
        });
        return command;
    }

    private static int Unknown(int number, bool asJson) =>
        ResultOutput.PrintMistake(
            "drift",
            $"the record of update {number} is damaged, so nobody knows what it asked for; deploy it again",
            asJson
        );

    private static string Line(Difference difference)
    {
        string what = difference.Kind == "source" ? $"source {difference.Name}" : difference.Name;
        string wish =
            difference.Desired is null ? "it gone"
            : difference.Desired == "any" ? "it installed"
            : difference.Desired == "present" ? "it as it was written"
            : difference.Desired;
        return $"{what, -30} is {difference.Actual ?? "not there"}; the {difference.WantedBy} "
            + $"{(difference.IsOfManifest ? "wants" : "left")} {wish}";
    }

    /// <summary>One line about what a later step of the deployment has changed.</summary>
    public static string Line(Superseded each) =>
        $"{each.Name} is {each.Actual ?? "not there"} because of update {each.By}, a later step of the same deployment; an "
        + $"earlier step asks for {each.Desired ?? "its removal"}";

    /// <summary>The same as members of JSON objects.</summary>
    public static void Write(Utf8JsonWriter writer, IReadOnlyList<Superseded> superseded) =>
        writer.Objects(
            "superseded",
            superseded,
            each =>
            {
                writer.Text("name", each.Name);
                writer.Text("desired", each.Desired);
                writer.Text("actual", each.Actual);
                writer.Number("by", each.By);
            }
        );

    private static void PrintJson(UpdateRecord installed, Drift drift) =>
        ResultOutput.PrintJson(writer =>
        {
            writer.Text("installedCriteria", installed.InstalledCriteria);
            writer.WriteBoolean("hasDrifted", drift.Differences.Count > 0);
            Write(writer, drift.Superseded);
            writer.Objects(
                "differences",
                drift.Differences,
                each =>
                {
                    writer.Text("kind", each.Kind);
                    writer.Text("name", each.Name);
                    writer.Text("desired", each.Desired);
                    writer.Text("actual", each.Actual);
                    writer.Text("wantedBy", each.WantedBy);
                }
            );
        });
}
