using System.CommandLine;
using AptHandler.Apt;
using AptHandler.Authoring;
using AptHandler.Authoring.Manifests;
using AptHandler.CommandLine.Images;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Records;
using AptHandler.Requests;
using AptHandler.Results;
using AptHandler.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace AptHandler.CommandLine.Commands.Image;

/// <summary>
/// <c>deploy --root</c>: runs the same steps in the image, as three programs in a row. Only the program that fetches has the network of
/// this machine. It runs no script of a package, because the first program has already finished or undone an interrupted update.
/// </summary>
internal static class ImageCommands
{
    private const string DeployInImage = "deploy-in-image";

    // These programs use this status only among themselves. It is not an exit status of any command.
    private const int GoOn = 100;

    private enum Part
    {
        Check,
        Fetch,
        Change,
    }

    private static readonly Argument<Part> PartToDo = new("PART") { DefaultValueFactory = _ => Part.Check };

    private static readonly Option<bool> Network = new(ImageRoot.NetworkOption);

    /// <summary>Deploys a manifest in an image.</summary>
    /// <returns>The exit status.</returns>
    /// <exception cref="InputException">The image cannot be entered.</exception>
    /// <exception cref="UpdateException">Another process is using the image.</exception>
    public static int Deploy(ParseResult parsed, string root, ManifestFile manifest)
    {
        using var image = ImageRoot.Open(root);
        foreach (Part part in Enum.GetValues<Part>())
        {
            int status = image.Run(
                manifest.Bytes,
                hasNetwork: part == Part.Fetch,
                parsed.GetValue(SharedOptions.Json),
                WordsInImage(parsed, part)
            );
            if (status != GoOn)
                return status;
        }

        return (int)UpdateOutcome.Failed;
    }

    /// <summary>The command that enters the image.</summary>
    public static Command MakeEnter()
    {
        var words = new Argument<string[]>("WORDS");
        var command = new Command(ImageRoot.EnterCommand, "Go into the image that deploy --root has opened.") { Network, words };
        command.Hidden = true;
        command.SetGuardedAction(
            parsed =>
            {
                byte[] manifest = File.ReadAllBytes("/proc/self/fd/0");
                Confinement.Enter(manifest, parsed.GetValue(Network), parsed.GetRequiredValue(words));
                return (int)UpdateOutcome.Failed;
            },
            "deploy"
        );
        return command;
    }

    /// <summary>The command that runs in the image.</summary>
    public static Command MakeDeploy()
    {
        var command = new Command(DeployInImage, "Go on with deploy --root in the image.")
        {
            PartToDo,
            SharedOptions.InstalledCriteria,
            SharedOptions.UnlistedRemovals,
        };
        command.Hidden = true;
        command.SetGuardedAction(
            parsed =>
            {
                ImageRoot.Arrive();

                // Health checks examine running services, and none runs in an image. A folder that does not exist holds no checks.
                Configuration configuration = SharedOptions.Configuration(parsed) with
                {
                    HealthDir = $"{ImageRoot.Space}/health.d",
                };
                if (Do(parsed, configuration) is not { } result)
                    return GoOn;
                int status = ResultOutput.Print(result, parsed.GetValue(SharedOptions.Json));
                if (status == (int)UpdateOutcome.Done)
                    ForgetArchives(configuration);
                return status;
            },
            "deploy"
        );
        return command;
    }

    private static UpdateResult? Do(ParseResult parsed, Configuration configuration)
    {
        UpdateRequest request = SharedOptions.Request(parsed, UpdateStep.Download, ManifestFile.Read(ImageRoot.Manifest));
        using var runner = new StepRunner(configuration);
        return runner.Shown<UpdateResult?>(
            parsed.GetValue(SharedOptions.Json),
            steps =>
                parsed.GetValue(PartToDo) switch
                {
                    Part.Check => Check(step => runner.Run(steps, request with { Step = step })),
                    Part.Fetch => WholeUpdate.Fetch(step => runner.Run(steps, request with { Step = step })),
                    _ => WholeUpdate.Change(step => runner.Run(steps, request with { Step = step })),
                }
        );
    }

    private static UpdateResult? Check(Func<UpdateStep, UpdateResult> run)
    {
        _ = run(UpdateStep.Recover);
        return WholeUpdate.Check(run);
    }

    // A device starts its life with this image and never goes back to the state before it. The archives would be copied to every device.
    private static void ForgetArchives(Configuration configuration)
    {
        var records = new UpdateRecords(configuration.StateDir);
        foreach (UpdateRecord record in records.NewestFirst())
            records.Backup(record).Delete();
        new AptCommand(configuration.System, TimeSpan.FromSeconds(configuration.LockTimeoutSeconds), NullLogger.Instance).Clean(
            CancellationToken.None
        );
    }

    private static List<string> WordsInImage(ParseResult parsed, Part part)
    {
        List<string> words = [DeployInImage, part.ToString()];
        if (parsed.GetValue(SharedOptions.InstalledCriteria) is { } criteria)
            words.AddRange([SharedOptions.InstalledCriteria.Name, criteria]);
        if (parsed.GetValue(SharedOptions.UnlistedRemovals) is { } removals)
            words.AddRange([SharedOptions.UnlistedRemovals.Name, removals == UnlistedRemovals.Allow ? "allow" : "refuse"]);
        if (parsed.GetValue(SharedOptions.Json))
            words.Add(SharedOptions.Json.Name);
        return words;
    }
}
