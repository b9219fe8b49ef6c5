using AptHandler.Apt;

namespace AptHandler.Results;

/// <summary>
/// The words that tell an operator of a failure of apt or dpkg, and what to do about it. This table is the one source: scripts/docs.sh
/// writes it into the README, the man page is made of it, and tests compare it with what real apt prints.
/// </summary>
public sealed class AptCause
{
    private const string Subject = "NAME";

    // The part in square brackets names the subject of the failure. It is left out where apt names none.
    private readonly string _sentence;

    // Null means the code of the step that failed.
    private readonly ExtendedResult? _result;

    private AptCause(AptFailureKind kind, ExtendedResult? result, string sentence, string? remedy = null) =>
        (Kind, _result, _sentence, Remedy) = (kind, result, sentence, remedy ?? result!.Remedy);

    /// <summary>
    /// All causes: first those that a manifest can fix, then those to fix on the device, then those that pass by themselves.
    /// </summary>
    public static IReadOnlyList<AptCause> All { get; } =
    [
        new(AptFailureKind.UnknownPackage, null, "cannot find what the manifest asks for", ExtendedResult.Download.Remedy),
        new(AptFailureKind.UnknownVersion, null, "cannot find what the manifest asks for", ExtendedResult.Download.Remedy),
        new(AptFailureKind.UnmetDependencies, ExtendedResult.UnmetDependencies, "the packages do not fit together"),
        new(AptFailureKind.Protected, ExtendedResult.Protected, "cannot remove[ NAME]: essential or protected"),
        new(AptFailureKind.Held, ExtendedResult.Held, "held:[ NAME] would have to change"),
        new(
            AptFailureKind.ForbiddenByPin,
            ExtendedResult.PlanMismatch,
            "a pin of the device forbids[ NAME]",
            "change the pin (apt-cache policy shows it), or name the version in the manifest"
        ),
        new(
            AptFailureKind.MalformedFile,
            ExtendedResult.SourceUnusable,
            "apt cannot read[ NAME]",
            "fix the line or stanza that the details name"
        ),
        new(
            AptFailureKind.ConflictingSources,
            ExtendedResult.SourceUnusable,
            "two sources of the device contradict each other",
            "name the repository once, or each time with the same key and options"
        ),
        new(
            AptFailureKind.SignatureFailed,
            ExtendedResult.SourceUnusable,
            "a source is not signed with the key that it has on the device",
            "give it the key that its repository is signed with"
        ),
        new(
            AptFailureKind.Unauthenticated,
            ExtendedResult.SourceUnusable,
            "the source of[ NAME] is not signed",
            "sign its repository, and give the source the key (Signed-By)"
        ),
        new(
            AptFailureKind.Expired,
            ExtendedResult.SourceUnusable,
            "a source has expired",
            "publish its repository again; where the clock of the device is ahead, set it"
        ),
        new(
            AptFailureKind.CdromSource,
            ExtendedResult.SourceUnusable,
            "a source of the device is a disc",
            "remove its line with cdrom: from the sources of the device"
        ),
        new(
            AptFailureKind.NoRepository,
            ExtendedResult.SourceUnusable,
            "there is no repository where a source says",
            "correct its address and suite, or publish the repository there"
        ),
        new(
            AptFailureKind.NoMethod,
            ExtendedResult.SourceUnusable,
            "apt cannot fetch from the address of a source",
            "correct the address, or install the package that has apt's method for it"
        ),
        new(
            AptFailureKind.NoLists,
            ExtendedResult.SourceUnusable,
            "apt has no package lists that it can read",
            "run apt-get update, and fix the source that it complains about; where there is no source, write one into "
                + "/etc/apt/sources.list.d"
        ),
        new(AptFailureKind.HookFailed, ExtendedResult.HookFailed, "a command that apt's configuration runs has failed"),
        new(AptFailureKind.ScriptFailed, null, "a maintainer script of[ NAME] failed", ExtendedResult.Install.Remedy),
        new(AptFailureKind.Interrupted, ExtendedResult.Interrupted, "dpkg did not finish"),
        new(AptFailureKind.BrokenBefore, ExtendedResult.BrokenBefore, "broken by an earlier failure:[ NAME]"),
        new(AptFailureKind.NoSpace, ExtendedResult.NoSpace, "a file system is full"),
        new(AptFailureKind.NotYetValid, ExtendedResult.ClockBehind, "the clock of the device is behind that of a source"),
        new(AptFailureKind.FetchFailed, ExtendedResult.FetchFailed, "cannot fetch from a source"),
        new(AptFailureKind.Locked, ExtendedResult.Locked, "a lock of apt or dpkg is held by another program"),
        new(
            AptFailureKind.Other,
            null,
            "apt failed[ at NAME]",
            "do what its words in the details say; du-apt history --show ID tells all that was printed while installing"
        ),
    ];

    /// <summary>The kind of failure.</summary>
    public AptFailureKind Kind { get; }

    /// <summary>What to do about it.</summary>
    public string Remedy { get; }

    /// <summary>The result code of a step that fails for this cause.</summary>
    public ExtendedResult ResultIn(UpdateStep step) =>
        _result ?? (step == UpdateStep.Install ? ExtendedResult.Install : ExtendedResult.Download);

    /// <summary>The sentence for a failure whose subject apt names; <c>NAME</c> stands for the subject.</summary>
    public string FullSentence => _sentence.Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal);

    /// <summary>All result codes that this cause can give.</summary>
    public IReadOnlyList<ExtendedResult> Results =>
        _result is null ? [ResultIn(UpdateStep.Download), ResultIn(UpdateStep.Install)] : [_result];

    /// <summary>The sentence that tells an operator of a failure.</summary>
    public static string SentenceOf(AptFailure failure)
    {
        string sentence = Of(failure.Kind)._sentence;
        int open = sentence.IndexOf('[', StringComparison.Ordinal),
            close = sentence.IndexOf(']', StringComparison.Ordinal);
        if (open < 0)
            return sentence;
        string whom = failure.Subject is { } subject ? sentence[(open + 1)..close].Replace(Subject, subject, StringComparison.Ordinal) : "";
        return $"{sentence[..open]}{whom}{sentence[(close + 1)..]}";
    }

    /// <summary>The cause for a kind of failure.</summary>
    public static AptCause Of(AptFailureKind kind) => All.First(each => each.Kind == kind);
}
