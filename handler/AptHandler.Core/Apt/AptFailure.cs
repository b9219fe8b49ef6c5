namespace AptHandler.Apt;

/// <summary>Why apt or dpkg did not do what it was asked.</summary>
public enum AptFailureKind
{
    /// <summary>None of the causes below; the evidence tells what apt said.</summary>
    Other,

    /// <summary>No source has a package of this name.</summary>
    UnknownPackage,

    /// <summary>The package is known, but not in this version.</summary>
    UnknownVersion,

    /// <summary>The packages that were asked for cannot be installed together, or not with what is there.</summary>
    UnmetDependencies,

    /// <summary>A held package would have to change.</summary>
    Held,

    /// <summary>An essential or protected package would have to go.</summary>
    Protected,

    /// <summary>Another program holds one of the four locks of apt and dpkg.</summary>
    Locked,

    /// <summary>dpkg was interrupted, now or in an earlier run, and must be finished first.</summary>
    Interrupted,

    /// <summary>A file system is full, or would be.</summary>
    NoSpace,

    /// <summary>An archive or an index could not be fetched, or did not have the announced content.</summary>
    FetchFailed,

    /// <summary>The index of a source is not signed with the key that the source has.</summary>
    SignatureFailed,

    /// <summary>Two sources name one repository, with different keys say; then apt reads none at all.</summary>
    ConflictingSources,

    /// <summary>A maintainer script failed.</summary>
    ScriptFailed,

    /// <summary>A package that an earlier failure left broken stands in the way.</summary>
    BrokenBefore,

    /// <summary>The sources have the package, and a pin of the device keeps apt from every version of it.</summary>
    ForbiddenByPin,

    /// <summary>A file of sources, or of apt's configuration, is not in its format; then apt does nothing at all.</summary>
    MalformedFile,

    /// <summary>A package comes from a source without a signature.</summary>
    Unauthenticated,

    /// <summary>The index of a source says that it is not valid any more.</summary>
    Expired,

    /// <summary>The index of a source is dated later than the clock of the device.</summary>
    NotYetValid,

    /// <summary>A source is a disc, which nobody puts in.</summary>
    CdromSource,

    /// <summary>There is no repository at the address of a source, or none of its suite.</summary>
    NoRepository,

    /// <summary>apt has no program for the kind of address that a source has.</summary>
    NoMethod,

    /// <summary>A command failed that apt's configuration has it run: <c>DPkg::Pre-Invoke</c>, <c>APT::Update::Post-Invoke</c>.</summary>
    HookFailed,

    /// <summary>apt has no package lists: there is no source, they were never fetched, or they cannot be read.</summary>
    NoLists,
}

/// <summary>A failure of apt or dpkg, with what was said.</summary>
/// <param name="Kind">The cause.</param>
/// <param name="Subject">The package, path or address that it is about, or null.</param>
/// <param name="Evidence">The words of apt or dpkg that tell the most, one line.</param>
public sealed record AptFailure(AptFailureKind Kind, string? Subject, string Evidence)
{
    // More of a line than this tells nobody anything, and output without line ends must not become a message of megabytes.
    private const int LongestLine = 4096;

    private const string EarlierInterruption = "dpkg was interrupted";

    // What dpkg prints around a script of its own accord.
    private static readonly string[] DpkgOwnLines =
    [
        "Setting up ",
        "Preparing to unpack ",
        "Unpacking ",
        "Removing ",
        "(Reading database",
        "Selecting previously",
    ];

