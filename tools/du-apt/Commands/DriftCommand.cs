using System.CommandLine;
using AptHandler.Apt;
using AptHandler.CommandLine.Output;
using AptHandler.Debian;
using AptHandler.DesiredState;
using AptHandler.Manifests;
using AptHandler.Updates;

namespace AptHandler.CommandLine.Commands;

/// <summary>What is not as the newest update has left it.</summary>
internal static class DriftCommand
{
    /// <summary>The exit status where there is a difference.</summary>
    public const int HasDrifted = 5;

    public static Command Make()
    {
        var command = new Command("drift", "Name each difference between what the newest installed update has made of the packages and sources and what they are now.");
        command.SetAction(parsed => Failures.Guard(parsed, () =>
        {
            Configuration configuration = SharedOptions.Configuration(parsed);
            bool asJson = parsed.GetValue(SharedOptions.Json);
            var records = new UpdateRecords(configuration.StateDir);
            UpdateRecord? applied = records.NewestFirst().FirstOrDefault(record => record.State == UpdateState.Applied);
            if (records.Damaged() is { } damaged && damaged > (applied?.Number ?? 0))
                return Unknown(damaged, asJson);
            if (applied is null)
                return Results.PrintMistake("drift", "no update is recorded as installed, so nothing can have drifted; deploy one first", asJson);
            if (ManifestReader.Read(records.Manifest(applied)).Manifest is not { } manifest)
                return Unknown(applied.Number, asJson);

            AptSystem device = configuration.System;
            IReadOnlyList<Difference> differences = Drift.Of(records, applied, manifest, device.ReadStatus(), device);
            if (asJson)
            {
                PrintJson(applied, differences);
            }
            else
            {
                foreach (Difference each in differences)
                    Console.Out.WriteLine(ForeignText.Line(Line(each)));
                string remedy = differences.Any(each => each.IsOfManifest)
                    ? "deploy it again to mend what the manifest wants"
                    : "to deploy it again mends nothing of that, because its manifest does not pin it; du-apt manifest lock writes one that does";
                Console.Out.WriteLine(ForeignText.Line(differences.Count == 0 ? $"Nothing has drifted from {applied.InstalledCriteria}." : $"Drifted from {applied.InstalledCriteria}; {remedy}."));
            }

            return differences.Count == 0 ? (int)UpdateOutcome.Done : HasDrifted;
        }));
        return command;
    }

    private static int Unknown(int number, bool asJson) =>
        Results.PrintMistake("drift", FormattableString.Invariant($"the record of update {number} is damaged, so nobody knows what it asked for; deploy it again"), asJson);

    private static string Line(Difference difference)
    {
        string what = difference.Kind == "source" ? $"source {difference.Name}" : difference.Name;
        string wish = difference.Desired is null ? "it gone" : difference.Desired == "any" ? "it installed" : difference.Desired == "present" ? "it as it was written" : difference.Desired;
        return $"{what,-30} is {difference.Actual ?? "not there"}; the {difference.WantedBy} {(difference.IsOfManifest ? "wants" : "left")} {wish}";
    }

    private static void PrintJson(UpdateRecord applied, IReadOnlyList<Difference> differences) => Results.PrintJson(writer =>
    {
        writer.Text("installedCriteria", applied.InstalledCriteria);
        writer.WriteBoolean("hasDrifted", differences.Count > 0);
        writer.Objects("differences", differences, each =>
        {
            writer.Text("kind", each.Kind);
            writer.Text("name", each.Name);
            writer.Text("desired", each.Desired);
            writer.Text("actual", each.Actual);
            writer.Text("wantedBy", each.WantedBy);
        });
    });
}
