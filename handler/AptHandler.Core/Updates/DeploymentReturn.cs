using AptHandler.Apt;
using AptHandler.Records;
using AptHandler.Requests;
using AptHandler.Results;
using AptHandler.Settings;
using Microsoft.Extensions.Logging;

namespace AptHandler.Updates;

/// <summary>What becomes of the earlier steps of a deployment when a later one fails or is undone.</summary>
internal sealed class DeploymentReturn(StepContext context)
{
    /// <summary>
    /// Says what becomes of earlier steps when one has failed without changing the device, and undoes them where that is wanted.
    /// </summary>
    /// <param name="journal">The journal of the step that failed.</param>
    /// <param name="result">How it failed.</param>
    /// <param name="isShutdown">
    /// Whether it was given up because the device, or the worker, is being stopped: then the deployment goes on later.
    /// </param>
    /// <returns>The result to report.</returns>
    public UpdateResult AfterFailure(Journal journal, UpdateResult result, bool isShutdown)
    {
        IReadOnlyList<UpdateRecord> earlier = Earlier(journal);

        // What was undone has told of the earlier steps already.
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
            // The next start goes on with what is owed.
            context.Log.LogError("cannot see to the earlier steps of update {Number}: {Reason}", journal.Record.Number, e.Message);
            return result;
        }
    }

    /// <summary>
    /// Undoes what is still to be undone of a deployment, newest first, up to the first step that cannot be undone. One that is cut off, or
    /// has tries left, is still owed.
    /// </summary>
    /// <param name="journal">The journal of the step that was undone, or failed.</param>
    /// <param name="cancellation">Ends the looking for what stands on a step. What is begun is brought to its end.</param>
    /// <returns>Its record, with what came of it in the details of its result.</returns>
    /// <exception cref="AptException">Somebody else holds a lock for too long; the next start goes on.</exception>
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
