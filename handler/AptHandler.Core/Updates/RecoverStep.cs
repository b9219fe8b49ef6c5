using AptHandler.Apt;
using AptHandler.Records;
using AptHandler.Results;
using AptHandler.Rollback;
using Microsoft.Extensions.Logging;

namespace AptHandler.Updates;

/// <summary>
/// The step Recover: it finishes or undoes an update that a kill, a power cut or a shutdown cut off, or goes on with what an update still
/// owes its deployment. Every step that changes the device does this first (see <see cref="Turn"/>). The boot unit does nothing else.
/// </summary>
/// <param name="context">What all steps work with.</param>
/// <param name="journal">The record of the update.</param>
/// <param name="step">The step that asks for the recovery.</param>
internal sealed class RecoverStep(StepContext context, Journal journal, UpdateStep step)
{
    private readonly Recovery _recovery = context.RecoveryOf(journal, step);

    private UpdateRecord Record => journal.Record;

    /// <summary>Decides whether the update is finished or undone, and does it.</summary>
    /// <param name="cancellation">Ends the wait for locks that others hold. A recovery that has started is completed.</param>
    /// <returns>The record of the update afterwards.</returns>
    /// <exception cref="AptException">Another program holds a lock for too long.</exception>
    public UpdateRecord Run(CancellationToken cancellation)
    {
        if (!Record.IsBetween)
            return new DeploymentReturn(context).Finish(journal, cancellation);
        context.Log.LogWarning("update {Number} was cut off while it was {State}", Record.Number, Record.State);
        if (context.Records.Backup(Record).Read() is not { } backup)
        {
            return Failed(
                ExtendedResult.RollbackFailed,
                $"update {Record.Number} was cut off, and its backup is damaged, so it can be neither finished nor undone; "
                    + "run dpkg --configure -a and apt-get check"
            );
        }

        ChangeRun run = _recovery.Run();
        Settlement settlement = _recovery.Settlement(backup, run);
        _recovery.WaitForPrograms(run, cancellation);
        if (Record.State == UpdateState.Restoring)
            return _recovery.GoOnBack();
        if (Record.IsDamaged && !settlement.IsBetween())
        {
            return Failed(
                ExtendedResult.StateUnusable,
                $"the record of update {Record.Number} was damaged; its packages are whole, but whether it was recorded as "
                    + "installed is not known; deploy again"
            );
        }

        if (Record.Packages.Count == 0)
            journal.Save(Record with { Packages = ChangesOf(backup) });
        if (!settlement.IsAt(PackageSet.Old))
            return _recovery.Forward();
        UpdateResult unchanged = UpdateResult.Failure(step, ExtendedResult.CutOff, "the update was cut off before it changed a package");
        return _recovery.Back(unchanged, UpdateState.Failed, withDeployment: false);
    }

    /// <summary>The result of the step Recover itself.</summary>
    /// <param name="recovered">The update that was cut off, as it is now; null when there was none.</param>
    public static UpdateResult ResultOf(UpdateRecord? recovered)
    {
        if (recovered is null)
            return UpdateResult.Success(UpdateStep.Recover, ResultCode.RecoverSuccess, "no update is half-done");
        if (recovered is { IsAtRest: false } or { State: UpdateState.Failed, HasChangedMachine: true })
            return recovered.Result! with { Step = UpdateStep.Recover };
        string details = $"update {recovered.Number}: {recovered.Result!.Details}";
        return UpdateResult.Success(UpdateStep.Recover, ResultCode.RecoverSuccess, details) with { Packages = recovered.Packages };
    }

    private UpdateRecord Failed(ExtendedResult cause, string details) =>
        journal.Save(Record with { State = UpdateState.Failed, Result = UpdateResult.Failure(step, cause, details) });

    private static PackageChange[] ChangesOf(Backup backup) =>
        [.. backup.Packages.Select(package => new PackageChange(package.Name, package.Old?.Version, package.New?.Version))];
}
