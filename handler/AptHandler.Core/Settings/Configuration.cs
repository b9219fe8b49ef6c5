using AptHandler.Apt;
using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Results;

namespace AptHandler.Settings;

/// <summary>What to do with packages that apt would remove although the manifest does not list them.</summary>
public enum UnlistedRemovals
{
    /// <summary>Refuse the update, and name the packages.</summary>
    Refuse,

    /// <summary>Allow the removals, and report them. Essential and protected packages are still never removed.</summary>
    Allow,
}

/// <summary>Which sources a manifest may add, change and remove.</summary>
public enum AllowSources
{
    /// <summary>None. The manifest may not remove any source either.</summary>
    Off,

    /// <summary>Sources with an https address.</summary>
    Https,

    /// <summary>Also sources with an http, file or copy address.</summary>
    Any,
}

/// <summary>Whether an update needs a way back before it may start.</summary>
public enum RollbackPolicy
{
    /// <summary>Keep what can be kept, and tell which packages cannot go back.</summary>
    BestEffort,

    /// <summary>Refuse the update when a package could not go back.</summary>
    Required,

    /// <summary>Keep nothing of the old packages. A failed update is not undone.</summary>
    Off,
}

/// <summary>What a failing step undoes.</summary>
public enum RollbackScope
{
    /// <summary>Its own changes.</summary>
    Step,

    /// <summary>Also the earlier steps of its deployment.</summary>
    Deployment,
}

/// <summary>Whether a snapshot of the root file system is taken before an installation.</summary>
public enum SnapshotPolicy
{
    /// <summary>Never.</summary>
    Off,

    /// <summary>When the file system supports it.</summary>
    Auto,
}

/// <summary>What happens to an update that is cancelled while dpkg works. dpkg is never interrupted.</summary>
public enum CancelDuringInstall
{
    /// <summary>It is undone.</summary>
    Undo,

    /// <summary>Its packages stay, but it is not recorded as installed.</summary>
    Keep,
}

/// <summary>What to do when a reboot is required after an update.</summary>
public enum RebootPolicy
{
    /// <summary>Say so in the details of the result.</summary>
    Report,

    /// <summary>Ask the agent to reboot when it has time.</summary>
    Deferred,

    /// <summary>Ask the agent to reboot at once.</summary>
    Immediate,
}

/// <summary>
/// The configuration of the handler: <c>/etc/du-apt-handler/config.json</c>. Every member is optional; an unknown one is an error.
/// <see cref="ConfigurationMember.All"/> describes them for people.
/// </summary>
public sealed record Configuration
{
    /// <summary>The file that is read when no other one is named.</summary>
    public const string DefaultFile = "/etc/du-apt-handler/config.json";

    /// <summary>The environment variable that names another file. It is only used when the caller is root.</summary>
    public const string FileVariable = "DU_APT_HANDLER_CONFIG";

    private const int LargestFile = 1 << 20;

    private AptSystem? _system;

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

    /// <summary>Names of packages that are never removed, in addition to those that are always protected.</summary>
    public IReadOnlyList<string> ProtectedPackages { get; init; } = [];

    /// <summary>Which sources a manifest may add, change and remove.</summary>
    public AllowSources AllowSources { get; init; }

    /// <summary>Whether an update needs a way back.</summary>
    public RollbackPolicy Rollback { get; init; }

    /// <summary>What a failing step of a deployment undoes.</summary>
    public RollbackScope RollbackDeployment { get; init; }

    /// <summary>Whether a snapshot of the root file system is taken before an installation.</summary>
    public SnapshotPolicy Snapshot { get; init; }

    /// <summary>What happens to an update that is cancelled while dpkg works.</summary>
    public CancelDuringInstall CancelDuringInstall { get; init; }

    /// <summary>What to do when a reboot is required.</summary>
    public RebootPolicy Reboot { get; init; }

    /// <summary>How many minutes a maintainer script may take before it is ended.</summary>
    public int ScriptTimeoutMinutes { get; init; } = 30;

    /// <summary>The folder of the health checks.</summary>
    public string HealthDir { get; init; } = "/etc/du-apt-handler/health.d";

    /// <summary>How many seconds a health check may take.</summary>
    public int HealthTimeoutSeconds { get; init; } = 300;

    /// <summary>How many seconds to wait, in all, for the locks of apt and dpkg and for another update.</summary>
    public int LockTimeoutSeconds { get; init; } = 600;

    /// <summary>The update type that the library is registered for.</summary>
    public string UpdateType { get; init; } = "microsoft/apt:1";

    /// <summary>The machine or private root.</summary>
    public AptSystem System
    {
        get => _system ??= AptSystem.ReadHost();
        internal init => _system = value;
    }

    /// <summary>
    /// The configuration file that the environment names, or null. The variable is only used when the caller is root: a user's variable
    /// must not change what a root worker is told.
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
