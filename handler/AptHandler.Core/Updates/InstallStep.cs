using System.Diagnostics.CodeAnalysis;
using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Manifests;
using AptHandler.Planning;
using AptHandler.Records;
using AptHandler.Requests;
using AptHandler.Results;
using AptHandler.Rollback;
using AptHandler.Settings;
using Microsoft.Extensions.Logging;

namespace AptHandler.Updates;

/// <summary>The steps Backup and Install: what is needed to go back is kept, and then the device is changed, or is as it was.</summary>
internal sealed class InstallStep(StepContext context, Journal journal, UpdateRequest request, AptManifest manifest)
{
    private const string EndedByShutdown = "a shutdown ended dpkg in the middle of its work; the next start finishes the update";

    private readonly Configuration _configuration = context.Configuration;
    private readonly HealthChecks _health = new(context.Configuration, context.Log);
    private readonly Recovery _recovery = context.RecoveryOf(journal, request.Step);

    private UpdateRecord Record => journal.Record;

    private BackupFolder Folder => context.Records.Backup(Record);

    /// <summary>Keeps what is needed to go back.</summary>
    public UpdateResult Backup(CancellationToken cancellation)
    {
        if (_configuration.Rollback == RollbackPolicy.Off)
            return UpdateResult.Success(request.Step, ResultCode.BackupUnsupported, "nothing is kept: rollback is off");
        DpkgStatus status = _configuration.System.ReadStatus();
        UpdatePlan plan = context.Plan(request, manifest, status, cancellation);
        if (plan.IsEmpty)
            return UpdateResult.Success(request.Step, ResultCode.BackupSuccess, plan.Summary);
        Backup backup = Keep(plan, status, cancellation);
        return UpdateResult.Success(
            request.Step,
            ResultCode.BackupSuccess,
            $"the way back is kept for {backup.Packages.Count} packages{Remark(backup)}"
        );
    }

    /// <summary>Changes the device. What fails is undone before this returns.</summary>
    /// <param name="isCancelWanted">Asked when dpkg has done its work.</param>
    /// <param name="cancellation">Gives it up, any time before dpkg runs.</param>
    [SuppressMessage(
        "Design",
        "CA1031",
        Justification = "Whatever stops an update whose transaction has begun, it must not stay where it is."
    )]
    public UpdateResult Install(Func<bool> isCancelWanted, CancellationToken cancellation)
    {
        AptCommand apt = context.Apt(request.Step);
        _ = _health.Find();
        for (LockWait locks = apt.WaitForLocks(); ; )
        {
            _ = Folder.FreeRoom();
            DpkgStatus before = _configuration.System.ReadStatus();
            UpdatePlan plan = context.Plan(request, manifest, before, cancellation);
            if (plan.IsEmpty)
                return Installed(plan, new TransactionOutcome([], ""));

            // Archives that an earlier step left are not fetched again; others are fetched now, where it can still be cancelled.
            bool isAsKept = plan.Changes.SequenceEqual(Record.Packages);
            if (plan.ChangesPackages && (!isAsKept || Record.State is not (UpdateState.Downloaded or UpdateState.BackedUp)))
                apt.Download(plan.Words, cancellation);
            Backup backup =
                isAsKept
                && Record.State == UpdateState.BackedUp
                && Folder.Read() is { } kept
                && kept.Fits(before)
                && kept.Snapshot.IsStillSo(new RootTree(_configuration.System.RootFolder))
                    ? kept
                    : Keep(plan, before, cancellation);
            RequireWritable(backup);
            Folder.KeepRoom(_configuration.System);
            cancellation.ThrowIfCancellationRequested();
            if (_configuration.Snapshot == SnapshotPolicy.Auto)
                Snapshot.Take(Record.Number);
            journal.Save(Record with { State = UpdateState.Installing, Attempts = 0, KeepsEdits = false, HasChangedMachine = true });
            ChangeRun run = _recovery.Run();
            try
            {
                TransactionOutcome outcome = new Transaction(apt, _configuration.System.StatusFile, run).Run(
                    manifest,
                    plan,
                    before,
                    _recovery.Settlement(backup, run)
                );
                outcome = outcome with { Remark = outcome.Remark + Remark(backup) };
                if (_health.Run(Record, context.Records.Transcript(Record)) is { } sick)
                    return Undone(UpdateResult.Failure(request.Step, ExtendedResult.HealthCheck, sick), UpdateState.Failed);
                return isCancelWanted() ? Cancelled(plan) : Installed(plan, outcome);
            }
            catch (AptException e) when (e.Failure.Kind == AptFailureKind.Locked && Record.State == UpdateState.Installing)
            {
                // We have changed nothing, but whoever holds the lock may. What was planned and reviewed before need not hold any more.
                journal.Save(Record with { State = UpdateState.BackedUp, HasChangedMachine = false });
                locks.Wait(e, cancellation);
            }
            catch (AptException e) when (e.Failure.Kind == AptFailureKind.Interrupted && Record.State == UpdateState.Installing)
            {
                // Somebody has killed apt-get or dpkg; nothing has failed.
                context.Log.LogWarning("the transaction was cut off: {Evidence}", e.Failure.Evidence);
                if (cancellation.IsCancellationRequested && !isCancelWanted())
                    return UpdateResult.Failure(request.Step, ExtendedResult.WorkerLost, EndedByShutdown);
                return _recovery.Forward().Result!;
            }
            catch (Exception e) when (Record.State == UpdateState.Installing)
            {
                return Undone(UpdateSteps.FailureOf(request.Step, e), UpdateState.Failed);
            }
        }
    }

