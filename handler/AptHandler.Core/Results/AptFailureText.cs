using AptHandler.Apt;

namespace AptHandler.Results;

/// <summary>Tells an operator what a failure of apt means for the update.</summary>
internal static class AptFailureText
{
    public static UpdateResult ResultOf(UpdateStep step, AptFailure failure)
    {
        var cause = AptCause.Of(failure.Kind);
        string what = AptCause.SentenceOf(failure);

        // Where apt's own sentence says nothing more than this one, it is left out.
        if (failure.Kind != AptFailureKind.Held)
            what = $"{what}: {failure.Evidence.TrimEnd('.')}";
        return UpdateResult.Failure(step, cause.ResultIn(step), $"{what}; {cause.Remedy}");
    }
}
