using System.Diagnostics.CodeAnalysis;
using AptHandler.Apt;
using AptHandler.Native;
using AptHandler.Planning;
using AptHandler.Records;
using AptHandler.Results;
using AptHandler.Rollback;
using AptHandler.Settings;
using Microsoft.Extensions.Logging;

namespace AptHandler.Updates;

/// <summary>
/// Brings an update that did not end by itself to its new or its old set of packages. The direction is decided once, and written down
/// before anything is done. It is forward when the transaction had started and nothing failed. It is back when a script or a health check
/// failed, or when forward did not succeed in <see cref="MostAttempts"/> tries. The process that does this can be killed at any
/// instruction: the next process reads the direction and continues.
/// </summary>
/// <param name="context">What all steps work with.</param>
/// <param name="journal">The journal of the update.</param>
/// <param name="step">The step that asks for the recovery.</param>
internal sealed class Recovery(StepContext context, Journal journal, UpdateStep step)
{
    /// <summary>How often a direction is tried.</summary>
    public const int MostAttempts = 3;

    private readonly Configuration _configuration = context.Configuration;
    private readonly ILogger _log = context.Log;

    private UpdateRecord Record => journal.Record;

    private IReadOnlyList<UpdateRecord> EarlierSteps => new Deployment(context.Records, Record.WorkflowId).EarlierOnDevice(Record);

    private LockWait Patience => new(TimeSpan.FromSeconds(_configuration.LockTimeoutSeconds), progress => context.Report(step, progress));

    /// <summary>How apt-get and dpkg are run for the update.</summary>
    public ChangeRun Run() =>
        new(
            _configuration.System,
            context.Records.Backup(Record).Token,
            context.Records.Transcript(Record),
            TimeSpan.FromMinutes(_configuration.ScriptTimeoutMinutes),
            _log
        );

    /// <summary>The ways to the old and the new set of packages.</summary>
    public Settlement Settlement(Backup backup, ChangeRun run) =>
        new(_configuration.System, context.Records.Backup(Record), backup, run, _log);

    /// <summary>
    /// Waits for an apt-get that still runs after its worker died. The state of the packages can only be judged after that has ended.
    /// </summary>
    /// <param name="run">How apt-get was run.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="AptException">apt-get takes too long, or another program holds the lock for too long.</exception>
    public void WaitForPrograms(ChangeRun run, CancellationToken cancellation) =>
        FrontendLock.Take(_configuration.System, run.Scripts, Patience, cancellation).Dispose();

    /// <summary>Brings the device to the new set of packages, or to the old set if that fails.</summary>
    /// <returns>The record afterwards, with the result.</returns>
    /// <exception cref="AptException">Another program holds a lock for too long; the next start continues.</exception>
    public UpdateRecord Forward()
    {
        UpdateResult why = Failure(ExtendedResult.CutOff, "the update was cut off, and could not be finished");
        Backup backup = context.Records.Backup(Record).Read()!;
        while (Record.Attempts < MostAttempts)
        {
            journal.Save(Record with { State = UpdateState.Finishing, Attempts = Record.Attempts + 1 });
            Say($"update {Record.Number} was cut off and is being finished");
            if (Reach(backup, PackageSet.New, []) is not { } failure)
            {
                if (Health() is not { } sick)
                    return Finished();
                why = UpdateResult.Failure(UpdateStep.Install, ExtendedResult.HealthCheck, sick);
                break;
            }

            why = FailureResult.Of(UpdateStep.Install, failure);
            if (failure.Kind is AptFailureKind.ScriptFailed or AptFailureKind.NoSpace)
                break;
        }

        return Back(why, UpdateState.Failed);
    }

    private UpdateRecord Finished()
    {
        string done = Record.Packages.Count > 0 ? UpdatePlan.Describe(Record.Packages) : "the sources are as the manifest asks";
        string details = $"{done}; it was cut off, and finished afterwards{Record.Remark}";
        UpdateResult result = UpdateResult.Success(UpdateStep.Install, ResultCode.InstallSuccess, details);
        return journal.Save(Record with { State = UpdateState.Installed, Result = result with { Packages = Record.Packages } });
    }

    /// <summary>Decides that the update is undone, and brings the device to the old set of packages.</summary>
    /// <param name="why">The result of the step that is undone; the outcome of the undo is added to its details.</param>
    /// <param name="end">The state that the update ends in.</param>
    /// <param name="keepsEdits">Whether to keep configuration files that somebody changed after the update.</param>
    /// <param name="withDeployment">
    /// Whether the earlier steps of the deployment are undone, too; null where the configuration decides.
    /// </param>
    /// <returns>The record afterwards, with the result.</returns>
    /// <exception cref="AptException">Another program holds a lock for too long; the next start continues.</exception>
    public UpdateRecord Back(UpdateResult why, UpdateState end, bool keepsEdits = false, bool? withDeployment = null)
    {
        if (Obstacle() is { } obstacle)
        {
            context.Records.Backup(Record).FreeRoom();
            string stays = $"; it is not undone, because {obstacle}: the packages stay as they are";
            return journal.Save(Record with { State = end, Result = why with { Details = OperatorText.Clean(why.Details, stays) } });
        }

        bool isDeployment = withDeployment ?? _configuration.RollbackDeployment == RollbackScope.Deployment;

        // The changed files that a failed attempt found are kept for the next one. They cannot be found again, because the device is
        // between two states.
        if (Record is not { State: UpdateState.Failed, KeepsEdits: true })
            context.Records.Backup(Record).ForgetChanges();
        journal.Save(
            Record with
            {
                State = UpdateState.Restoring,
                Attempts = 0,
                Cause = why,
                EndState = end,
                KeepsEdits = keepsEdits,
                OwesDeployment = isDeployment && EarlierSteps.Count > 0,
            }
        );
        return GoOnBack();
    }

