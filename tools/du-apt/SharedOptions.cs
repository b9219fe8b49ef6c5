using System.CommandLine;
using AptHandler.Files;
using AptHandler.Manifests;
using AptHandler.Updates;

namespace AptHandler.CommandLine;

/// <summary>Options and arguments that several commands share.</summary>
internal static class SharedOptions
{
    public static readonly Option<string?> Config = new("--config")
    {
        Description = $"Configuration file (default: the one that {Updates.Configuration.FileVariable} names, else {Updates.Configuration.DefaultFile}).",
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

    public static Argument<string> Manifest() => new("MANIFEST") { Description = "An apt manifest (JSON)." };

    /// <summary>The configuration that the options and the environment name.</summary>
    public static Configuration Configuration(ParseResult parsed) =>
        Updates.Configuration.Load(parsed.GetValue(Config) ?? Updates.Configuration.FileOfEnvironment);

    /// <summary>The request for a step of the manifest that a person named.</summary>
    /// <exception cref="UpdateException">The manifest cannot be read or is not valid; the message lists all its problems.</exception>
    public static UpdateRequest Request(ParseResult parsed, UpdateStep step, Argument<string> manifest)
    {
        string file = Path.GetFullPath(parsed.GetRequiredValue(manifest));
        string recommended = CriteriaOf(file);
        return new UpdateRequest(step, file, parsed.GetValue(InstalledCriteria) ?? recommended)
        {
            FollowLinks = true,
            UnlistedRemovals = parsed.GetValue(UnlistedRemovals),
        };
    }

    private static string CriteriaOf(string file)
    {
        try
        {
            ManifestReading reading = ManifestReader.Read(BoundedFile.Read(file, ManifestReader.MaximumSize, followLinks: true));
            return reading.Manifest?.RecommendedInstalledCriteria
                ?? throw new UpdateException(ExtendedResult.Manifest, ManifestReport.Text(file, reading));
        }
        catch (IOException e)
        {
            throw new UpdateException(ExtendedResult.ManifestUnreadable, e.Message);
        }
    }
}