    private Backup Keep(UpdatePlan plan, DpkgStatus status, CancellationToken cancellation)
    {
        journal.BeginAnew(request);
        bool keepsDeployment = _configuration.RollbackDeployment == RollbackScope.Deployment;
        context.Records.PruneBackups(Record, all: false, keepsDeployment);
        IReadOnlyList<KeptMark> marks = PlannedMarks.Of(manifest, plan, status, _configuration.System.ReadMarks());
        Backup backup = new BackupMaker(_configuration.System, context.Apt(request.Step), Folder).Make(
            plan.Apt,
            plan.Unfinished,
            plan.Paragraphs,
            marks,
            plan.SourceFiles,
            status,
            Wish,
            RoomCheck.Unpacked(plan),
            () => context.Records.PruneBackups(Record, all: true, keepsDeployment),
            cancellation
        );
        if (_configuration.Rollback == RollbackPolicy.Required && backup.WithoutWayBack.Count > 0)
        {
            Folder.Delete();
            throw new UpdateException(
                ExtendedResult.NoWayBack,
                $"rollback is required, but {backup.WhyWithoutWayBack}; {ExtendedResult.NoWayBack.Remedy}"
            );
        }

        journal.Save(Record with { State = UpdateState.BackedUp, Packages = plan.Changes, Warning = plan.Warning });
        return backup;
    }

    private string Remark(Backup backup) =>
        RemarkOnWayBack(backup)
        + (
            _configuration.Snapshot == SnapshotPolicy.Auto && Snapshot.Find(Record.Number) is { } path
                ? $"; the root as it was before: {path}"
                : ""
        );

    private RootSnapshot Snapshot => new(_configuration.System, context.Log);

    private string RemarkOnWayBack(Backup backup) =>
        _configuration.Rollback == RollbackPolicy.Off || backup.WithoutWayBack.Count == 0
            ? ""
            : $"; cannot go back to {string.Join(", ", backup.WithoutWayBack)}: {backup.Obstacle ?? "no .deb of them is available"}";

    private WayBack Wish =>
        _configuration.Rollback switch
        {
            RollbackPolicy.Off => WayBack.Unwanted,
            RollbackPolicy.Required => WayBack.Required,
            _ => WayBack.Wanted,
        };

    private UpdateResult Undone(UpdateResult why, UpdateState end) => _recovery.Back(why, end).Result!;

    private UpdateResult Cancelled(UpdatePlan plan)
    {
        if (_configuration.CancelDuringInstall == CancelDuringInstall.Undo)
            return Undone(
                UpdateResult.Cancelled(request.Step, "cancelled while dpkg was running, which is not interrupted"),
                UpdateState.Cancelled
            );
        UpdateResult result = UpdateResult.Cancelled(
            request.Step,
            $"cancelled while dpkg was running, which is not interrupted: the packages are installed, but the update is not "
                + $"recorded; deploy it again to record it: {plan.Summary}"
        );
        _ = Folder.FreeRoom();
        journal.Save(Record with { State = UpdateState.Cancelled, Result = result });
        return result;
    }

    private UpdateResult Installed(UpdatePlan plan, TransactionOutcome outcome)
    {
        // Where there was nothing left to do, what an earlier run has done stays on record.
        UpdateRecord record =
            plan.IsEmpty && Record.State == UpdateState.Installed
                ? Record
                : Record with
                {
                    Packages = [.. plan.Changes, .. outcome.Unplanned],
                };
        UpdateResult result =
            record is { State: UpdateState.Installed, Result: { } earlier } && plan.IsEmpty
                ? earlier
                : UpdateResult.Success(request.Step, ResultCode.InstallSuccess, plan.Summary + outcome.Remark + record.Remark) with
                {
                    Packages = record.Packages,
                };
        _ = Folder.FreeRoom();
        journal.Save(record with { State = UpdateState.Installed, Result = result });
        return result;
    }

    // Only where something is to be written: a device may keep a file system read-only that no package of the plan has anything in.
    private void RequireWritable(Backup backup)
    {
        var tree = new RootTree(_configuration.System.RootFolder);
        IEnumerable<string> folders = backup
            .Snapshot.Entries.Where(entry => entry.IsInReach && entry.Kind != EntryKind.Folder)
            .Select(entry => entry.Path)
            .Concat(backup.Snapshot.Absent)
            .Select(path => Path.GetDirectoryName(path)!)
            .Distinct(StringComparer.Ordinal)
            .Select(folder => tree.SafePath(folder + "/.") is { } place ? Path.GetDirectoryName(place)! : "")
            .Where(folder => folder.Length > 0)
            .Append(_configuration.System.AdminFolder);
        foreach (string folder in folders.DistinctBy(folder => $"{Descriptor.DeviceOf(folder)}", StringComparer.Ordinal))
        {
            if (FileSystem.IsReadOnly(folder))
                throw new UpdateException(
                    ExtendedResult.ReadOnly,
                    $"cannot install: the file system of {folder} is mounted read-only; {ExtendedResult.ReadOnly.Remedy}"
                );
        }
    }
}
