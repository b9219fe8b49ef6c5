using System.CommandLine;
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
        var command = new Command("drift", "Name each difference between what the newest installed update has made of the device and what it is now.");
        command.SetAction(parsed => Failures.Guard(parsed, () =>
        {
            Configuration configuration = SharedOptions.Configuration(parsed);
            var records = new UpdateRecords(configuration.StateDir);
            UpdateRecord? applied = records.NewestFirst().FirstOrDefault(record => record.State == UpdateState.Applied);
            AptManifest? manifest = applied is null ? null : ManifestReader.Read(records.Manifest(applied)).Manifest;
            if (applied is null || manifest is null)
                return Results.PrintMistake("drift", "no update is recorded as installed, so that nothing can have drifted; deploy one first", parsed.GetValue(SharedOptions.Json));

            IReadOnlyList<Difference> differences = Drift.Of(applied, manifest, DpkgStatus.Read(configuration.System.StatusFile));
            if (parsed.GetValue(SharedOptions.Json))
            {
                Results.PrintJson(writer =>
                {
                    writer.WriteString("installedCriteria", applied.InstalledCriteria);
                    writer.WriteBoolean("hasDrifted", differences.Count > 0);
                    writer.WriteStartArray("differences");
                    foreach (Difference each in differences)
                    {
                        writer.WriteStartObject();
                        writer.WriteString("name", each.Name);
                        writer.WriteString("desired", each.Desired);
                        writer.WriteString("actual", each.Actual);
                        writer.WriteString("reason", each.Reason);
                        writer.WriteEndObject();
                    }

                    writer.WriteEndArray();
                });
            }
            else
            {
                foreach (Difference each in differences)
                    Console.Out.WriteLine($"{each.Name,-30} {each.Actual ?? "not installed"}, and {each.Reason} wants {each.Desired ?? "it gone"}");
                Console.Out.WriteLine(differences.Count == 0 ? $"Nothing has drifted from {ForeignText.Line(applied.InstalledCriteria)}." : $"Drifted from {ForeignText.Line(applied.InstalledCriteria)}.");
            }

            return differences.Count == 0 ? (int)UpdateOutcome.Done : HasDrifted;
        }));
        return command;
    }
}
