using System.CommandLine;
using AptHandler.Apt;
using AptHandler.Authoring;
using AptHandler.Authoring.Packages;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Manifests;
using AptHandler.Results;

namespace AptHandler.CommandLine.Commands.Authoring;

/// <summary>Makes the two packages with which apt alone brings a device to the state that a manifest asks for.</summary>
internal static class PackageCommand
{
    private static readonly Option<string> OutputDir = new("--output-dir")
    {
        Description = "Write the package into this folder (default: the current one).",
        HelpName = "DIR",
        DefaultValueFactory = _ => ".",
    };

    public static Command Make() =>
        new("package", "Make Debian packages that bring apt to what a manifest asks, where there is no handler.")
        {
            Make(
                "dependency",
                "Make the dependency package of a manifest, which installs its versions and removes what it removes. Its pinning "
                    + "package is to be installed first, in a run of apt of its own.",
                pair => pair.DependencyPackage(),
                _ => null
            ),
            Make(
                "pinning",
                "Make the pinning package of a manifest, which has apt choose its versions whatever else the sources have. Lock "
                    + "the manifest first: apt compares the texts of versions.",
                pair => pair.PinningPackage(),
                UnpinnedText
            ),
        };

    // The same manifest gives the same bytes on every machine. All file systems and archive formats can store this date.
    private static DateTimeOffset Time => SourceDate.Set ?? new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static Command Make(
        string name,
        string description,
        Func<PackagePair, BinaryPackage> choose,
        Func<PackagePair, string?> warning
    )
    {
        Argument<string> manifest = SharedOptions.Manifest();
        var command = new Command(name, description) { manifest, OutputDir };
        command.SetGuardedAction(parsed =>
        {
            AptManifest read = SharedOptions.ValidManifest(parsed, parsed.GetRequiredValue(manifest)).Reading.Manifest!;
            var pair = new PackagePair(read);
            if (read.Sources.Count > 0)
                Terminal.Error(
                    $"the sources of the manifest are in no package; see to it that the devices have them, with their "
                        + $"keys, before the pair is installed"
                );
            if (warning(pair) is { } text)
                Terminal.Error($"warning: {text}");
            string file = Write(choose(pair), parsed.GetRequiredValue(OutputDir));
            if (parsed.GetValue(SharedOptions.Json))
                ResultOutput.PrintJson(writer => writer.WriteString("file", file));
            else
                Terminal.Print($"{file}");
            return (int)UpdateOutcome.Done;
        });
        return command;
    }

    // apt installs these packages in whatever version the sources have, because the manifest names no version.
    private static string? UnpinnedText(PackagePair pair)
    {
        IReadOnlyList<string> names = pair.Unpinned;
        if (names.Count == 0)
            return null;
        string pins = pair.HasPins ? "the package pins only a part of the manifest" : "the package pins nothing of the manifest";
        return $"{pins}, which gives no version for {Enumeration.Some(names)}; du-apt manifest lock writes the versions into it";
    }

    private static string Write(BinaryPackage package, string folder)
    {
        try
        {
            return PackageBuild.Write(package, folder, Time);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"cannot make the package: {e.Message}; dpkg-deb builds it in the folder for temporary files (TMPDIR), and it is "
                    + $"written into that of {OutputDir.Name}"
            );
        }
    }
}
