using System.Diagnostics.CodeAnalysis;
using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Rollback;
using Microsoft.Extensions.Logging;

namespace AptHandler.Updates;

/// <summary>
/// Brings an update that did not end by itself to one of its two ends. Which one is decided once and written down before anything is done:
/// forward when the transaction had begun and nothing failed, back when a script or a health check failed, or when forward did not get there
/// in <see cref="MostAttempts"/> tries. Whoever does the work may be killed at any instruction, and the next one goes on.
/// </summary>
/// <param name="configuration">The configuration of the device.</param>
/// <param name="records">The records of updates.</param>
/// <param name="log">The log.</param>
/// <param name="clock">The time for records.</param>
/// <param name="onProgress">Told what is done.</param>
internal sealed class Recovery(Configuration configuration, UpdateRecords records, ILogger log, TimeProvider clock, Action<AptProgress> onProgress)
{
    /// <summary>How often a direction is tried.</summary>
    public const int MostAttempts = 3;

    /// <summary>Finishes or undoes the newest update when it is not at rest.</summary>
    /// <param name="cancellation">Ends the waiting for locks that others hold; what is begun is brought to its end.</param>
    /// <returns>Its record afterwards, or null when there was nothing to do.</returns>
    /// <exception cref="AptException">Somebody else holds a lock for too long.</exception>
    public UpdateRecord? Recover(CancellationToken cancellation)
    {
        if (records.Newest() is not { IsAtRest: false } record)
            return null;
        log.LogWarning("update {Number} was cut off while it was {State}", record.Number, record.State);
        if (records.Backup(record).Read() is not { } backup)
            return End(record, UpdateResult.Failure(UpdateStep.Recover, ExtendedResult.RollbackFailed, $"update {record.Number} was cut off, and its backup is damaged, so it can be neither finished nor undone; run dpkg --configure -a and apt-get check"));

        ChangeRun run = RunOf(record);
        Settlement settlement = SettlementOf(record, backup, run);

        // An apt-get that has outlived its worker goes on to its end, and only then is there something to look at.
        FrontendLock.Take(configuration.System, run.Scripts, Patience, cancellation).Dispose();
        if (record.State == UpdateState.Restoring)
            return Back(record, record.Result ?? CutOff("the update was cut off"), UpdateState.Restored, keepsEdits: false);
        if (record.Packages.Count == 0)
            record = record with { Packages = [.. backup.Packages.Select(package => new PackageChange(package.Name, package.Old?.Version, package.New?.Version))] };
        if (IsAtOldSet(settlement))
            return Back(record, CutOff("the update was cut off before it changed a package"), UpdateState.Failed, keepsEdits: false);
        return Forward(record);
    }

    /// <summary>Brings an update to its new set, or where that fails to the old one.</summary>
    /// <param name="record">The update.</param>
    /// <returns>The record as it is then, with the result.</returns>
    public UpdateRecord Forward(UpdateRecord record)
    {
        UpdateResult result = CutOff("the update was cut off, and could not be finished");
        Backup backup = records.Backup(record).Read()!;
        while (record.Attempts < MostAttempts)
        {
            record = Save(record with { State = UpdateState.Finishing, Attempts = record.Attempts + 1 });
            Say($"update {record.Number} was cut off and is being finished");
            if (TryReach(record, backup, PackageSet.New, keepsEdits: false, []) is not { } failure)
            {
                string? sick = Health(record);
                if (sick is null)
                {
                    string plan = UpdatePlan.Describe(record.Packages);
                    return Save(record with
                    {
                        State = UpdateState.Installed,
                        Result = UpdateResult.Success(UpdateStep.Install, ResultCode.InstallSuccess, $"{plan}; it was cut off, and finished afterwards{record.Remark}") with { Packages = record.Packages },
                    });
                }

                result = UpdateResult.Failure(UpdateStep.Install, ExtendedResult.HealthCheck, sick);
                break;
            }

            result = AptFailureText.ResultOf(UpdateStep.Install, failure);
            if (failure.Kind is AptFailureKind.ScriptFailed or AptFailureKind.NoSpace)
                break;
        }

        return Back(record, result, UpdateState.Failed, keepsEdits: false);
    }

