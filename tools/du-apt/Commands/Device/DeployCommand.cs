using System.CommandLine;
using AptHandler.Authoring;
using AptHandler.Authoring.Manifests;
using AptHandler.CommandLine.Commands.Image;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Debian;
using AptHandler.Requests;
using AptHandler.Results;
using AptHandler.Settings;

namespace AptHandler.CommandLine.Commands.Device;

/// <summary><c>deploy</c>: a whole update, on this device or in an image.</summary>
internal static class DeployCommand
{
    private static readonly Option<string?> Root = new("--root")
    {
        Description =
            "Do it in the mounted root file system of an image, with the image's own sources and configuration. Services are not "
            + "started. Needs root.",
        HelpName = "DIR",
    };

    public static Command Make()
    {
        var manifests = new Argument<string[]>("MANIFEST")
        {
            Description = SharedOptions.ManifestDescription,
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command(
            "deploy",
            "Do a whole update: all steps in the agent's order. Of several manifests of one name the newest is deployed."
        )
        {
            manifests,
            SharedOptions.InstalledCriteria,
            SharedOptions.UnlistedRemovals,
            Root,
        };
        command.SetGuardedAction(parsed =>
        {
            ManifestFile newest = Newest([.. parsed.GetRequiredValue(manifests).Select(name => SharedOptions.ValidManifest(parsed, name))]);
            if (parsed.GetValue(Root) is not { } root)
                return Deploy(parsed, SharedOptions.Configuration(parsed), newest);
            if ((parsed.GetValue(SharedOptions.Config) ?? Configuration.FileOfEnvironment) is not null)
            {
                throw new InputException(
                    "cannot take a configuration from this machine into an image; write it to "
                        + "etc/du-apt-handler/config.json there, "
                        + $"and leave --config and {Configuration.FileVariable} out"
                );
            }

            return ImageCommands.Deploy(parsed, root, newest);
        });
        return command;
    }

    private static int Deploy(ParseResult parsed, Configuration configuration, ManifestFile manifest)
    {
        UpdateRequest request = SharedOptions.Request(parsed, UpdateStep.Download, manifest);
        bool asJson = parsed.GetValue(SharedOptions.Json);
        using var runner = new StepRunner(configuration);
        UpdateResult result = runner.Shown(asJson, steps => WholeUpdate.Run(step => runner.Run(steps, request with { Step = step })));
        return ResultOutput.Print(result, asJson);
    }

    // Manifests are cumulative: the newest one contains everything that the earlier ones asked for.
    private static ManifestFile Newest(IReadOnlyList<ManifestFile> manifests)
    {
        ManifestFile newest = manifests[0];
        foreach (ManifestFile each in manifests)
        {
            if (each.Reading.Manifest!.Name != newest.Reading.Manifest!.Name)
                throw new InputException(
                    $"cannot tell which of {newest.Path} and {each.Path} is the newest: they have other names; deploy them one "
                        + "after the other"
                );
            if (DebianVersion.Compare(each.Reading.Manifest.Version, newest.Reading.Manifest.Version) > 0)
                newest = each;
        }

        ManifestFile? other = manifests.FirstOrDefault(each =>
            DebianVersion.Compare(each.Reading.Manifest!.Version, newest.Reading.Manifest!.Version) == 0
            && !each.Bytes.AsSpan().SequenceEqual(newest.Bytes)
        );
        return other is null
            ? newest
            : throw new InputException(
                $"cannot tell which of {newest.Path} and {other.Path} is the newest: their versions are equal, but they are not; "
                    + "raise the version of the newer one"
            );
    }
}
