using System.Text;
using AptHandler.Files;

namespace AptHandler.Apt;

/// <summary>
/// Which machine apt works on: this one, or a private root that a configuration file describes. The file is handed to apt as APT_CONFIG;
/// what has to be known without asking apt (where dpkg keeps its status, where archives go) is read from it by apt's own rules.
/// </summary>
public sealed class AptSystem
{
    private const int LargestConfiguration = 1 << 20;

    private AptSystem(string? configurationFile, AptOptions options)
    {
        ConfigurationFile = configurationFile;
        RootFolder = options.Find("Dir") ?? "/";
        string state = options.FindPath("var/lib/apt", "Dir::State");
        StatusFile = options.FindPath(Path.Combine(RootFolder, "var/lib/dpkg/status"), "Dir::State::status", state);
        ListsFolder = options.FindPath("lists", "Dir::State::lists", state);
        ArchivesFolder = options.FindPath("archives", "Dir::Cache::archives", options.FindPath("var/cache/apt", "Dir::Cache"));
    }

    /// <summary>This machine.</summary>
    public static AptSystem Host { get; } = new(null, new AptOptions());

    /// <summary>The file for APT_CONFIG, or null for this machine.</summary>
    public string? ConfigurationFile { get; }

    /// <summary>The top of the file system that packages are unpacked to.</summary>
    public string RootFolder { get; }

    /// <summary>dpkg's status file.</summary>
    public string StatusFile { get; }

    /// <summary>Where apt keeps the indexes of its sources.</summary>
    public string ListsFolder { get; }

    /// <summary>Where apt puts the archives that it has fetched.</summary>
    public string ArchivesFolder { get; }

    /// <summary>Reads the description of a private root.</summary>
    /// <param name="configurationFile">A file in the format of apt.conf(5).</param>
    /// <exception cref="IOException">
    /// The file cannot be read. That is an error on purpose: apt itself would only warn, and work on the host.
    /// </exception>
    public static AptSystem Read(string configurationFile)
    {
        byte[] text = BoundedFile.Read(configurationFile, LargestConfiguration, followLinks: true);
        var options = AptOptions.Parse(Encoding.UTF8.GetString(text));

        // apt puts this before every path, and dpkg's status would be looked for in another place than the one that apt uses.
        return options.Find("RootDir") is null
            ? new AptSystem(Path.GetFullPath(configurationFile), options)
            : throw new IOException($"cannot use {configurationFile}: it sets RootDir; set Dir and the paths below it instead");
    }
}
