namespace AptHandler.Updates;

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
        new("unlistedRemovals", "\"refuse\"", "what to do with removals that the manifest does not list: `\"refuse\"` or `\"allow\"`; a step can set it in its `handlerProperties`, too"),
        new("protectedPackages", "[]", "names of packages that are never removed, besides essential ones, apt, dpkg, init, deviceupdate-agent and du-apt-handler"),
        new("lockTimeoutSeconds", "600", "how long to wait, in all, for the locks of apt and dpkg and for another update: 0 to 86400"),
        new("updateType", "\"microsoft/apt:1\"", "the update type that the library is registered for; `du-apt register` makes a change take effect"),
        new("aptConfig", null, "a file in the format of apt.conf(5) that describes a private root; apt works on this machine without it"),
        new("stateDir", "\"/var/lib/du-apt-handler\"", "records of updates"),
        new("runDir", "\"/run/du-apt-handler\"", "the lock, the progress and the results of the worker; a reboot may empty it"),
        new("logDir", "\"/var/log/adu\"", "logs, in the agent's format"),
        new("installedCriteriaFile", "\"/var/lib/adu/installedcriteria\"", "the agent's list of installed criteria"),
    ];
}
