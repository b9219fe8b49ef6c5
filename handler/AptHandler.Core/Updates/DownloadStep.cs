using AptHandler.Apt;
using AptHandler.DesiredState;
using AptHandler.Manifests;
using AptHandler.Planning;
using AptHandler.Records;
using AptHandler.Requests;
using AptHandler.Results;
using Microsoft.Extensions.Logging;

namespace AptHandler.Updates;

/// <summary>The step Download: the package lists are updated, the update is planned and reviewed, and its archives are fetched.</summary>
/// <param name="context">What all steps work with, and the sources as the manifest asks.</param>
/// <param name="request">The request.</param>
/// <param name="manifest">The manifest.</param>
/// <param name="journal">The record of the update.</param>
internal sealed class DownloadStep(StepContext context, UpdateRequest request, AptManifest manifest, Journal journal)
{
    /// <summary>Plans and fetches. No package changes.</summary>
    /// <param name="warnings">The warnings about the manifest; empty, or a text that starts with a semicolon.</param>
    /// <param name="cancellation">Cancels the step at any time.</param>
    public UpdateResult Run(string warnings, CancellationToken cancellation)
    {
        AptFailure? stale = RenewLists(cancellation);
        UpdatePlan plan = PlanAndFetch(stale, cancellation);

        // An earlier run installed the update, but was cut off before it could report that. Its backup is the way back, so its record is
        // kept.
        if (plan.IsEmpty && journal.Record.State == UpdateState.Installed)
            return UpdateResult.Success(request.Step, ResultCode.DownloadSuccess, plan.Summary);

        // The remark is reported here and again at the end, where an operator looks.
        string remark = stale is null ? warnings : $"{warnings}; the package lists may be old: apt-get update failed: {stale.Evidence}";
        journal.BeginAnew(request);
        journal.Save(
            journal.Record with
            {
                State = UpdateState.Downloaded,
                Packages = plan.Changes,
                Remark = remark,
                Warning = plan.Warning,
            }
        );
        return UpdateResult.Success(request.Step, ResultCode.DownloadSuccess, plan.Summary + remark) with { Packages = plan.Changes };
    }

    // Why the lists could not be updated, or null. That is not a failure as long as the plan works with the old lists.
    private AptFailure? RenewLists(CancellationToken cancellation)
    {
        try
        {
            context.Apt(request.Step).Update(cancellation);
            return null;
        }
        catch (AptException e)
        {
            context.UpdateNewSources(request.Step, manifest, cancellation);
            return e.Failure;
        }
    }

    private UpdatePlan PlanAndFetch(AptFailure? stale, CancellationToken cancellation)
    {
        try
        {
            return PlanAndFetch(context, manifest, cancellation);
        }
        catch (Exception e) when (e is AptException or UpdateException)
        {
            if (FetchWithEarlierSteps(cancellation) is { } together)
                return together;
            if (stale is not null && e is AptException failed && failed.Failure != stale)
                throw Explained(failed.Failure, stale);
            throw;
        }
    }

    private UpdatePlan PlanAndFetch(StepContext with, AptManifest all, CancellationToken cancellation)
    {
        UpdatePlan plan = with.Plan(request, all, with.Configuration.System.ReadStatus(), cancellation);
        if (!plan.Apt.IsEmpty)
            with.Apt(request.Step).Download(plan.Words, cancellation);
        return plan;
    }

    // All steps of a deployment are downloaded before the first is installed. So a step may need packages that earlier steps install. Null
    // where there are no earlier steps, or they do not help.
    private UpdatePlan? FetchWithEarlierSteps(CancellationToken cancellation)
    {
        if (new Deployment(context.Records, request.WorkflowId).AfterEarlierSteps(manifest, request.Place) is not { } together)
            return null;
        using SourceOverlay? overlay = SourceOverlay.Lay(together, context.Configuration.System, isPrivate: false);
        StepContext with = context with { Overlay = overlay };
        try
        {
            with.UpdateNewSources(request.Step, together, cancellation);
            return PlanAndFetch(with, together, cancellation);
        }
        catch (Exception e) when (e is AptException or UpdateException)
        {
            context.Log.LogWarning("cannot be planned with the earlier steps of its deployment either: {Reason}", e.Message);
            return null;
        }
    }

    // A package that is not in the old lists may be in new ones. Then the cause is the failed apt-get update (the network, or a lock), and
    // a later try may succeed.
    private static AptException Explained(AptFailure failure, AptFailure stale)
    {
        string missing =
            failure.Kind == AptFailureKind.NoLists
                ? $"; and apt has no package lists: {failure.Evidence}"
                : $"; and in the lists that are there {failure.Evidence}";
        return new AptException(
            failure.IsMissing
                ? stale with
                {
                    Evidence = $"apt-get update failed: {stale.Evidence}{missing}",
                }
                : failure with
                {
                    Evidence = $"{failure.Evidence} (and apt-get update failed: {stale.Evidence})",
                }
        );
    }
}
