using Microsoft.Extensions.Logging;

namespace AptHandler.Updates;

/// <summary>What becomes of the earlier steps of a deployment when a later one fails or is undone.</summary>
internal sealed class DeploymentReturn(StepContext context, UpdateStep step)
{
    /// <summary>Says what becomes of earlier steps when one has failed without changing the device, and undoes them where that is wanted.</summary>
    /// <param name="journal">The journal of the step that failed; it has ended.</param>
    /// <param name="result">How it failed.</param>
    /// <returns>The result to report.</returns>
    public UpdateResult AfterFailure(Journal journal, UpdateResult result)
    {
        IReadOnlyList<UpdateRecord> earlier = new Deployment(context.Records, journal.Record.WorkflowId).InstalledBefore(journal.Record);
        // What was undone has told of the earlier steps already.
        if (earlier.Count == 0 || journal.Record is { HasChangedMachine: true } or { IsAtRest: false } or { Cause: not null })
            return result;
        if (context.Configuration.RollbackDeployment == RollbackScope.Deployment)
        {
            journal.Save(journal.Record with { OwesDeployment = true });
            return Finish(journal, CancellationToken.None).Result!;
        }

        return journal.Save(journal.Record with
        {
            Result = result with { Details = OperatorText.Clean(result.Details, $"; {Deployment.ChangedNothing}{Deployment.WhatStays(earlier)}") },
        }).Result!;
    }

    /// <summary>Undoes what is still to be undone of a deployment, newest first, up to the first step that cannot be undone.</summary>
    /// <param name="journal">The journal of the step that was undone, or failed.</param>
    /// <param name="cancellation">Ends the looking for what stands on a step. What is begun is brought to its end.</param>
    /// <returns>Its record, with what came of it in the details of its result.</returns>
    /// <exception cref="Apt.AptException">Somebody else holds a lock for too long; the next start goes on.</exception>
    public UpdateRecord Finish(Journal journal, CancellationToken cancellation)
    {
        string more = "";
        foreach (UpdateRecord earlier in new Deployment(context.Records, journal.Record.WorkflowId).InstalledBefore(journal.Record))
        {
            UpdateResult result = new RestoreStep(context, new UpdateRequest(step, earlier.InstalledCriteria)).Undo(earlier, withDeployment: false, cancellation);
            more += $"; {result.Details}";
            if (!result.IsSuccess)
                break;
        }

        more += Deployment.WhatStays(new Deployment(context.Records, journal.Record.WorkflowId).InstalledBefore(journal.Record));
        context.Log.LogWarning("update {Number} has taken the earlier steps of its deployment back{More}", journal.Record.Number, more);
        UpdateResult told = journal.Record.Result!;
        return journal.Save(journal.Record with { OwesDeployment = false, Result = told with { Details = OperatorText.Clean(told.Details, more) } });
    }
}
