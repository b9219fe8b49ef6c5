namespace AptHandler.Apt;

/// <summary>The words of apt and dpkg by which the cause of a failure is known.</summary>
internal static class FailureMarks
{
    /// <summary>dpkg says this where an earlier run of it was interrupted.</summary>
    public const string EarlierInterruption = "dpkg was interrupted";

    /// <summary>
    /// All marks, in the order in which they are looked for: what comes first here explains what comes later in the same output.
    /// </summary>
    /// <remarks>
    /// A maintainer script can print anything, also that it met a lock. So where dpkg names what it failed at, that comes before the rest.
    /// Else a failed transaction would be taken for one that waits for a lock, and would be run again and again.
    /// </remarks>
    public static readonly (string Mark, AptFailureKind Kind)[] All =
    [
        ("No space left on device", AptFailureKind.NoSpace),
        ("You don't have enough free space", AptFailureKind.NoSpace),
        ("dpkg: error processing package", AptFailureKind.ScriptFailed),
        ("dpkg: error processing archive", AptFailureKind.ScriptFailed),
        // A hook, too, can print anything.
        ("Problem executing scripts DPkg::", AptFailureKind.HookFailed),
        ("Problem executing scripts APT::Install::", AptFailureKind.HookFailed),
        ("Failure running script ", AptFailureKind.HookFailed),
        ("Could not get lock", AptFailureKind.Locked),
        ("Unable to acquire the dpkg frontend lock", AptFailureKind.Locked),
        ("Unable to lock directory", AptFailureKind.Locked),
        ("Unable to lock the administration directory", AptFailureKind.Locked),
        // dpkg before 1.22 says "another process" here; later ones name the program.
        ("lock was locked by ", AptFailureKind.Locked),
        (EarlierInterruption, AptFailureKind.Interrupted),
        ("/dpkg exited unexpectedly", AptFailureKind.Interrupted),
        ("/dpkg received", AptFailureKind.Interrupted),
        ("needs to be reinstalled, but I can't find an archive for it", AptFailureKind.BrokenBefore),
        ("No file name for", AptFailureKind.BrokenBefore),
        ("Try 'apt --fix-broken install'", AptFailureKind.BrokenBefore),
        ("Unable to locate package", AptFailureKind.UnknownPackage),
        ("has no installation candidate", AptFailureKind.ForbiddenByPin),
        ("' was not found", AptFailureKind.UnknownVersion),
        ("Held packages were changed", AptFailureKind.Held),
        ("Essential packages were removed", AptFailureKind.Protected),
        ("Removing essential", AptFailureKind.Protected),
        ("Conflicting values set for option", AptFailureKind.ConflictingSources),
        ("Malformed entry ", AptFailureKind.MalformedFile),
        ("Malformed stanza ", AptFailureKind.MalformedFile),
        ("' is not known on line ", AptFailureKind.MalformedFile),
        ("' is not known on stanza ", AptFailureKind.MalformedFile),
        ("Syntax error /", AptFailureKind.MalformedFile),
        ("There were unauthenticated packages", AptFailureKind.Unauthenticated),
        // What gpgv says comes before "is not signed", which apt adds to it. apt 3.0 uses sqv.
        ("signatures couldn't be verified", AptFailureKind.SignatureFailed),
        ("signatures were invalid", AptFailureKind.SignatureFailed),
        ("/sqv returned an error code", AptFailureKind.SignatureFailed),
        ("' is not signed.", AptFailureKind.SignatureFailed),
        ("' is no longer signed.", AptFailureKind.SignatureFailed),
        // Before failures of the network: a clock that is behind makes certificates fail, too.
        (" is not valid yet (invalid for another ", AptFailureKind.NotYetValid),
        ("The method driver ", AptFailureKind.NoMethod),
        ("Failed to fetch", AptFailureKind.FetchFailed),
        ("Unable to fetch some archives", AptFailureKind.FetchFailed),
        ("Some index files failed to download", AptFailureKind.FetchFailed),
        // These keep lists from being new. They come after failures of the network, which pass and may be all that stops an update.
        (" is expired (invalid since ", AptFailureKind.Expired),
        ("The repository 'cdrom:", AptFailureKind.CdromSource),
        ("' does not have a Release file.", AptFailureKind.NoRepository),
        ("' no longer has a Release file.", AptFailureKind.NoRepository),
        ("Problem executing scripts APT::Update::", AptFailureKind.HookFailed),
        ("unmet dependencies", AptFailureKind.UnmetDependencies),
        ("Unable to correct problems", AptFailureKind.UnmetDependencies),
        ("Unable to satisfy dependencies", AptFailureKind.UnmetDependencies),
        ("The package lists or status file could not be parsed", AptFailureKind.NoLists),
        ("Unable to parse package file", AptFailureKind.NoLists),
    ];

    /// <summary>The words of apt and dpkg that tell of a kind.</summary>
    public static IReadOnlyList<string> Of(AptFailureKind kind)
    {
        var marks = new List<string>();
        foreach ((string mark, AptFailureKind each) in All)
        {
            if (each == kind)
                marks.Add(mark.Trim());
        }

        return marks;
    }
}
