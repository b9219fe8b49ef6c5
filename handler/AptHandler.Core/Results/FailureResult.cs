using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Native;

namespace AptHandler.Results;

/// <summary>Turns a failure into the result of a step: cause, evidence and remedy for the operator.</summary>
public static class FailureResult
{
    /// <summary>The result of a step that an exception has ended.</summary>
    /// <param name="step">The step.</param>
    /// <param name="failure">What was thrown.</param>
    public static UpdateResult Of(UpdateStep step, Exception failure) =>
        failure switch
        {
            UpdateException e => UpdateResult.Failure(step, e.Cause, e.Message),
            AptException e => Of(step, e.Failure),
            DpkgStatusException => UpdateResult.Failure(step, ExtendedResult.StatusUnreadable, failure.Message),
            IOException { HResult: Libc.ENOSPC } => UpdateResult.Failure(
                step,
                ExtendedResult.NoSpace,
                $"{failure.Message}; {ExtendedResult.NoSpace.Remedy}"
            ),
            UnauthorizedAccessException or IOException { HResult: Libc.EACCES } => UpdateResult.Failure(
                step,
                ExtendedResult.StateUnusable,
                $"{failure.Message}; run it as root"
            ),
            IOException => UpdateResult.Failure(step, ExtendedResult.StateUnusable, failure.Message),
            OutOfMemoryException => UpdateResult.Failure(
                step,
                ExtendedResult.Internal,
                "it needs more memory than the handler may take; update fewer packages at once, "
                    + "or finish what is half-done with sudo env DOTNET_GCHeapHardLimit=40000000 du-apt recover"
            ),
            _ => UpdateResult.Failure(
                step,
                ExtendedResult.Internal,
                $"a fault in the handler itself: {failure.GetType().Name}: {failure.Message}"
            ),
        };

    /// <summary>The result of a step that apt or dpkg has ended.</summary>
    /// <param name="step">The step.</param>
    /// <param name="failure">What apt or dpkg said.</param>
    internal static UpdateResult Of(UpdateStep step, AptFailure failure)
    {
        var cause = AptCause.Of(failure.Kind);
        string what = AptCause.SentenceOf(failure);

        // For a hold, apt's own message says nothing more than this sentence, so it is left out.
        if (failure.Kind != AptFailureKind.Held)
            what = $"{what}: {failure.Evidence.TrimEnd('.')}";
        return UpdateResult.Failure(step, cause.ResultIn(step), $"{what}; {cause.Remedy}");
    }
}
