namespace AptHandler.Apt;

/// <summary>A failure of apt or dpkg, with what was said.</summary>
/// <param name="Kind">The cause.</param>
/// <param name="Subject">The package, path or address that it is about, or null.</param>
/// <param name="Evidence">The words of apt or dpkg that tell the most, one line.</param>
public sealed record AptFailure(AptFailureKind Kind, string? Subject, string Evidence)
{
    // dpkg prints these lines itself, before and after what a script prints.
    private static readonly string[] DpkgOwnLines =
    [
        "Setting up ",
        "Preparing to unpack ",
        "Unpacking ",
        "Removing ",
        "(Reading database",
        "Selecting previously",
    ];

    /// <summary>Whether something is not in the lists that apt has. Newer lists, or more of them, may have it.</summary>
    public bool IsMissing => Kind is AptFailureKind.UnknownPackage or AptFailureKind.UnknownVersion or AptFailureKind.NoLists;

    /// <summary>
    /// Finds the cause in what apt-get and dpkg printed. Their exit status is 100 whatever the cause, so the words decide
    /// (under LC_ALL=C.UTF-8, which the command line sets).
    /// </summary>
    /// <param name="output">Standard output and standard error.</param>
    /// <param name="isTransactionBegun">
    /// Whether dpkg has changed a package. Then apt and dpkg have their locks, and only a maintainer script can speak of locks.
    /// </param>
    public static AptFailure Classify(string output, bool isTransactionBegun = false)
    {
        foreach ((string mark, AptFailureKind kind) in FailureMarks.All)
        {
            if (isTransactionBegun && (kind == AptFailureKind.Locked || mark == FailureMarks.EarlierInterruption))
                continue;
            int at = output.IndexOf(mark, StringComparison.Ordinal);
            if (at >= 0)
                return Describe(kind, output, at);
        }

        return new AptFailure(AptFailureKind.Other, null, PrintedLines.FirstError(output) ?? "it said nothing");
    }

    /// <summary>Adds what a failing maintainer script said last, which mostly is why: the line before dpkg's own.</summary>
    /// <param name="output">The end of what apt, dpkg and the scripts printed.</param>
    public AptFailure WithLastWords(string output)
    {
        const int Most = 200;
        int at = Kind == AptFailureKind.ScriptFailed ? output.IndexOf("dpkg: error processing", StringComparison.Ordinal) : -1;
        string before = at > 0 ? output[..at].TrimEnd() : "";
        string line = before.Length > 0 ? PrintedLines.LineAt(before, before.Length - 1) : "";
        bool isOfDpkg = line.Length == 0 || Array.Exists(DpkgOwnLines, line.StartsWith);
        return isOfDpkg ? this : this with { Evidence = $"{Evidence}; it said: {line[..Math.Min(line.Length, Most)]}" };
    }

    private static AptFailure Describe(AptFailureKind kind, string output, int at)
    {
        string line = PrintedLines.LineAt(output, at);
        return kind switch
        {
            AptFailureKind.ScriptFailed => OfDpkg(line, PrintedLines.LineBelow(output, at)),
            AptFailureKind.UnmetDependencies => new AptFailure(kind, null, PrintedLines.UnmetDependency(output) ?? line),
            AptFailureKind.Protected => new AptFailure(kind, PrintedLines.LineBelow(output, "This should NOT be done"), line),
            AptFailureKind.Held => new AptFailure(kind, PrintedLines.LineBelow(output, "held packages will be changed:"), line),
            AptFailureKind.Locked => OfLock(line),
            AptFailureKind.UnknownPackage => new AptFailure(kind, PrintedLines.WordAfter(line, "package "), line),
            AptFailureKind.ForbiddenByPin => OfNoCandidate(output, line),
            AptFailureKind.MalformedFile => new AptFailure(kind, PrintedLines.PathIn(line), line),
            AptFailureKind.Unauthenticated => new AptFailure(kind, PrintedLines.LineBelow(output, "cannot be authenticated!"), line),
            AptFailureKind.UnknownVersion => new AptFailure(kind, PrintedLines.WordAfter(line, "for "), line),
            AptFailureKind.FetchFailed => new AptFailure(kind, PrintedLines.WordAfter(line, "fetch "), line),
            AptFailureKind.BrokenBefore => OfBrokenPackage(output, line),
            AptFailureKind.NoLists => OfLists(output, line),
            _ => new AptFailure(kind, null, line),
        };
    }

    // dpkg names what it failed at, and says in the line below why: "installed foo package post-installation script subprocess returned
    // error exit status 1". Where that is no script (but a file of two packages, say), the line below is all there is to tell.
    private static AptFailure OfDpkg(string line, string? below)
    {
        string? subject = PrintedLines.WordAfter(line, "archive ") is { } archive
            ? Path.GetFileName(archive).Split('_')[0]
            : PrintedLines.WordAfter(line, "package ");
        bool isArchive = line.Contains(" archive ", StringComparison.Ordinal);
        bool isScript = below?.Contains("script subprocess", StringComparison.Ordinal) == true;
        AptFailureKind kind = isArchive && !isScript ? AptFailureKind.Other : AptFailureKind.ScriptFailed;
        return new AptFailure(kind, subject, below is { Length: > 0 } ? below : line);
    }

    // A path in a line of dpkg is that of a program, not that of a lock.
    private static AptFailure OfLock(string line)
    {
        bool isOfDpkg = line.StartsWith("dpkg: ", StringComparison.Ordinal);
        return new AptFailure(AptFailureKind.Locked, isOfDpkg ? null : PrintedLines.PathIn(line), line);
    }

    // apt has no version to install where a pin forbids all of them, and where the name is only virtual.
    private static AptFailure OfNoCandidate(string output, string line)
    {
        bool isVirtual = output.Contains(" is a virtual package ", StringComparison.Ordinal);
        AptFailureKind kind = isVirtual ? AptFailureKind.UnknownPackage : AptFailureKind.ForbiddenByPin;
        return new AptFailure(kind, PrintedLines.Quoted(line), line);
    }

    private static AptFailure OfBrokenPackage(string output, string line)
    {
        string? unmet = PrintedLines.UnmetDependency(output);
        string? package = PrintedLines.WordAfter(line, "package ") ?? unmet?.Split(' ')[0];
        return new AptFailure(AptFailureKind.BrokenBefore, package, unmet ?? line);
    }

    // dpkg's status file has the format of a package list. Where that file is malformed, fetching the lists again does not help.
    private static AptFailure OfLists(string output, string line)
    {
        bool isStatusFile = output.Contains("/status (", StringComparison.Ordinal);
        AptFailureKind kind = isStatusFile ? AptFailureKind.Other : AptFailureKind.NoLists;
        return new AptFailure(kind, null, PrintedLines.FirstError(output) ?? line);
    }
}
