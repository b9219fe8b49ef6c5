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
/// Brings an update that did not end by itself to one of its two ends. Which one is decided once and written down before anything is done:
/// forward when the transaction had begun and nothing failed, back when a script or a health check failed, or when forward did not get
/// there in <see cref="MostAttempts"/> tries. Whoever does the work may be killed at any instruction, and the next one goes on.
/// </summary>
/// <param name="context">What all steps work with.</param>
/// <param name="journal">The journal of the update.</param>
/// <param name="step">The step that asks for it.</param>
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

    /// <summary>The ways to the two sets of the update.</summary>
    public Settlement Settlement(Backup backup, ChangeRun run) =>
        new(_configuration.System, context.Records.Backup(Record), backup, run, _log);

    /// <summary>Finishes or undoes an update that is not at rest.</summary>
    /// <param name="cancellation">Ends the waiting for locks that others hold; what is begun is brought to its end.</param>
    /// <returns>Its record afterwards.</returns>
    /// <exception cref="AptException">Somebody else holds a lock for too long.</exception>
    public UpdateRecord Recover(CancellationToken cancellation)
    {
        if (!Record.IsBetween)
            return new DeploymentReturn(context).Finish(journal, cancellation);
        _log.LogWarning("update {Number} was cut off while it was {State}", Record.Number, Record.State);
        if (context.Records.Backup(Record).Read() is not { } backup)
        {
            return journal.Save(
                Record with
                {
                    State = UpdateState.Failed,
                    Result = Failure(
                        ExtendedResult.RollbackFailed,
                        $"update {Record.Number} was cut off, and its backup is damaged, so it can be neither finished nor undone; "
                            + $"run dpkg --configure -a and apt-get check"
                    ),
                }
            );
        }

        ChangeRun run = Run();
        Settlement settlement = Settlement(backup, run);

        // An apt-get that has outlived its worker goes on to its end, and only then is there something to look at.
        FrontendLock.Take(_configuration.System, run.Scripts, Patience, cancellation).Dispose();
        if (Record.State == UpdateState.Restoring)
            return Undo();
        if (Record.IsDamaged && !settlement.IsBetween())
            return journal.Save(
                Record with
                {
                    State = UpdateState.Failed,
                    Result = Failure(
                        ExtendedResult.StateUnusable,
                        $"the record of update {Record.Number} was damaged; its packages are whole, but whether it was recorded as "
                            + $"installed is not known; deploy again"
                    ),
                }
            );
        if (Record.Packages.Count == 0)
            journal.Save(
                Record with
                {
                    Packages =
                    [
                        .. backup.Packages.Select(package => new PackageChange(package.Name, package.Old?.Version, package.New?.Version)),
                    ],
                }
            );
        return settlement.IsAt(PackageSet.Old)
            ? Back(
                Failure(ExtendedResult.CutOff, "the update was cut off before it changed a package"),
                UpdateState.Failed,
                withDeployment: false
            )
            : Forward();
    }

    /// <summary>Brings the update to its new set, or where that fails to the old one.</summary>
    /// <returns>The record as it is then, with the result.</returns>
    /// <exception cref="AptException">Somebody else holds a lock for too long; the next start goes on.</exception>
    public UpdateRecord Forward()
    {
        UpdateResult result = Failure(ExtendedResult.CutOff, "the update was cut off, and could not be finished");
        Backup backup = context.Records.Backup(Record).Read()!;
        while (Record.Attempts < MostAttempts)
        {
            journal.Save(Record with { State = UpdateState.Finishing, Attempts = Record.Attempts + 1 });
            Say($"update {Record.Number} was cut off and is being finished");
            if (Reach(backup, PackageSet.New, []) is not { } failure)
            {
                if (Health() is { } sick)
                {
                    result = UpdateResult.Failure(UpdateStep.Install, ExtendedResult.HealthCheck, sick);
                    break;
                }

                string details =
                    $"{(Record.Packages.Count > 0 ? UpdatePlan.Describe(Record.Packages) : "the sources are as the manifest asks")}; "
                    + $"it was cut off, and finished afterwards{Record.Remark}";
                return journal.Save(
                    Record with
                    {
                        State = UpdateState.Installed,
                        Result = UpdateResult.Success(UpdateStep.Install, ResultCode.InstallSuccess, details) with
                        {
                            Packages = Record.Packages,
                        },
                    }
                );
            }

            result = AptFailureText.ResultOf(UpdateStep.Install, failure);
            if (failure.Kind is AptFailureKind.ScriptFailed or AptFailureKind.NoSpace)
                break;
        }

        return Back(result, UpdateState.Failed);
    }

    /// <summary>Decides that the update goes back, and brings it to its old set.</summary>
    /// <param name="why">The result of the step that is undone; what comes of the undoing is added to its details.</param>
    /// <param name="end">The state that the update is to end in.</param>
    /// <param name="keepsEdits">Whether configuration files stay that somebody has changed after the update.</param>
    /// <param name="withDeployment">
    /// Whether the earlier steps of the deployment are undone, too; null where the configuration decides.
    /// </param>
    /// <returns>The record as it is then, with the result.</returns>
    /// <exception cref="AptException">Somebody else holds a lock for too long; the next start goes on.</exception>
    public UpdateRecord Back(UpdateResult why, UpdateState end, bool keepsEdits = false, bool? withDeployment = null)
    {
        Backup? backup = context.Records.Backup(Record).Read();
        string? obstacle =
            _configuration.Rollback == RollbackPolicy.Off ? "rollback is off"
            : backup is null ? "its backup is damaged"
            : Settlement(backup, Run()).WithoutWayBack() is { Length: > 0 } stuck
                ? backup.Obstacle ?? $"no .deb of {string.Join(", ", stuck)} is available"
            : null;
        if (obstacle is not null)
        {
            context.Records.Backup(Record).FreeRoom();
            return journal.Save(
                Record with
                {
                    State = end,
                    Result = why with
                    {
                        Details = OperatorText.Clean(why.Details, $"; it is not undone, because {obstacle}: the packages stay as they are"),
                    },
                }
            );
        }

        // What was found when an earlier attempt began holds for the next one: the device stands between.
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
                OwesDeployment =
                    (withDeployment ?? _configuration.RollbackDeployment == RollbackScope.Deployment) && EarlierSteps.Count > 0,
            }
        );
        return Undo();
    }

    // Goes on with what was decided.
    private UpdateRecord Undo()
    {
        UpdateResult why = Record.Cause ?? Failure(ExtendedResult.CutOff, "the update was cut off");
        BackupFolder folder = context.Records.Backup(Record);
        journal.Save(Record with { Attempts = Record.Attempts + 1 });
        Say($"update {Record.Number} is being undone");
        var remarks = new List<string>();
        AptFailure? failure = Reach(folder.Read()!, PackageSet.Old, remarks);
        if (
            remarks is [not Rollback.Settlement.AsBefore, ..]
            && new RootSnapshot(_configuration.System, _log).Find(Record.Number) is { } snapshot
        )
            remarks.Add($"the root as it was before: {snapshot}");

        // An update that was installed and is undone later is a matter of its own.
        IReadOnlyList<UpdateRecord> earlier = Record.EndState == UpdateState.Restored ? [] : EarlierSteps;
        if (earlier.Count > 0 && remarks is [Rollback.Settlement.AsBefore, ..])
            remarks[0] = Deployment.ChangedNothing;
        bool areUndoneNext = failure is null && Record.OwesDeployment;
        string more = string.Concat(remarks.Select(remark => $"; {remark}")) + (areUndoneNext ? "" : Deployment.WhatStays(earlier));
        if (failure is null)
        {
            if (Record.EndState == UpdateState.Restored)
                ForgetCriteria();
            journal.Save(
                Record with
                {
                    State = Record.EndState,
                    HasChangedMachine = false,
                    Result = why with { Details = OperatorText.Clean(why.Details, more) },
                }
            );

            // Nothing is left of the update, so nothing must ever be brought back of it.
            folder.Delete();
            return Record.OwesDeployment ? new DeploymentReturn(context).Finish(journal, CancellationToken.None) : Record;
        }

        _log.LogError("update {Number} could not be undone: {Evidence}", Record.Number, failure.Evidence);
        return journal.Save(
            Record with
            {
                State = Record.Attempts >= MostAttempts ? UpdateState.Failed : UpdateState.Restoring,
                OwesDeployment = Record.OwesDeployment && Record.Attempts < MostAttempts,
                Result = new UpdateResult(
                    why.Step,
                    ResultCode.Failure,
                    ExtendedResult.RollbackFailed.Code,
                    OperatorText.Clean(why.Details, $"; and going back failed: {failure.Evidence}{more}")
                ),
            }
        );
    }

    private UpdateResult Failure(ExtendedResult cause, string details) => UpdateResult.Failure(step, cause, details);

    // A lock that somebody else holds is no attempt.
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
            // Our own record, which counts, says it in any case.
            _log.LogWarning("{Criteria} could not be taken out of the agent's list: {Reason}", Record.InstalledCriteria, e.Message);
        }
    }

    private void Say(string text)
    {
        _log.LogWarning("{Text}", text);
        context.Report(step, new AptProgress(AptPhase.Change, 0, null, text));
    }
}
