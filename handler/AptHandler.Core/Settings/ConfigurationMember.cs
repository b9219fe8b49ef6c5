namespace AptHandler.Settings;

/// <summary>
/// A member of the configuration file: its name, how it is read, and its description. The reader knows only the members that are declared
/// here. scripts/docs.sh writes them into the README, and the man page is made from them.
/// </summary>
public sealed class ConfigurationMember
{
    private readonly Reading _read;

    private ConfigurationMember(string name, string? @default, string meaning, Reading read) =>
        (Name, Default, Meaning, _read) = (name, @default, meaning, read);

    private delegate Configuration Reading(ref ConfigurationReader reader);

    /// <summary>The name of the member.</summary>
    public string Name { get; }

    /// <summary>The default value as JSON; null where there is none.</summary>
    public string? Default { get; }

    /// <summary>What the member sets, as the end of a sentence. Text in backquotes is to be typed.</summary>
    public string Meaning { get; }

    /// <summary>All members, the most useful first.</summary>
    public static IReadOnlyList<ConfigurationMember> All { get; } =
    [
        new(
            "unlistedRemovals",
            "\"refuse\"",
            "what to do with removals that the manifest does not list: `\"refuse\"` or `\"allow\"`; a step can set it in its "
                + "`handlerProperties`, too, as a string",
            (ref reader) => reader.Configuration with { UnlistedRemovals = (UnlistedRemovals)reader.Choice("refuse", "allow") }
        ),
        new(
            "protectedPackages",
            "[]",
            "names of packages that are never removed, besides essential ones, apt, dpkg, init, deviceupdate-agent and du-apt-handler",
            (ref reader) => reader.Configuration with { ProtectedPackages = reader.Packages() }
        ),
        new(
            "allowSources",
            "\"off\"",
            "which sources of packages a manifest may add, change and remove: none with `\"off\"`, with `\"https\"` those whose "
                + "addresses begin so, with `\"any\"` those of http, file and copy, too",
            (ref reader) => reader.Configuration with { AllowSources = (AllowSources)reader.Choice("off", "https", "any") }
        ),
        new(
            "rollback",
            "\"best-effort\"",
            "the way back: with `\"required\"` an update is refused when a package could not go back, with `\"best-effort\"` it "
                + "is told which cannot, with `\"off\"` nothing is kept",
            (ref reader) => reader.Configuration with { Rollback = (RollbackPolicy)reader.Choice("best-effort", "required", "off") }
        ),
        new(
            "rollbackDeployment",
            "\"step\"",
            "what a failing step of a deployment takes back: `\"step\"`, what it has changed itself; `\"deployment\"`, the "
                + "earlier steps of the same deployment, too",
            (ref reader) => reader.Configuration with { RollbackDeployment = (RollbackScope)reader.Choice("step", "deployment") }
        ),
        new(
            "snapshot",
            "\"off\"",
            "with `\"auto\"`, a read-only snapshot of a btrfs root is taken before an installation, besides the way back: "
                + "`/.du-apt-snapshots/NUMBER`, until the next update; `\"off\"`: none",
            (ref reader) => reader.Configuration with { Snapshot = (SnapshotPolicy)reader.Choice("off", "auto") }
        ),
        new(
            "cancelDuringInstall",
            "\"undo\"",
            "what becomes of an update that is cancelled while dpkg works, which is never interrupted: `\"undo\"` or `\"keep\"`",
            (ref reader) => reader.Configuration with { CancelDuringInstall = (CancelDuringInstall)reader.Choice("undo", "keep") }
        ),
        new(
            "reboot",
            "\"report\"",
            "when a reboot is required after an update: `\"report\"` it, or ask the agent for it, `\"deferred\"` or `\"immediate\"`",
            (ref reader) => reader.Configuration with { Reboot = (RebootPolicy)reader.Choice("report", "deferred", "immediate") }
        ),
        new(
            "scriptTimeoutMinutes",
            "30",
            "how long a maintainer script may take before it is ended, with all that it has started: 1 to 1440",
            (ref reader) => reader.Configuration with { ScriptTimeoutMinutes = reader.Number(1, 1440) }
        ),
        new(
            "healthDir",
            "\"/etc/du-apt-handler/health.d\"",
            "executables that are run after each installation, in the order of their names; one that fails makes the update fail",
            (ref reader) => reader.Configuration with { HealthDir = reader.Path() }
        ),
        new(
            "healthTimeoutSeconds",
            "300",
            "how long a health check may take: 1 to 86400",
            (ref reader) => reader.Configuration with { HealthTimeoutSeconds = reader.Number(1, 86400) }
        ),
        new(
            "lockTimeoutSeconds",
            "600",
            "how long to wait, in all, for the locks of apt and dpkg and for another update: 0 to 86400",
            (ref reader) => reader.Configuration with { LockTimeoutSeconds = reader.Number(0, 86400) }
        ),
        new(
            "updateType",
            "\"microsoft/apt:1\"",
            "the update type that the library is registered for; `du-apt register` makes a change take effect",
            (ref reader) => reader.Configuration with { UpdateType = reader.UpdateType() }
        ),
        new(
            "aptConfig",
            null,
            "a file in the format of apt.conf(5) that describes a private root; apt works on this machine without it",
            (ref reader) => reader.AptConfig()
        ),
        new(
            "stateDir",
            "\"/var/lib/du-apt-handler\"",
            "records of updates",
            (ref reader) => reader.Configuration with { StateDir = reader.Path() }
        ),
        new(
            "runDir",
            "\"/run/du-apt-handler\"",
            "the lock, the progress and the results of the worker; a reboot may empty it",
            (ref reader) => reader.Configuration with { RunDir = reader.Path() }
        ),
        new(
            "logDir",
            "\"/var/log/adu\"",
            "logs, in the agent's format",
            (ref reader) => reader.Configuration with { LogDir = reader.Path() }
        ),
        new(
            "installedCriteriaFile",
            "\"/var/lib/adu/installedcriteria\"",
            "the agent's list of installed criteria",
            (ref reader) => reader.Configuration with { InstalledCriteriaFile = reader.Path() }
        ),
    ];

    /// <summary>The configuration with this member set from the file.</summary>
    /// <param name="reader">The reader, which stands at the value. It moves past the value.</param>
    internal Configuration Read(ref ConfigurationReader reader) => _read(ref reader);
}
