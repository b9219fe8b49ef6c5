namespace AptHandler.Apt;

/// <summary>
/// The reports of dpkg to apt, and of apt on <c>APT::Status-Fd</c>. Only these reports are not mixed with the output of maintainer scripts.
/// </summary>
internal sealed class DpkgReport
{
    private const string Error = "pmerror:";

    /// <summary>Whether dpkg has started to work on a package.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>The first failure of dpkg, or null. Later failures follow from it.</summary>
    public AptFailure? Failure { get; private set; }

    /// <summary>Takes in a line of the report.</summary>
    /// <param name="line">The line.</param>
    /// <param name="progress">The same line as progress; null where it is not a progress line.</param>
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