    /// <summary>Brings an update back to its old set.</summary>
    /// <param name="record">The update.</param>
    /// <param name="why">The result of the step that is undone; what came of the undoing is added to its details.</param>
    /// <param name="end">The state that the update ends in.</param>
    /// <param name="keepsEdits">Whether configuration files stay that somebody has changed after the update.</param>
    /// <returns>The record as it is then, with the result.</returns>
    public UpdateRecord Back(UpdateRecord record, UpdateResult why, UpdateState end, bool keepsEdits)
    {
        BackupFolder folder = records.Backup(record);
        if (folder.Read() is not { } backup || configuration.Rollback == RollbackPolicy.Off)
            return Save(record with { State = end, Result = why });
        int attempts = record.State == UpdateState.Restoring ? record.Attempts + 1 : 1;
        record = record with { State = UpdateState.Restoring, Attempts = attempts, Result = why };

        // On a full disk there is no room for the journal either.
        if (!TrySave(ref record))
        {
            folder.FreeRoom();
            record = Save(record);
        }

        Say($"update {record.Number} is being undone");
        var remarks = new List<string>();
        AptFailure? failure = TryReach(record, backup, PackageSet.Old, keepsEdits, remarks);
        string more = string.Concat(remarks.Select(remark => $"; {remark}"));
        UpdateResult told = record.Result!;
        if (failure is null)
        {
            folder.FreeRoom();
            if (end == UpdateState.Restored && record.InstalledCriteria.Length > 0)
                ForgetCriteria(record.InstalledCriteria);
            return Save(record with { State = end, HasChangedMachine = false, Result = told with { Details = OperatorText.Clean(told.Details, $"; the device is as it was before{more}") } });
        }

        log.LogError("update {Number} could not be undone: {Evidence}", record.Number, failure.Evidence);
        UpdateResult failed = new(told.Step, ResultCode.Failure, ExtendedResult.RollbackFailed.Code, OperatorText.Clean(told.Details, $"; and going back failed: {failure.Evidence}{more}"));
        bool isOver = attempts >= MostAttempts || backup.WithoutWayBack.Count > 0;
        return Save(record with { State = isOver ? UpdateState.Failed : UpdateState.Restoring, Result = failed });
    }

    /// <summary>How apt-get and dpkg are run for an update.</summary>
    public ChangeRun RunOf(UpdateRecord record) =>
        new(configuration.System, record.Number, records.Transcript(record), TimeSpan.FromMinutes(configuration.ScriptTimeoutMinutes), log);

    /// <summary>The ways to the two sets of an update.</summary>
    public Settlement SettlementOf(UpdateRecord record, Backup backup, ChangeRun run) => new(configuration.System, records.Backup(record), backup, run, log);

    private LockWait Patience => new(TimeSpan.FromSeconds(configuration.LockTimeoutSeconds), onProgress);

    private static UpdateResult CutOff(string what) => UpdateResult.Failure(UpdateStep.Recover, ExtendedResult.CutOff, what);

    [SuppressMessage("Design", "CA1031", Justification = "Whatever stops it is a reason to tell and to try again, and nothing else.")]
    private AptFailure? TryReach(UpdateRecord record, Backup backup, PackageSet set, bool keepsEdits, List<string> remarks)
    {
        try
        {
            return SettlementOf(record, backup, RunOf(record)).Reach(set, keepsEdits, Patience, remarks, CancellationToken.None);
        }
        catch (AptException e)
        {
            return e.Failure;
        }
        catch (Exception e)
        {
            return new AptFailure(e is IOException { HResult: Native.Libc.ENOSPC } ? AptFailureKind.NoSpace : AptFailureKind.Other, null, e.Message);
        }
    }

    private void ForgetCriteria(string criteria)
    {
        try
        {
            new InstalledCriteriaFile(configuration.InstalledCriteriaFile).Remove(criteria);
        }
        catch (IOException e)
        {
            // Our own record, which counts, says it in any case.
            log.LogWarning("{Criteria} could not be taken out of the agent's list: {Reason}", criteria, e.Message);
        }
    }

    private static bool IsAtOldSet(Settlement settlement)
    {
        try
        {
            return settlement.DifferenceFrom(PackageSet.Old) is null;
        }
        catch (DpkgStatusException)
        {
            // To be mended on the way.
            return false;
        }
    }

    private string? Health(UpdateRecord record)
    {
        try
        {
            return new HealthChecks(configuration, log).Run(record, records.Transcript(record));
        }
        catch (Exception e) when (e is UpdateException or IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private UpdateRecord End(UpdateRecord record, UpdateResult result) => Save(record with { State = UpdateState.Failed, HasChangedMachine = true, Result = result });

    private UpdateRecord Save(UpdateRecord record) => records.Save(record, clock.GetUtcNow());

    private bool TrySave(ref UpdateRecord record)
    {
        try
        {
            record = Save(record);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private void Say(string text)
    {
        log.LogWarning("{Text}", text);
        onProgress(new AptProgress(AptPhase.Change, 0, null, text));
    }
}
