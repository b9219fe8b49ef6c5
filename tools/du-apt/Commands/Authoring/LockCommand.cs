using System.CommandLine;
using AptHandler.Authoring.Desks;
using AptHandler.Authoring.Manifests;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Manifests;
using AptHandler.Planning;

namespace AptHandler.CommandLine.Commands.Authoring;

/// <summary>Writes a manifest with every version, dependencies included.</summary>
internal static class LockCommand
{
    public static Command Make()
    {
        Argument<string> file = SharedOptions.Manifest();
        var command = new Command(
            "lock",
            "Write the manifest with an exact version for every package that it names or changes, and for all that they depend "
                + "on, in an order in which they can be installed."
        )
        {
            file,
            ManifestOutput.File,
        };
        DeskOptions.AddTo(command);
        command.SetGuardedAction(parsed =>
        {
            AptManifest manifest = SharedOptions.ValidManifest(parsed, parsed.GetRequiredValue(file)).Reading.Manifest!;
            using var interruption = new Interruption();
            using Desk desk = DeskOptions.Open(parsed, interruption.Token);
            UpdatePlan plan = desk.Plan(manifest, null, interruption.Token);
            if (plan.Warning.Length > 0)
                Terminal.Error($"warning: {plan.Warning}");
            IReadOnlyList<ManifestEntry> entries = ManifestLock.Of(manifest, plan, desk);
            return ManifestOutput.Write(
                parsed,
                ManifestText.FileOf(manifest.Name, manifest.Version, entries, manifest.AgentRestartRequired, manifest.Sources)
            );
        });
        return command;
    }
}
