using System.CommandLine;
using AptHandler.Apt;
using AptHandler.Authoring;
using AptHandler.CommandLine.Images;
using AptHandler.CommandLine.Output;
using AptHandler.Debian;
using AptHandler.Updates;
using Microsoft.Extensions.Logging.Abstractions;

namespace AptHandler.CommandLine.Commands;

/// <summary>A whole update, with the steps in the agent's order and with the agent's rules between them (agent-contract.md, 4).</summary>
internal static class DeployCommand
{
    private const string Name = "deploy";
    private const string ManifestInImage = "manifest.json";

    private static readonly Option<string?> Root = new("--root")
    {
        Description = "Do it in the mounted root file system of an image, with the image's own sources and configuration. Services are not started. Needs root.",
        HelpName = "DIR",
    };

    public static Command Make()
    {
        var manifests = new Argument<string[]>("MANIFEST") { Description = SharedOptions.ManifestDescription, Arity = ArgumentArity.OneOrMore };
        var command = new Command(Name, "Do a whole update: all steps in the agent's order. Of several manifests of one name the newest is deployed.")
        {
            manifests, SharedOptions.InstalledCriteria, SharedOptions.UnlistedRemovals, Root,
        };
        command.SetAction(parsed => Failures.Guard(parsed, () =>
        {
            ManifestFile newest = Newest([.. parsed.GetRequiredValue(manifests).Select(name => SharedOptions.ValidManifest(parsed, name))]);
            if (parsed.GetValue(Root) is not { } root)
                return Deploy(parsed, SharedOptions.Configuration(parsed), newest);
            if ((parsed.GetValue(SharedOptions.Config) ?? Configuration.FileOfEnvironment) is not null)
                throw new InputException($"cannot take a configuration from this machine into an image; write it to etc/du-apt-handler/config.json there, and leave --config and {Configuration.FileVariable} out");
            return ImageRoot.Run(root, new Dictionary<string, byte[]>(StringComparer.Ordinal) { [ManifestInImage] = newest.Bytes }, WordsInImage(parsed));
        }));
        return command;
    }

    /// <summary>What <c>--root</c> goes on with in the image.</summary>
    public static Command MakeForImage()
    {
        var command = new Command("deploy-in-image", "Go on with deploy --root in the image.") { SharedOptions.InstalledCriteria, SharedOptions.UnlistedRemovals };
        command.Hidden = true;
        command.SetAction(parsed => Failures.Guard(parsed, () =>
        {
            ImageRoot.Arrive(ManifestInImage);
            // Health checks ask what runs, and nothing does: a folder that is not there holds none.
            Configuration configuration = SharedOptions.Configuration(parsed) with { HealthDir = ImageRoot.PathOf("health.d") };
            int status = Deploy(parsed, configuration, ManifestFile.Read(ImageRoot.PathOf(ManifestInImage)));
            if (status == (int)UpdateOutcome.Done)
                ForgetArchives(configuration);
            return status;
        }, Name));
        return command;
    }

    private static int Deploy(ParseResult parsed, Configuration configuration, ManifestFile manifest)
    {
        UpdateRequest request = SharedOptions.Request(parsed, UpdateStep.Download, manifest);
        bool asJson = parsed.GetValue(SharedOptions.Json);
        using var runner = new StepRunner(configuration);
        UpdateResult result = runner.Shown(asJson, steps => Deploy(step => runner.Run(steps, request with { Step = step })));
        return Results.Print(result, asJson);
    }

    // A device begins with its image: there is no way back to what was before it, and the archives would be copied to every device.
    private static void ForgetArchives(Configuration configuration)
    {
        var records = new UpdateRecords(configuration.StateDir);
        foreach (UpdateRecord record in records.NewestFirst())
            records.Backup(record).Delete();
        new AptCommand(configuration.System, TimeSpan.FromSeconds(configuration.LockTimeoutSeconds), NullLogger.Instance).Clean(CancellationToken.None);
    }

    // Manifests are cumulative: the newest says all that those before it have said.
    private static ManifestFile Newest(IReadOnlyList<ManifestFile> manifests)
    {
        ManifestFile newest = manifests[0];
        foreach (ManifestFile each in manifests)
        {
            if (each.Reading.Manifest!.Name != newest.Reading.Manifest!.Name)
                throw new InputException($"cannot tell which of {newest.Path} and {each.Path} is the newest: they have other names; deploy them one after the other");
            if (DebianVersion.Compare(each.Reading.Manifest.Version, newest.Reading.Manifest.Version) > 0)
                newest = each;
        }

        ManifestFile? other = manifests.FirstOrDefault(each =>
            DebianVersion.Compare(each.Reading.Manifest!.Version, newest.Reading.Manifest!.Version) == 0 && !each.Bytes.AsSpan().SequenceEqual(newest.Bytes));
        return other is null
            ? newest
            : throw new InputException($"cannot tell which of {newest.Path} and {other.Path} is the newest: their versions are equal, but they are not; raise the version of the newer one");
    }

    private static List<string> WordsInImage(ParseResult parsed)
    {
        List<string> words = ["deploy-in-image"];
        if (parsed.GetValue(SharedOptions.InstalledCriteria) is { } criteria)
            words.AddRange([SharedOptions.InstalledCriteria.Name, criteria]);
        if (parsed.GetValue(SharedOptions.UnlistedRemovals) is { } removals)
            words.AddRange([SharedOptions.UnlistedRemovals.Name, removals == UnlistedRemovals.Allow ? "allow" : "refuse"]);
        if (parsed.GetValue(SharedOptions.Json))
            words.Add(SharedOptions.Json.Name);
        return words;
    }

    // The result is that of the step that decides: the one that failed, or the last one.
    private static UpdateResult Deploy(Func<UpdateStep, UpdateResult> run)
    {
        UpdateResult installed = run(UpdateStep.IsInstalled);
        if (installed.ResultCode == ResultCode.IsInstalled)
            return installed;

        UpdateResult download = run(UpdateStep.Download);
        if (!download.IsSuccess)
            return download;

        // Install keeps the way back where no Backup came before it: here that saves planning once more.
        UpdateResult install = run(UpdateStep.Install);
        UpdateResult last = install is { IsSuccess: true } and not { ResultCode: ResultCode.InstallSkippedInstalled } ? run(UpdateStep.Apply) : install;
        if (!last.IsSuccess)
            _ = run(UpdateStep.Restore);
        return last;
    }
}
