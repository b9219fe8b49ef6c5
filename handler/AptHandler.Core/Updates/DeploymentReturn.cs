using AptHandler.Apt;
using AptHandler.Records;
using AptHandler.Requests;
using AptHandler.Results;
using AptHandler.Settings;
using Microsoft.Extensions.Logging;

namespace AptHandler.Updates;

/// <summary>Decides what happens to the earlier steps of a deployment when a later one fails or is undone.</summary>
internal sealed class DeploymentReturn(StepContext context)
{
    /// <summary>
    /// Handles the earlier steps when a step failed without changing the device. Undoes them if the configuration asks for it. Otherwise
    /// the result says that they stay.
    /// </summary>
    /// <param name="journal">The journal of the step that failed.</param>
    /// <param name="result">The result of the step that failed.</param>
    /// <param name="isShutdown">
    /// Whether the step was cancelled because the device or the worker is being stopped. Then the deployment continues later.
    /// </param>
    /// <returns>The result to report.</returns>
    public UpdateResult AfterFailure(Journal journal, UpdateResult result, bool isShutdown)
    {
        IReadOnlyList<UpdateRecord> earlier = Earlier(journal);

        // A step that was undone has already reported the earlier steps.
        if (earlier.Count == 0 || journal.Record is not { HasEnded: true, HasChangedMachine: false, IsAtRest: true, Cause: null })
            return result;
        try
        {
            UpdateRecord record = journal.Record with { Result = result };
            if (context.Configuration is { RollbackDeployment: RollbackScope.Deployment, Rollback: not RollbackPolicy.Off } && !isShutdown)
            {
                journal.Save(record with { OwesDeployment = true });
                return Finish(journal, CancellationToken.None).Result!;
            }

            string more = $"; {Deployment.ChangedNothing}{Deployment.WhatStays(earlier)}";
            return journal.Save(record with { Result = result with { Details = OperatorText.Clean(result.Details, more) } }).Result!;
        }
        catch (Exception e) when (e is IOException or AptException)
        {
            // The next start undoes what must still be undone.
            context.Log.LogError("cannot see to the earlier steps of update {Number}: {Reason}", journal.Record.Number, e.Message);
            return result;
        }
    }

    /// <summary>
    /// Undoes the earlier steps of a deployment that must still be undone, newest first, up to the first one that cannot be undone. A step
    /// that was cut off, or has attempts left, must still be undone later.
    /// </summary>
    /// <param name="journal">The journal of the step that was undone, or failed.</param>
    /// <param name="cancellation">Ends the search for packages that depend on a step. An undo that has started is completed.</param>
    /// <returns>The record of that step, with the outcome in the details of its result.</returns>
    /// <exception cref="AptException">Another program holds a lock for too long; the next start continues.</exception>
    public UpdateRecord Finish(Journal journal, CancellationToken cancellation)
    {
        UpdateResult told =
            journal.Record.Result ?? UpdateResult.Failure(UpdateStep.Install, ExtendedResult.CutOff, "the update was cut off");
        string more = "";
        foreach (UpdateRecord earlier in Earlier(journal).TakeWhile(record => record.State is UpdateState.Installed or UpdateState.Applied))
        {
            var request = new UpdateRequest(UpdateStep.Restore, earlier.InstalledCriteria);
            UpdateResult result = new RestoreStep(context, request).Undo(earlier, withDeployment: false, cancellation);
            more += $"; {result.Details}";
            if (!result.IsSuccess)
                break;
        }

        IReadOnlyList<UpdateRecord> rest = Earlier(journal);
        more += Deployment.WhatStays(rest);
        context.Log.LogWarning("update {Number} takes the earlier steps of its deployment back{More}", journal.Record.Number, more);
        if (rest.Count > 0 && told.IsSuccess)
            told = UpdateResult.Failure(told.Step, ExtendedResult.NoWayBack, told.Details);
        return journal.Save(
            journal.Record with
            {
                OwesDeployment = rest.Any(record => record.IsBetween),
                Result = told with { Details = OperatorText.Clean(told.Details, more) },
            }
        );
    }

    private IReadOnlyList<UpdateRecord> Earlier(Journal journal) =>
        new Deployment(context.Records, journal.Record.WorkflowId).EarlierOnDevice(journal.Record);
}
