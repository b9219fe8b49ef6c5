using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Manifests;
using AptHandler.Results;

namespace AptHandler.Planning;

/// <summary>Turns a manifest into words for apt, lets apt plan, and refuses a plan that is not what the manifest asks.</summary>
/// <param name="apt">apt, on the machine that the plan is for.</param>
/// <param name="review">Compares the plan with the manifest.</param>
/// <param name="room">Checks the room on that machine; null where the plan is for another machine than this.</param>
public sealed class UpdatePlanner(AptCommand apt, PlanReview review, RoomCheck? room = null)
{
    /// <summary>Plans an update; reads only.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="status">The packages of the machine.</param>
    /// <param name="wasKnown">
    /// Tells whether an earlier update or manifest had a package of this name. Then its removal is not a mistake.
    /// </param>
    /// <param name="cancellation">Ends the planning.</param>
    /// <exception cref="UpdateException">There is no plan that does exactly what the manifest asks.</exception>
    /// <exception cref="AptException">apt failed.</exception>
    public UpdatePlan Plan(AptManifest manifest, DpkgStatus status, Func<string, bool> wasKnown, CancellationToken cancellation)
    {
        UpdatePlan plan;
        try
        {
            plan = new PlanAttempt(apt, review, manifest, status, wasKnown, cancellation).Plan();
        }
        catch (AptException e) when (e.Failure.IsMissing || e.Failure.Kind == AptFailureKind.UnmetDependencies)
        {
            throw Explained(e, apt.Lists(cancellation));
        }

        room?.Check(plan);
        return plan.UnknownRemovals.Count == 0 && plan.Unsourced.Count == 0 ? plan : plan with { Gap = GapOf(apt.Lists(cancellation)) };
    }

    // Without any list, apt cannot tell which names and versions exist.
    private static AptException Explained(AptException e, SourceLists lists) =>
        lists switch
        {
            { AreNone: true } when e.Failure.IsMissing => new AptException(
                lists.Failure with
                {
                    Evidence = $"{lists.Failure.Evidence}{Unknown(e)}",
                }
            ),
            { Gap: "" } => e,
            _ when e is MissingPackagesException { Missing: var missing } => new MissingPackagesException(missing, lists.Gap),
            _ => new AptException(e.Failure with { Evidence = $"{e.Failure.Evidence}; {lists.Gap}" }),
        };

    private static string Unknown(AptException e) =>
        e is MissingPackagesException { Missing: var missing }
            ? $"; wanted: {Enumeration.Some([.. missing.Select(each => each.Intent.Package.ToString())])}"
            : "";

    private static string GapOf(SourceLists lists) =>
        lists.AreNone ? $"{AptCause.SentenceOf(lists.Failure)}: {lists.Failure.Evidence}" : lists.Gap;
}
