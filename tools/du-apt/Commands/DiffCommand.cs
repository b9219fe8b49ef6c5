using System.CommandLine;
using System.Text.Json;
using AptHandler.Authoring;
using AptHandler.CommandLine.Output;
using AptHandler.Manifests;
using AptHandler.Updates;

namespace AptHandler.CommandLine.Commands;

/// <summary>Shows what a manifest asks otherwise than an earlier one.</summary>
internal static class DiffCommand
{
    public static Command Make()
    {
        var first = new Argument<string>("OLD") { Description = "A manifest." };
        var second = new Argument<string>("NEW") { Description = "The manifest that is to follow it." };
        var command = new Command("diff", "Show what NEW asks otherwise than OLD, package by package in Debian's order of versions. Ends with 0 whether or not they differ.") { first, second };
        command.SetAction(parsed => Failures.Guard(parsed, () =>
        {
            AptManifest before = SharedOptions.Read(parsed, parsed.GetRequiredValue(first)).Manifest;
            AptManifest after = SharedOptions.Read(parsed, parsed.GetRequiredValue(second)).Manifest;
            IReadOnlyList<ManifestDifference> differences = ManifestDifference.Between(before, after);
            if (parsed.GetValue(SharedOptions.Json))
                PrintJson(before, after, differences);
            else
                Print(before, after, differences);
            return (int)UpdateOutcome.Done;
        }));
        return command;
    }

    private static void Print(AptManifest before, AptManifest after, IReadOnlyList<ManifestDifference> differences)
    {
        PackageChange[] members =
        [
            new("manifest name", before.Name, after.Name),
            new("manifest version", before.Version, after.Version),
            new("agentRestartRequired", Word(before), Word(after)),
        ];
        string[] lines =
        [
            .. members.Where(each => each.Before != each.After).Select(each => ForeignText.Line(Results.Line(each))),
            .. differences.Select(each => $"{Results.Line(new PackageChange(each.Name, each.Before, each.After))}  ({Words(each)})"),
        ];
        Console.Out.WriteLine(lines.Length == 0 ? "Both manifests ask for the same." : string.Join('\n', lines));

        static string Word(AptManifest manifest) => manifest.AgentRestartRequired ? "true" : "false";
    }

    private static void PrintJson(AptManifest before, AptManifest after, IReadOnlyList<ManifestDifference> differences) => Results.PrintJson(writer =>
    {
        Write(writer, "before", before);
        Write(writer, "after", after);
        writer.WriteStartArray("packages");
        foreach (ManifestDifference each in differences)
        {
            writer.WriteStartObject();
            writer.WriteString("name", each.Name);
            writer.WriteString("change", each.Kind.ToString().ToLowerInvariant());
            writer.WriteString("before", each.Before);
            writer.WriteString("after", each.After);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    private static void Write(Utf8JsonWriter writer, string member, AptManifest manifest)
    {
        writer.WriteStartObject(member);
        writer.WriteString("name", manifest.Name);
        writer.WriteString("version", manifest.Version);
        writer.WriteBoolean("agentRestartRequired", manifest.AgentRestartRequired);
        writer.WriteEndObject();
    }

    private static string Words(ManifestDifference difference) => difference.Kind switch
    {
        PackageDifferenceKind.Unlisted => "no longer listed",
        PackageDifferenceKind.Removed => "now to be removed",
        _ => difference.Kind.ToString().ToLowerInvariant(),
    };
}
