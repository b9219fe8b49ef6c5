namespace AptHandler.Settings;

/// <summary>
/// A member of the configuration file. This table is the one source: the reader, the README and the man page are checked against it.
/// </summary>
/// <param name="Name">Its name.</param>
/// <param name="Default">The value, as JSON, that it has where the file does not name it; null where there is none.</param>
/// <param name="Meaning">What it sets, as the end of a sentence. What stands in backquotes is to be typed.</param>
public sealed record ConfigurationMember(string Name, string? Default, string Meaning)
{
    /// <summary>All members, the most useful first.</summary>
    public static IReadOnlyList<ConfigurationMember> All { get; } =
    [
        new(
            "unlistedRemovals",
            "\"refuse\"",
            "what to do with removals that the manifest does not list: `\"refuse\"` or `\"allow\"`; a step can set it in its "
                + "`handlerProperties`, too, as a string"
        ),
        new(
            "protectedPackages",
            "[]",
            "names of packages that are never removed, besides essential ones, apt, dpkg, init, deviceupdate-agent and du-apt-handler"
        ),
        new(
            "allowSources",
            "\"off\"",
            "which sources of packages a manifest may add, change and remove: none with `\"off\"`, with `\"https\"` those whose "
                + "addresses begin so, with `\"any\"` those of http, file and copy, too"
        ),
        new(
            "rollback",
            "\"best-effort\"",
            "the way back: with `\"required\"` an update is refused when a package could not go back, with `\"best-effort\"` it "
                + "is told which cannot, with `\"off\"` nothing is kept"
        ),
        new(
            "rollbackDeployment",
            "\"step\"",
            "what a failing step of a deployment takes back: `\"step\"`, what it has changed itself; `\"deployment\"`, the "
                + "earlier steps of the same deployment, too"
        ),
        new(
            "snapshot",
            "\"off\"",
            "with `\"auto\"`, a read-only snapshot of a btrfs root is taken before an installation, besides the way back: "
                + "`/.du-apt-snapshots/NUMBER`, until the next update; `\"off\"`: none"
        ),
        new(
            "cancelDuringInstall",
            "\"undo\"",
            "what becomes of an update that is cancelled while dpkg works, which is never interrupted: `\"undo\"` or `\"keep\"`"
        ),
        new(
            "reboot",
            "\"report\"",
            "when a reboot is required after an update: `\"report\"` it, or ask the agent for it, `\"deferred\"` or `\"immediate\"`"
        ),
        new(
            "scriptTimeoutMinutes",
            "30",
            "how long a maintainer script may take before it is ended, with all that it has started: 1 to 1440"
        ),
        new(
            "healthDir",
            "\"/etc/du-apt-handler/health.d\"",
            "executables that are run after each installation, in the order of their names; one that fails makes the update fail"
        ),
        new("healthTimeoutSeconds", "300", "how long a health check may take: 1 to 86400"),
        new("lockTimeoutSeconds", "600", "how long to wait, in all, for the locks of apt and dpkg and for another update: 0 to 86400"),
        new(
            "updateType",
            "\"microsoft/apt:1\"",
            "the update type that the library is registered for; `du-apt register` makes a change take effect"
        ),
        new("aptConfig", null, "a file in the format of apt.conf(5) that describes a private root; apt works on this machine without it"),
        new("stateDir", "\"/var/lib/du-apt-handler\"", "records of updates"),
        new("runDir", "\"/run/du-apt-handler\"", "the lock, the progress and the results of the worker; a reboot may empty it"),
        new("logDir", "\"/var/log/adu\"", "logs, in the agent's format"),
        new("installedCriteriaFile", "\"/var/lib/adu/installedcriteria\"", "the agent's list of installed criteria"),
    ];
}
