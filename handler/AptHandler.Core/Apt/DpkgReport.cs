namespace AptHandler.Apt;

/// <summary>
/// What dpkg reports to apt, and apt on <c>APT::Status-Fd</c>: the one account of a transaction that the talk of maintainer scripts
/// is not mixed into.
/// </summary>
internal sealed class DpkgReport
{
    private const string Error = "pmerror:";

    /// <summary>Whether dpkg has begun with a package.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>The first package that dpkg could not do what it should with, or null. What fails later fails because of it.</summary>
    public AptFailure? Failure { get; private set; }

    /// <summary>Takes in a line of the report.</summary>
    /// <param name="line">The line.</param>
    /// <param name="progress">The same as progress, where it is that.</param>
    public void Add(string line, AptProgress? progress)
    {
        HasBegun |= progress is { Phase: AptPhase.Change, Package: not null };
        if (
            line.StartsWith(Error, StringComparison.Ordinal)
            && Failure is null
            && AptProgress.TryParse("pmstatus:" + line[Error.Length..]) is { } error
        )
            Failure = Describe(error.Package, error.Text);
    }

    private static AptFailure Describe(string? subject, string text)
    {
        // "new foo package pre-installation script subprocess returned error exit status 1"; while unpacking, the subject is a file name.
        string[] words = text.Split(' ');
        bool isScript = text.Contains(" script subprocess ", StringComparison.Ordinal);
        string? package = isScript && words.Length > 2 && words[2] == "package" ? words[1] : Path.GetFileName(subject)?.Split('_')[0];
        AptFailureKind kind =
            isScript ? AptFailureKind.ScriptFailed
            : text.Contains("No space left on device", StringComparison.Ordinal) ? AptFailureKind.NoSpace
            : AptFailureKind.Other;
        return new AptFailure(kind, package, text);
    }
}
