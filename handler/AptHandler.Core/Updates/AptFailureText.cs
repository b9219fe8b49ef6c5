using AptHandler.Apt;

namespace AptHandler.Updates;

/// <summary>Tells an operator what a failure of apt means for the update.</summary>
internal static class AptFailureText
{
    public static UpdateResult ResultOf(UpdateStep step, AptFailure failure)
    {
        ExtendedResult cause = failure.Kind switch
        {
            AptFailureKind.UnmetDependencies => ExtendedResult.UnmetDependencies,
            AptFailureKind.Held => ExtendedResult.Held,
            AptFailureKind.Protected => ExtendedResult.Protected,
            AptFailureKind.Locked => ExtendedResult.Locked,
            AptFailureKind.Interrupted => ExtendedResult.Interrupted,
            AptFailureKind.NoSpace => ExtendedResult.NoSpace,
            AptFailureKind.FetchFailed => ExtendedResult.FetchFailed,
            AptFailureKind.ConflictingSources => ExtendedResult.PlanMismatch,
            AptFailureKind.BrokenBefore => ExtendedResult.BrokenBefore,
            _ => step == UpdateStep.Install ? ExtendedResult.Install : ExtendedResult.Download,
        };
        string subject = failure.Subject is { } named ? $" {named}" : "";
        string what = failure.Kind switch
        {
            AptFailureKind.UnknownPackage or AptFailureKind.UnknownVersion => "cannot find what the manifest asks for",
            AptFailureKind.UnmetDependencies => "the packages do not fit together",
            AptFailureKind.Held => $"held:{subject} would have to change",
            AptFailureKind.Protected => $"cannot remove{subject}: essential or protected",
            AptFailureKind.Locked => "a lock of apt or dpkg is held by another program",
            AptFailureKind.Interrupted => "dpkg did not finish",
            AptFailureKind.NoSpace => "a file system is full",
            AptFailureKind.FetchFailed => "cannot fetch an archive",
            AptFailureKind.SignatureFailed => "a source is not signed with the key that it has on the device",
            AptFailureKind.ConflictingSources => "two sources of the device contradict each other",
            AptFailureKind.ScriptFailed => $"a maintainer script of{subject} failed",
            AptFailureKind.BrokenBefore => $"broken by an earlier failure:{subject}",
            _ => failure.Subject is null ? "apt failed" : $"apt failed at{subject}",
        };

        string remedy = failure.Kind == AptFailureKind.SignatureFailed ? "give it the key that its repository is signed with" : cause.Remedy;

        // Where apt's own sentence says nothing more than this one, it is left out.
        return UpdateResult.Failure(step, cause, failure.Kind == AptFailureKind.Held ? $"{what}; {remedy}" : $"{what}: {failure.Evidence.TrimEnd('.')}; {remedy}");
    }
}