    // Why there is no way back, or null.
    private string? Obstacle()
    {
        if (_configuration.Rollback == RollbackPolicy.Off)
            return "rollback is off";
        return context.Records.Backup(Record).Read() is { } backup ? Settlement(backup, Run()).WhyNoWayBack() : "its backup is damaged";
    }

    /// <summary>Continues an undo that was decided.</summary>
    /// <returns>The record afterwards, with the result.</returns>
    /// <exception cref="AptException">Another program holds a lock for too long; the next start continues.</exception>
    public UpdateRecord GoOnBack()
    {
        UpdateResult why = Record.Cause ?? Failure(ExtendedResult.CutOff, "the update was cut off");
        BackupFolder folder = context.Records.Backup(Record);
        journal.Save(Record with { Attempts = Record.Attempts + 1 });
        Say($"update {Record.Number} is being undone");
        var remarks = new List<string>();
        AptFailure? failure = Reach(folder.Read()!, PackageSet.Old, remarks);
        if (remarks is [not Rollback.Settlement.AsBefore, ..] && context.Snapshot.Find(Record.Number) is { } snapshot)
            remarks.Add($"the root as it was before: {snapshot}");

        // Undoing an installed update later does not concern the earlier steps.
        IReadOnlyList<UpdateRecord> earlier = Record.EndState == UpdateState.Restored ? [] : EarlierSteps;
        if (earlier.Count > 0 && remarks is [Rollback.Settlement.AsBefore, ..])
            remarks[0] = Deployment.ChangedNothing;
        bool areUndoneNext = failure is null && Record.OwesDeployment;
        string more = string.Concat(remarks.Select(remark => $"; {remark}")) + (areUndoneNext ? "" : Deployment.WhatStays(earlier));
        return failure is null ? WentBack(why, more) : Stuck(why, failure, more);
    }

    private UpdateRecord WentBack(UpdateResult why, string more)
    {
        if (Record.EndState == UpdateState.Restored)
            ForgetCriteria();
        UpdateResult result = why with { Details = OperatorText.Clean(why.Details, more) };
        journal.Save(Record with { State = Record.EndState, HasChangedMachine = false, Result = result });

        // Nothing is left of the update, so its backup must never be used again.
        context.Records.Backup(Record).Delete();
        return Record.OwesDeployment ? new DeploymentReturn(context).Finish(journal, CancellationToken.None) : Record;
    }

    private UpdateRecord Stuck(UpdateResult why, AptFailure failure, string more)
    {
        _log.LogError("update {Number} could not be undone: {Evidence}", Record.Number, failure.Evidence);
        bool isLast = Record.Attempts >= MostAttempts;
        string details = OperatorText.Clean(why.Details, $"; and going back failed: {failure.Evidence}{more}");
        return journal.Save(
            Record with
            {
                State = isLast ? UpdateState.Failed : UpdateState.Restoring,
                OwesDeployment = Record.OwesDeployment && !isLast,
                Result = new UpdateResult(why.Step, ResultCode.Failure, ExtendedResult.RollbackFailed.Code, details),
            }
        );
    }

    private UpdateResult Failure(ExtendedResult cause, string details) => UpdateResult.Failure(step, cause, details);

    // A wait for a lock that another program holds does not count as an attempt.
    [SuppressMessage("Design", "CA1031", Justification = "Whatever stops it is a reason to tell and to try again, and nothing else.")]
    private AptFailure? Reach(Backup backup, PackageSet set, List<string> remarks)
    {
        try
        {
            return Settlement(backup, Run()).Reach(set, Record.KeepsEdits, Patience, remarks, CancellationToken.None);
        }
        catch (AptException e) when (e.Failure.Kind == AptFailureKind.Locked)
        {
            journal.Save(Record with { Attempts = Record.Attempts - 1 });
            throw;
        }
        catch (AptException e)
        {
            return e.Failure;
        }
        catch (Exception e)
        {
            return new AptFailure(
                e is IOException { HResult: Libc.ENOSPC } ? AptFailureKind.NoSpace : AptFailureKind.Other,
                null,
                e.Message
            );
        }
    }

    private string? Health()
    {
        try
        {
            return new HealthChecks(_configuration, _log).Run(Record, context.Records.Transcript(Record));
        }
        catch (Exception e) when (e is UpdateException or IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private void ForgetCriteria()
    {
        try
        {
            if (Record.InstalledCriteria.Length > 0)
                new InstalledCriteriaFile(_configuration.InstalledCriteriaFile).Remove(Record.InstalledCriteria);
        }
        catch (IOException e)
        {
            // Our own record says so in any case, and only that one counts.
            _log.LogWarning("{Criteria} could not be taken out of the agent's list: {Reason}", Record.InstalledCriteria, e.Message);
        }
    }

    private void Say(string text)
    {
        _log.LogWarning("{Text}", text);
        context.Report(step, new AptProgress(AptPhase.Change, 0, null, text));
    }
}
