using System.CommandLine;
using AptHandler.Authoring.Manifests;
using AptHandler.CommandLine.Output;
using AptHandler.Manifests;
using AptHandler.Requests;
using AptHandler.Results;
using AptHandler.Settings;

namespace AptHandler.CommandLine.Shared;

/// <summary>Options and arguments that several commands share.</summary>
internal static class SharedOptions
{
    /// <summary>The description of every argument for a manifest.</summary>
    public const string ManifestDescription = "An apt manifest (JSON); - for standard input.";

    public static readonly Option<string?> Config = new("--config")
    {
        Description =
            $"Configuration file (default: the one that {Settings.Configuration.FileVariable} names, else "
            + $"{Settings.Configuration.DefaultFile}).",
        HelpName = "FILE",
        Recursive = true,
    };

    public static readonly Option<bool> Json = new("--json") { Description = "Print one JSON object for programs.", Recursive = true };

    public static readonly Option<string?> InstalledCriteria = new("--installed-criteria")
    {
        Description = "The string that the agent knows the update by (default: <name>-<version> of the manifest).",
        HelpName = "TEXT",
    };

    public static readonly Option<UnlistedRemovals?> UnlistedRemovals = new("--unlisted-removals")
    {
        Description = "What to do with removals that the manifest does not list: refuse or allow (default: from the configuration).",
        HelpName = "refuse|allow",
    };

    public static Argument<string> Manifest() => new("MANIFEST") { Description = ManifestDescription };

    /// <summary>The configuration that the options and the environment name.</summary>
    /// <exception cref="UpdateException">It cannot be used, or the environment names one that this user may not choose.</exception>
    public static Configuration Configuration(ParseResult parsed)
    {
        string? file = parsed.GetValue(Config) ?? Settings.Configuration.FileOfEnvironment;

        // Ignoring the variable silently would change this machine instead of a private root.
        if (file is null && !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Settings.Configuration.FileVariable)))
            throw new UpdateException(
                ExtendedResult.Configuration,
                $"{Settings.Configuration.FileVariable} counts only for root; name the file with --config instead"
            );
        return Settings.Configuration.Load(file);
    }

    /// <summary>The request for a step of the manifest that a person named.</summary>
    /// <exception cref="UpdateException">The manifest cannot be read or is not valid; the message lists all its problems.</exception>
    public static UpdateRequest Request(ParseResult parsed, UpdateStep step, Argument<string> manifest) =>
        Request(parsed, step, ValidManifest(parsed, parsed.GetRequiredValue(manifest)));

    /// <summary>The request for a step of a manifest that has no errors.</summary>
    public static UpdateRequest Request(ParseResult parsed, UpdateStep step, ManifestFile file)
    {
        return new UpdateRequest(step, parsed.GetValue(InstalledCriteria) ?? file.Reading.Manifest!.RecommendedInstalledCriteria)
        {
            Manifest = file.Bytes,
            UnlistedRemovals = parsed.GetValue(UnlistedRemovals),
        };
    }

    /// <summary>A manifest that a person named and that has no errors; warnings about it go to standard error.</summary>
    /// <exception cref="UpdateException">It cannot be read or is not valid; the message lists all its problems.</exception>
    public static ManifestFile ValidManifest(ParseResult parsed, string named)
    {
        ManifestFile file = ReadManifest(named);
        ManifestReading reading = file.Reading;
        if (reading.Manifest is null)
            throw new InvalidManifestException($"{file.Path}: {reading.Summary()}", Problems(file));
        if (reading.Problems.Count > 0)
            Terminal.Error($"{Problems(file)}");
        return file;
    }

    /// <summary>A manifest that a person named, even if it has errors.</summary>
    /// <exception cref="UpdateException">It cannot be read.</exception>
    public static ManifestFile ReadManifest(string named)
    {
        if (named.Length == 0 || named.Contains('\0', StringComparison.Ordinal))
            throw new UpdateException(ExtendedResult.ManifestUnreadable, "cannot read a manifest without a name; name a file");
        try
        {
            if (named != ManifestFile.StandardInput)
                return ManifestFile.Read(named);
            using Stream input = Console.OpenStandardInput();
            return ManifestFile.Read(input);
        }
        catch (IOException e)
        {
            throw new UpdateException(ExtendedResult.ManifestUnreadable, $"{e.Message}; name a file that can be read");
        }
    }

    private static ShownText Problems(ManifestFile file)
    {
        string kind = file.Reading.Manifest is null ? "errors" : "warnings";
        return $"the manifest has {kind}\n{ProblemLines.Text(file.Path, file.Bytes, file.Reading.Problems, Terminal.IsErrorColored)}";
    }
}
