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

/// <summary>The step Install: the device is changed and verified, or it is brought back to its old state.</summary>
/// <param name="context">What all steps work with, and the sources as the manifest asks.</param>
/// <param name="request">The request.</param>
/// <param name="manifest">The manifest.</param>
/// <param name="journal">The record of the update.</param>
internal sealed class InstallStep(StepContext context, UpdateRequest request, AptManifest manifest, Journal journal)
{
    private const string EndedByShutdown = "a shutdown ended dpkg in the middle of its work; the next start finishes the update";

    private readonly Configuration _configuration = context.Configuration;
    private readonly AptCommand _apt = context.Apt(request.Step);
    private readonly BackupStep _backup = new(context, request, manifest, journal);
    private readonly HealthChecks _health = new(context.Configuration, context.Log);
    private readonly Recovery _recovery = context.RecoveryOf(journal, request.Step);

    private UpdateRecord Record => journal.Record;

    private BackupFolder Folder => context.Records.Backup(Record);

    /// <summary>Changes the device. A change that fails is undone before this returns.</summary>
    /// <param name="isCancelWanted">Asked after dpkg has done its work.</param>
    /// <param name="cancellation">Cancels the step at any time before dpkg runs.</param>
    [SuppressMessage(
        "Design",
        "CA1031",
        Justification = "Whatever stops an update whose transaction has begun, it must not stay where it is."
    )]
    public UpdateResult Run(Func<bool> isCancelWanted, CancellationToken cancellation)
    {
        _ = _health.Find();
        for (LockWait locks = _apt.WaitForLocks(); ; )
        {
            _ = Folder.FreeRoom();
            DpkgStatus before = _configuration.System.ReadStatus();
            UpdatePlan plan = context.Plan(request, manifest, before, cancellation);
            if (plan.IsEmpty)
                return Installed(plan, new TransactionOutcome([], ""));
            Backup backup = Prepare(plan, before, cancellation);
            journal.Save(Record with { State = UpdateState.Installing, Attempts = 0, KeepsEdits = false, HasChangedMachine = true });
            try
            {
                return Change(plan, before, backup, isCancelWanted);
            }
            catch (AptException e) when (e.Failure.Kind == AptFailureKind.Locked && Record.State == UpdateState.Installing)
            {
                // We have changed nothing, but the holder of the lock may change packages. So the plan and its review may no longer be
                // valid.
                journal.Save(Record with { State = UpdateState.BackedUp, HasChangedMachine = false });
                locks.Wait(e, cancellation);
            }
            catch (AptException e) when (e.Failure.Kind == AptFailureKind.Interrupted && Record.State == UpdateState.Installing)
            {
                // apt-get or dpkg was killed; nothing has failed.
                context.Log.LogWarning("the transaction was cut off: {Evidence}", e.Failure.Evidence);
                if (cancellation.IsCancellationRequested && !isCancelWanted())
                    return UpdateResult.Failure(request.Step, ExtendedResult.WorkerLost, EndedByShutdown);
                return _recovery.Forward().Result!;
            }
            catch (Exception e) when (Record.State == UpdateState.Installing)
            {
                return Undone(FailureResult.Of(request.Step, e), UpdateState.Failed);
            }
        }
    }

    // Does everything that can be done, or can fail, before the first change. It can be cancelled until the snapshot is taken.
    private Backup Prepare(UpdatePlan plan, DpkgStatus before, CancellationToken cancellation)
    {
        // Archives and a backup of an earlier step are used only if they were made for this same plan.
        bool isAsKept = plan.Changes.SequenceEqual(Record.Packages);
        bool isFetched = isAsKept && Record.State is UpdateState.Downloaded or UpdateState.BackedUp;
        if (plan.ChangesPackages && !isFetched)
            _apt.Download(plan.Words, cancellation);
        Backup? kept = isAsKept && Record.State == UpdateState.BackedUp ? Folder.Read() : null;
        bool stillFits = kept is not null && kept.Fits(before) && kept.Snapshot.IsStillSo(new RootTree(_configuration.System.RootFolder));
        Backup backup = stillFits ? kept! : _backup.Keep(plan, before, cancellation);
        RequireWritable(backup);
        Folder.KeepRoom(_configuration.System);
        cancellation.ThrowIfCancellationRequested();
        if (_configuration.Snapshot == SnapshotPolicy.Auto)
            context.Snapshot.Take(Record.Number);
        return backup;
    }

    private UpdateResult Change(UpdatePlan plan, DpkgStatus before, Backup backup, Func<bool> isCancelWanted)
    {
        ChangeRun run = _recovery.Run();
        var transaction = new Transaction(_apt, _configuration.System.StatusFile, run);
        TransactionOutcome outcome = transaction.Run(manifest, plan, before, _recovery.Settlement(backup, run));
        outcome = outcome with { Remark = outcome.Remark + _backup.Remark(backup) };
        if (_health.Run(Record, context.Records.Transcript(Record)) is { } sick)
            return Undone(UpdateResult.Failure(request.Step, ExtendedResult.HealthCheck, sick), UpdateState.Failed);
        return isCancelWanted() ? Cancelled(plan) : Installed(plan, outcome);
    }

    private UpdateResult Installed(UpdatePlan plan, TransactionOutcome outcome)
    {
        // If there was nothing left to do, the record of an earlier run stays.
        bool isDoneBefore = plan.IsEmpty && Record.State == UpdateState.Installed;
        IReadOnlyList<PackageChange> packages = isDoneBefore ? Record.Packages : [.. plan.Changes, .. outcome.Unplanned];
        string details = plan.Summary + outcome.Remark + Record.Remark;
        UpdateResult installed = UpdateResult.Success(request.Step, ResultCode.InstallSuccess, details) with { Packages = packages };
        return End(UpdateState.Installed, packages, isDoneBefore ? Record.Result ?? installed : installed);
    }

    private UpdateResult Cancelled(UpdatePlan plan)
    {
        if (_configuration.CancelDuringInstall == CancelDuringInstall.Undo)
        {
            return Undone(
                UpdateResult.Cancelled(request.Step, "cancelled while dpkg was running, which is not interrupted"),
                UpdateState.Cancelled
            );
        }

        string details =
            "cancelled while dpkg was running, which is not interrupted: the packages are installed, but the update is not recorded; "
            + $"deploy it again to record it: {plan.Summary}";
        return End(UpdateState.Cancelled, Record.Packages, UpdateResult.Cancelled(request.Step, details));
    }

    private UpdateResult Undone(UpdateResult why, UpdateState end) => _recovery.Back(why, end).Result!;

    private UpdateResult End(UpdateState state, IReadOnlyList<PackageChange> packages, UpdateResult result)
    {
        _ = Folder.FreeRoom();
        journal.Save(Record with { State = state, Packages = packages, Result = result });
        return result;
    }

    // A device may keep a file system read-only. That only matters if a package of the plan has files in it.
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
