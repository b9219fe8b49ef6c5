using AptHandler.Apt;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Updates;

/// <summary>What to do with packages that apt would remove although nobody asked for it.</summary>
public enum UnlistedRemovals
{
    /// <summary>Refuse the update, and name them.</summary>
    Refuse,

    /// <summary>Let them go, and report them. Essential and protected packages stay all the same.</summary>
    Allow,
}

/// <summary>
/// The configuration of the handler: <c>/etc/du-apt-handler/config.json</c>. Every member is optional; an unknown one is an error.
/// <see cref="ConfigurationMember.All"/> describes them for people.
/// </summary>
public sealed record Configuration
{
    /// <summary>Where it is looked for when nothing else is said.</summary>
    public const string DefaultFile = "/etc/du-apt-handler/config.json";

    /// <summary>The environment variable that names another file. It counts only for callers that are root themselves.</summary>
    public const string FileVariable = "DU_APT_HANDLER_CONFIG";

    private const int LargestFile = 1 << 20;

    /// <summary>A file in the format of apt.conf(5) that describes a private root; without it apt works on this machine.</summary>
    public string? AptConfig { get; init; }

    /// <summary>The folder for records of updates.</summary>
    public string StateDir { get; init; } = "/var/lib/du-apt-handler";

    /// <summary>The folder for the lock, the progress and the results of the worker; a reboot may empty it.</summary>
    public string RunDir { get; init; } = "/run/du-apt-handler";

    /// <summary>The folder for logs, which the agent's log collection uploads.</summary>
    public string LogDir { get; init; } = "/var/log/adu";

    /// <summary>The agent's list of installed criteria, shared with the reference handler.</summary>
    public string InstalledCriteriaFile { get; init; } = "/var/lib/adu/installedcriteria";

    /// <summary>What to do with removals that the manifest does not list.</summary>
    public UnlistedRemovals UnlistedRemovals { get; init; }

    /// <summary>Names of packages that are never removed, besides those that never are anyway.</summary>
    public IReadOnlyList<string> ProtectedPackages { get; init; } = [];

    /// <summary>How many seconds to wait, in all, for the locks of apt and dpkg and for another update.</summary>
    public int LockTimeoutSeconds { get; init; } = 600;

    /// <summary>The update type that the library is registered for.</summary>
    public string UpdateType { get; init; } = "microsoft/apt:1";

    /// <summary>The machine or private root.</summary>
    public AptSystem System { get; internal init; } = AptSystem.Host;

    /// <summary>
    /// The file that the environment names, or null. It counts only for a caller that is root itself: a user's variable must not redirect what
    /// a root worker will be told.
    /// </summary>
    public static string? FileOfEnvironment =>
        Libc.EffectiveUser() == 0 && Environment.GetEnvironmentVariable(FileVariable) is { Length: > 0 } file ? file : null;

    /// <summary>Reads the configuration.</summary>
    /// <param name="file">A file that must exist, or null for <see cref="DefaultFile"/>, which may be missing.</param>
    /// <exception cref="UpdateException">The file cannot be used; the message names file, line and remedy.</exception>
    public static Configuration Load(string? file)
    {
        string path = file ?? DefaultFile;
        try
        {
            return ConfigurationReader.Read(BoundedFile.Read(path, LargestFile, followLinks: true));
        }
        catch (FileNotFoundException) when (file is null)
        {
            return new Configuration();
        }
        catch (InvalidDataException e)
        {
            throw new UpdateException(ExtendedResult.Configuration, $"cannot use {path}: {e.Message} See man du-apt-handler.");
        }
        catch (IOException e)
        {
            throw new UpdateException(ExtendedResult.Configuration, $"cannot use {path}: {e.Message}");
        }
    }
}