    // In the order in which they are looked for: what comes first explains what comes later in the same output.
    // A maintainer script can print anything, a lock that it met, say. So where dpkg names what it failed at, that comes before the rest:
    // a transaction that is taken for one that waits for a lock would be run again and again.
    private static readonly (string Mark, AptFailureKind Kind)[] Marks =
    [
        ("No space left on device", AptFailureKind.NoSpace),
        ("You don't have enough free space", AptFailureKind.NoSpace),
        ("dpkg: error processing package", AptFailureKind.ScriptFailed),
        ("dpkg: error processing archive", AptFailureKind.ScriptFailed),
        // A hook can print anything, too.
        ("Problem executing scripts DPkg::", AptFailureKind.HookFailed),
        ("Problem executing scripts APT::Install::", AptFailureKind.HookFailed),
        ("Failure running script ", AptFailureKind.HookFailed),
        ("Could not get lock", AptFailureKind.Locked),
        ("Unable to acquire the dpkg frontend lock", AptFailureKind.Locked),
        ("Unable to lock directory", AptFailureKind.Locked),
        ("Unable to lock the administration directory", AptFailureKind.Locked),
        // By "another process" before dpkg 1.22, by a program that is named since then.
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
        // gpgv's before "is not signed", which apt adds to them; sqv is what apt 3.0 asks.
        ("signatures couldn't be verified", AptFailureKind.SignatureFailed),
        ("signatures were invalid", AptFailureKind.SignatureFailed),
        ("/sqv returned an error code", AptFailureKind.SignatureFailed),
        ("' is not signed.", AptFailureKind.SignatureFailed),
        ("' is no longer signed.", AptFailureKind.SignatureFailed),
        // A clock that is behind makes certificates fail, too.
        (" is not valid yet (invalid for another ", AptFailureKind.NotYetValid),
        ("The method driver ", AptFailureKind.NoMethod),
        ("Failed to fetch", AptFailureKind.FetchFailed),
        ("Unable to fetch some archives", AptFailureKind.FetchFailed),
        ("Some index files failed to download", AptFailureKind.FetchFailed),
        // What keeps lists from being new, and comes after the network: that passes, and may be all that keeps an update from going on.
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

    /// <summary>Whether something is not in the lists that apt has. Newer lists, or more of them, may have it.</summary>
    public bool IsMissing => Kind is AptFailureKind.UnknownPackage or AptFailureKind.UnknownVersion or AptFailureKind.NoLists;

    /// <summary>The words of apt and dpkg that tell of a kind.</summary>
    public static IReadOnlyList<string> MarksOf(AptFailureKind kind)
    {
        var marks = new List<string>();
        foreach ((string mark, AptFailureKind each) in Marks)
        {
            if (each == kind)
                marks.Add(mark.Trim());
        }

        return marks;
    }

    /// <summary>
    /// Finds the cause in what apt-get and dpkg printed. Their exit status is 100 whatever the cause, so the words decide
    /// (under LC_ALL=C.UTF-8, which the command line sets).
    /// </summary>
    /// <param name="output">Standard output and standard error.</param>
    /// <param name="isTransactionBegun">
    /// Whether dpkg has changed a package: then apt and dpkg have their locks, and what speaks of them is the talk of a maintainer script.
    /// </param>
    public static AptFailure Classify(string output, bool isTransactionBegun = false)
    {
        foreach ((string mark, AptFailureKind kind) in Marks)
        {
            if (isTransactionBegun && (kind == AptFailureKind.Locked || mark == EarlierInterruption))
                continue;
            int at = output.IndexOf(mark, StringComparison.Ordinal);
            if (at < 0)
                continue;
            string line = LineAt(output, at);
            return kind switch
            {
                AptFailureKind.ScriptFailed => OfDpkg(line, NextLine(output[at..], "\n")),
                AptFailureKind.UnmetDependencies => new AptFailure(kind, null, Unmet(output) ?? line),
                AptFailureKind.Protected => new AptFailure(kind, NextLine(output, "This should NOT be done"), line),
                AptFailureKind.Held => new AptFailure(kind, NextLine(output, "held packages will be changed:"), line),
                // The path in a line of dpkg's is that of a program.
                AptFailureKind.Locked => new AptFailure(
                    kind,
                    line.StartsWith("dpkg: ", StringComparison.Ordinal) ? null : PathIn(line),
                    line
                ),
                AptFailureKind.UnknownPackage => new AptFailure(kind, WordAfter(line, "package "), line),
                AptFailureKind.ForbiddenByPin when output.Contains(" is a virtual package ", StringComparison.Ordinal) => new AptFailure(
                    AptFailureKind.UnknownPackage,
                    Quoted(line),
                    line
                ),
                AptFailureKind.ForbiddenByPin => new AptFailure(kind, Quoted(line), line),
                AptFailureKind.MalformedFile => new AptFailure(kind, PathIn(line), line),
                AptFailureKind.Unauthenticated => new AptFailure(kind, NextLine(output, "cannot be authenticated!"), line),
                AptFailureKind.UnknownVersion => new AptFailure(kind, WordAfter(line, "for "), line),
                AptFailureKind.FetchFailed => new AptFailure(kind, WordAfter(line, "fetch "), line),
                AptFailureKind.BrokenBefore => new AptFailure(
                    kind,
                    WordAfter(line, "package ") ?? Unmet(output)?.Split(' ')[0],
                    Unmet(output) ?? line
                ),
                // dpkg's status is in the format of a list, and no update of the lists makes it whole.
                AptFailureKind.NoLists => new AptFailure(
                    output.Contains("/status (", StringComparison.Ordinal) ? AptFailureKind.Other : kind,
                    null,
                    FirstError(output) ?? line
                ),
                _ => new AptFailure(kind, null, line),
            };
        }

        return new AptFailure(AptFailureKind.Other, null, FirstError(output) ?? "it said nothing");
    }

    // The first line where there is no error, and null where that is empty, too.
    private static string? FirstError(string output)
    {
        int error = output.StartsWith("E: ", StringComparison.Ordinal) ? 0 : output.IndexOf("\nE: ", StringComparison.Ordinal) + 1;
        return output.Length > 0 && LineAt(output, error) is { Length: > 0 } said ? said : null;
    }

    /// <summary>Adds what a failing maintainer script said last, which mostly is why: the line before dpkg's own.</summary>
    /// <param name="output">The end of what apt, dpkg and the scripts printed.</param>
    public AptFailure WithLastWords(string output)
    {
        const int Most = 200;
        int at = Kind == AptFailureKind.ScriptFailed ? output.IndexOf("dpkg: error processing", StringComparison.Ordinal) : -1;
        string before = at > 0 ? output[..at].TrimEnd() : "";
        string line = before.Length > 0 ? LineAt(before, before.Length - 1) : "";
        bool isOfDpkg = line.Length == 0 || Array.Exists(DpkgOwnLines, line.StartsWith);
        return isOfDpkg ? this : this with { Evidence = $"{Evidence}; it said: {line[..Math.Min(line.Length, Most)]}" };
    }

    // " edge : Depends: ident (= 1.0-1) but 2.0-1 is to be installed", below the line that announces it. In output that was cut there it is
    // empty, and tells nothing.
    private static string? Unmet(string output) =>
        NextLine(output, "have unmet dependencies:") is { Length: > 0 } line
            ? string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            : null;

    // dpkg names what it failed at, and in the line below why: "installed foo package post-installation script subprocess returned error
    // exit status 1". Where that is no script, a file of two packages, say, the line below is all there is to tell.
    private static AptFailure OfDpkg(string line, string? below)
    {
        string? subject = WordAfter(line, "archive ") is { } archive
            ? Path.GetFileName(archive).Split('_')[0]
            : WordAfter(line, "package ");
        bool isOther =
            line.Contains(" archive ", StringComparison.Ordinal) && below?.Contains("script subprocess", StringComparison.Ordinal) != true;
        return new AptFailure(
            isOther ? AptFailureKind.Other : AptFailureKind.ScriptFailed,
            subject,
            below is { Length: > 0 } ? below : line
        );
    }

    private static string LineAt(string text, int at)
    {
        int start = at == 0 ? 0 : text.LastIndexOf('\n', at - 1) + 1;
        if (at - start > LongestLine / 2)
            start = at;
        int length = Math.Min(text.Length - start, LongestLine);
        int end = text.IndexOf('\n', at, length - (at - start));
        string line = text[start..(end < 0 ? start + length : end)].Trim();
        return line.StartsWith("E: ", StringComparison.Ordinal) || line.StartsWith("W: ", StringComparison.Ordinal) ? line[3..] : line;
    }

    private static string? NextLine(string text, string mark)
    {
        int at = text.IndexOf(mark, StringComparison.Ordinal);
        int line =
            at < 0 ? -1
            : mark == "\n" ? at
            : text.IndexOf('\n', at);
        return line < 0 || line + 1 >= text.Length ? null : LineAt(text, line + 1);
    }

    private static string? WordAfter(string line, string mark)
    {
        int at = line.IndexOf(mark, StringComparison.Ordinal);
        if (at < 0)
            return null;
        string word = line[(at + mark.Length)..].Split(' ')[0].Trim('\'', ',', '.', ':');
        return word.Length > 0 ? word : null;
    }

    // " /var/lib/dpkg/lock." or "(/var/lib/dpkg/lock), "
    private static string? PathIn(string line)
    {
        string? word = Array.Find(line.Split(' '), each => each.TrimStart('(').StartsWith('/'));
        return word?.Trim('(', ')', ',', '.', ':');
    }

    private static string? Quoted(string line)
    {
        string[] parts = line.Split('\'');
        return parts.Length > 2 ? parts[1] : null;
    }
}
