using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Manifests;

namespace AptHandler.Updates;

/// <summary>Turns a manifest into words for apt, lets apt plan, and lets nothing through that the manifest does not ask for.</summary>
/// <param name="apt">apt, on the machine that the plan is for.</param>
/// <param name="review">What the plan is held against.</param>
/// <param name="room">The room on that machine; null where the plan is for another one than this.</param>
public sealed class UpdatePlanner(AptCommand apt, PlanReview review, RoomCheck? room = null)
{
    /// <summary>Plans an update; reads only.</summary>
    /// <exception cref="UpdateException">There is no plan that does exactly what the manifest asks.</exception>
    /// <exception cref="AptException">apt failed.</exception>
    public UpdatePlan Plan(AptManifest manifest, DpkgStatus status, CancellationToken cancellation)
    {
        UpdatePlan plan = new PlanAttempt(apt, review, manifest, status, cancellation).Plan();
        room?.Check(plan);
        return plan;
    }
}
