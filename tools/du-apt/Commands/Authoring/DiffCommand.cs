using System.CommandLine;
using System.Text.Json;
using AptHandler.Authoring.Manifests;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Manifests;
using AptHandler.Results;

namespace AptHandler.CommandLine.Commands.Authoring;

/// <summary>Shows what a manifest asks for that an earlier manifest did not.</summary>
internal static class DiffCommand
{
    public static Command Make()
    {
        var first = new Argument<string>("OLD") { Description = "A manifest." };
        var second = new Argument<string>("NEW") { Description = "The manifest that is to follow it." };
        var command = new Command(
            "diff",
            "Show what NEW asks otherwise than OLD, with versions compared by Debian's order. Ends with 0 whether or not they differ."
        )
        {
            first,
            second,
        };
        command.SetGuardedAction(parsed =>
        {
            AptManifest before = SharedOptions.ValidManifest(parsed, parsed.GetRequiredValue(first)).Reading.Manifest!;
            AptManifest after = SharedOptions.ValidManifest(parsed, parsed.GetRequiredValue(second)).Reading.Manifest!;
            IReadOnlyList<ManifestDifference> differences = ManifestDifference.Between(before, after);
            IReadOnlyList<SourceDifference> sources = SourceDifference.Between(before, after);
            if (parsed.GetValue(SharedOptions.Json))
                PrintJson(before, after, differences, sources);
            else
                Print(before, after, differences, sources);
            return (int)UpdateOutcome.Done;
        });
        return command;
    }

    private static void Print(
        AptManifest before,
        AptManifest after,
        IReadOnlyList<ManifestDifference> differences,
        IReadOnlyList<SourceDifference> sources
    )
    {
        bool isSame =
            PrintMember("manifest name", before.Name, after.Name)
            & PrintMember("manifest version", before.Version, after.Version)
            & PrintMember("agentRestartRequired", Word(before), Word(after));
        foreach (ManifestDifference each in differences)
            Terminal.Print($"{ResultOutput.Line(new PackageChange(each.Name, each.Before, each.After))}  ({Words(each)})");
        foreach (SourceDifference each in sources)
        {
            ShownText line = ResultOutput.Line(new PackageChange(NameOf(each), each.Before, each.After));
            Terminal.Print($"{line}  ({Words(each)})");
        }

        if (isSame && differences.Count == 0 && sources.Count == 0)
            Terminal.Print($"Both manifests ask for the same.");

        static string Word(AptManifest manifest) => manifest.AgentRestartRequired ? "true" : "false";

        static string NameOf(SourceDifference each) => each.Member is null ? $"source {each.Id}" : $"source {each.Id} {each.Member}";
    }

    // Returns whether the member is the same in both manifests.
    private static bool PrintMember(string name, string before, string after)
    {
        if (before == after)
            return true;
        Terminal.Print(ResultOutput.Line(new PackageChange(name, before, after)));
        return false;
    }

    private static void PrintJson(
        AptManifest before,
        AptManifest after,
        IReadOnlyList<ManifestDifference> differences,
        IReadOnlyList<SourceDifference> sources
    ) =>
        ResultOutput.PrintJson(writer =>
        {
            Write(writer, "before", before);
            Write(writer, "after", after);
            writer.Objects(
                "packages",
                differences,
                each =>
                {
                    writer.Text("name", each.Name);
                    writer.Text("change", each.Kind.ToString().ToLowerInvariant());
                    writer.Text("before", each.Before);
                    writer.Text("after", each.After);
                }
            );
            writer.Objects(
                "sources",
                sources,
                each =>
                {
                    writer.Text("id", each.Id);
                    writer.Text("change", each.Kind.ToString().ToLowerInvariant());
                    writer.Text("member", each.Member);
                    writer.Text("before", each.Before);
                    writer.Text("after", each.After);
                }
            );
        });

    private static void Write(Utf8JsonWriter writer, string member, AptManifest manifest)
    {
        writer.WriteStartObject(member);
        writer.Text("name", manifest.Name);
        writer.Text("version", manifest.Version);
        writer.WriteBoolean("agentRestartRequired", manifest.AgentRestartRequired);
        writer.WriteEndObject();
    }

    private static string Words(ManifestDifference difference) =>
        difference.Kind switch
        {
            PackageDifferenceKind.Unlisted => "no longer listed",
            PackageDifferenceKind.Removed => "now to be removed",
            _ => difference.Kind.ToString().ToLowerInvariant(),
        };

    private static string Words(SourceDifference difference) =>
        difference.Kind switch
        {
            SourceDifferenceKind.Unlisted => "no longer listed",
            SourceDifferenceKind.Removed => "now to be removed",
            _ => difference.Kind.ToString().ToLowerInvariant(),
        };
}
