namespace AptHandler.CommandLine.Installation.Checks;

/// <summary>All checks of du-apt doctor, in the order in which a person would make them.</summary>
internal static class AllChecks
{
    /// <summary>The checks. Programs read their names, so a name never changes its meaning.</summary>
    public static IReadOnlyList<Check> InOrder { get; } =
    [
        new("rights", SystemChecks.Rights),
        new("configuration", SystemChecks.Configuration),
        new("agent", AgentChecks.Program),
        new("agent account", AgentChecks.Account),
        new("agent configuration", AgentChecks.Configuration),
        new("registration", RegistrationChecks.OfOurs),
        new("other registrations", RegistrationChecks.OfOtherTypes),
        new("adu-shell", AgentChecks.Shell),
        new("du-apt-root", FileChecks.RootScript),
        new("programs", FileChecks.Programs),
        new("state folder", FileChecks.StateFolder),
        new("run folder", FileChecks.RunFolder),
        new("log folder", FileChecks.LogFolder),
        new("installed criteria", UpdateChecks.InstalledCriteria),
        new("records", UpdateChecks.Records),
        new("worker", UpdateChecks.Worker),
        new("dpkg", AptChecks.Dpkg),
        new("apt", AptChecks.Consistency),
        new("sources", AptChecks.Sources),
        new("locks", AptChecks.Locks),
        new("free space", SystemChecks.FreeSpace),
        new("systemd", SystemChecks.Systemd),
    ];
}
