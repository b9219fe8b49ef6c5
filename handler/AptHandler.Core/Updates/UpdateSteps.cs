using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Manifests;
using AptHandler.Rollback;
using Microsoft.Extensions.Logging;

namespace AptHandler.Updates;

/// <summary>
/// The steps of an update. Each reads the manifest again, trusts nothing that an earlier step left behind, and is safe to run twice.
/// A failure is a result, never an exception.
/// </summary>
/// <param name="configuration">The configuration of the device.</param>
/// <param name="log">The log.</param>
/// <param name="clock">The time for records.</param>
/// <param name="onProgress">Told how far the running step is; the file for those who look in from outside is written besides.</param>
public sealed class UpdateSteps(Configuration configuration, ILogger log, TimeProvider clock, Action<UpdateProgress>? onProgress = null)
{
    private const int PermissionDenied = 13; // EACCES
    private const int NoSpaceLeft = 28; // ENOSPC

    private readonly UpdateRecords _records = new(configuration.StateDir);
    private readonly HealthChecks _health = new(configuration, log);
    private readonly ProgressFile _progressFile = new(configuration.RunDir);

    /// <summary>Does one step.</summary>
    /// <param name="request">Which step, for which update.</param>
    /// <param name="isCancelWanted">
    /// Whether somebody wants the update to be cancelled, asked when dpkg has done its work. Not every end of the worker is that: a shutdown gives
    /// up what it can, and an update that is installed by then stays.
    /// </param>
    /// <param name="cancellation">Gives the step up at the next safe point: any time before dpkg runs.</param>
    /// <returns>The result in the agent's terms.</returns>
    [SuppressMessage("Design", "CA1031", Justification = "The one boundary where every failure becomes a result.")]
    public UpdateResult Run(UpdateRequest request, Func<bool> isCancelWanted, CancellationToken cancellation)
    {
        UpdateRecord? record = null;
        UpdateResult result;
        try
        {
            UpdateRequest.CheckCriteria(request.InstalledCriteria);
            log.LogInformation("{Step} of {Criteria} begins", request.Step, request.InstalledCriteria);
            result = request.Step switch
            {
                UpdateStep.Plan => Plan(request, cancellation),
                UpdateStep.IsInstalled => IsInstalled(request),
                UpdateStep.Recover => Recover(request, cancellation),
                UpdateStep.Restore => Restore(request, cancellation),
                UpdateStep.Download or UpdateStep.Backup or UpdateStep.Install or UpdateStep.Apply => Change(request, ref record, isCancelWanted, cancellation),
                _ => throw new UnreachableException($"there is no step {request.Step}"),
            };
        }
        catch (OperationCanceledException)
        {
            result = UpdateResult.Cancelled(
                request.Step, $"{request.Step} was cancelled; {(request.Step == UpdateStep.Apply ? "the packages are installed, but the update is not recorded" : "nothing was changed")}");
        }
        catch (Exception e)
        {
            result = FailureOf(request.Step, e);
        }

        // What has an end by now, or still is on its way to one, is not for us to end.
        if (record is { HasEnded: false, State: not UpdateState.Restoring } && !result.IsSuccess)
            TryEnd(record, result);
        log.LogInformation(
            "{Step} of {Criteria} ends: {Result} {Extended} {Details}",
            request.Step, request.InstalledCriteria, result.ResultCode, ExtendedResult.Format(result.ExtendedResultCode), result.Details);
        return result;
    }

    /// <summary>The result that a failure makes, wherever it was found.</summary>
    public static UpdateResult FailureOf(UpdateStep step, Exception failure) => failure switch
    {
        UpdateException e => UpdateResult.Failure(step, e.Cause, e.Message),
        AptException e => AptFailureText.ResultOf(step, e.Failure),
        DpkgStatusException e => UpdateResult.Failure(step, ExtendedResult.StatusUnreadable, e.Message),
        IOException { HResult: NoSpaceLeft } => UpdateResult.Failure(step, ExtendedResult.NoSpace, $"{failure.Message}; {ExtendedResult.NoSpace.Remedy}"),
        UnauthorizedAccessException or IOException { HResult: PermissionDenied } =>
            UpdateResult.Failure(step, ExtendedResult.StateUnusable, $"{failure.Message}; run it as root"),
        IOException => UpdateResult.Failure(step, ExtendedResult.StateUnusable, failure.Message),
        _ => UpdateResult.Failure(step, ExtendedResult.Internal, $"a fault in the handler itself: {failure.GetType().Name}: {failure.Message}"),
    };

    private UpdateResult Plan(UpdateRequest request, CancellationToken cancellation)
    {
        UpdatePlan plan = Planner(request).Plan(ManifestOf(request).Manifest, DpkgStatus.Read(configuration.System.StatusFile), cancellation);
        return UpdateResult.Success(request.Step, ResultCode.DownloadSuccess, plan.Summary) with { Packages = plan.Changes };
    }

    private UpdateResult IsInstalled(UpdateRequest request)
    {
        InstalledAnswer answer = InstalledCheck.Ask(configuration, request.InstalledCriteria, ManifestOf(request).Manifest);
        return UpdateResult.Success(request.Step, answer.IsInstalled ? ResultCode.IsInstalled : ResultCode.IsNotInstalled, answer.Reason);
    }

    // Nothing begins while an earlier update is half-done: that one is finished, or undone, first.
    private WorkerLock TakeTurn(UpdateRequest request, CancellationToken cancellation, out UpdateRecord? recovered, out bool hasWaited)
    {
        OwnFolders.Make(configuration);
        OwnFolders.Check(configuration);
        bool waited = false;
        var turn = WorkerLock.Take(
            configuration.RunDir,
            holder =>
            {
                waited = true;
                Show(new UpdateProgress(request.Step, AptPhase.Wait, 0, $"another update is running (process {holder})"));
                // For one's own update there is no patience to lose: it is the same work.
                return _records.Newest() is { } newest && newest.InstalledCriteria == request.InstalledCriteria && newest.WorkflowId == request.WorkflowId
                    ? TimeSpan.FromDays(1)
                    : TimeSpan.FromSeconds(configuration.LockTimeoutSeconds);
            },
            cancellation);
        hasWaited = waited;
        try
        {
            recovered = RecoveryFor(request.Step).Recover(cancellation);
            return turn;
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    private UpdateResult Recover(UpdateRequest request, CancellationToken cancellation)
    {
        using WorkerLock turn = TakeTurn(request, cancellation, out UpdateRecord? recovered, out _);
        return recovered switch
        {
            null => UpdateResult.Success(request.Step, ResultCode.RecoverSuccess, "no update is half-done"),
            { State: UpdateState.Restoring } or { State: UpdateState.Failed, HasChangedMachine: true } => recovered.Result! with { Step = request.Step },
            _ => UpdateResult.Success(request.Step, ResultCode.RecoverSuccess, $"update {recovered.Number}: {recovered.Result!.Details}") with { Packages = recovered.Packages },
        };
    }

    private UpdateResult Change(UpdateRequest request, ref UpdateRecord? record, Func<bool> isCancelWanted, CancellationToken cancellation)
    {
        (AptManifest manifest, string warnings) = ManifestOf(request);
        DateTimeOffset asked = clock.GetUtcNow();
        using WorkerLock turn = TakeTurn(request, cancellation, out _, out bool hasWaited);

        // Somebody else has done this very step meanwhile: an agent that was restarted, say, has asked twice.
        if (hasWaited && _records.Newest() is { Result: { } done } same && same.Changed >= asked && done.Step == request.Step
            && same.InstalledCriteria == request.InstalledCriteria && same.WorkflowId == request.WorkflowId && request.Manifest.Span.SequenceEqual(_records.Manifest(same)))
        {
            return done;
        }

        if (request.Step != UpdateStep.Apply && InstalledCheck.Ask(configuration, request.InstalledCriteria, manifest).IsInstalled)
        {
            return request.Step switch
            {
                UpdateStep.Download => UpdateResult.Success(request.Step, ResultCode.DownloadSkippedInstalled, "already installed"),
                UpdateStep.Backup => UpdateResult.Success(request.Step, ResultCode.BackupSuccess, "already installed"),
                _ => UpdateResult.Success(request.Step, ResultCode.InstallSkippedInstalled, "already installed"),
            };
        }

        record = _records.Continue(request, clock.GetUtcNow());
        return request.Step switch
        {
            UpdateStep.Download => Download(request, manifest, warnings.Length == 0 ? "" : $"; {warnings}", ref record, cancellation),
            UpdateStep.Backup => Backup(request, manifest, ref record, cancellation),
            UpdateStep.Install => Install(request, manifest, ref record, isCancelWanted, cancellation),
            UpdateStep.Apply => Apply(request, manifest, ref record),
            _ => throw new UnreachableException($"{request.Step} changes nothing"),
        };
    }

    private UpdateResult Download(
        UpdateRequest request, AptManifest manifest, string warnings, ref UpdateRecord record, CancellationToken cancellation)
    {
        AptCommand apt = Apt(request.Step);
        AptFailure? stale = null;
        try
        {
            apt.Update(cancellation);
        }
        catch (AptException e)
        {
            // Not fatal while the plan holds with the indexes that are there.
            stale = e.Failure;
        }

        UpdatePlan plan;
        try
        {
            plan = Planner(request).Plan(manifest, DpkgStatus.Read(configuration.System.StatusFile), cancellation);
            if (!plan.Apt.IsEmpty)
                apt.Download(plan.Words, cancellation);
        }
        catch (AptException e) when (stale is not null)
        {
            // What is not in old lists may be in new ones: then the network, or the lock, is the cause, and a later try worth it.
            bool isMissing = e.Failure.Kind is AptFailureKind.UnknownPackage or AptFailureKind.UnknownVersion;
            throw new AptException(isMissing
                ? stale with { Evidence = $"apt-get update failed: {stale.Evidence}; and in the lists that are there {e.Failure.Evidence}" }
                : e.Failure with { Evidence = $"{e.Failure.Evidence} (and apt-get update failed: {stale.Evidence})" });
        }

        // Told here and once more at the end, where an operator looks.
        // Installed already by a run that was cut off before it could say so. What was kept before that is the way back.
        if (plan.IsEmpty && record.State == UpdateState.Installed)
            return UpdateResult.Success(request.Step, ResultCode.DownloadSuccess, plan.Summary);

        string remark = stale is null ? warnings : $"{warnings}; the package lists may be old: apt-get update failed: {stale.Evidence}";
        record = _records.Save(record with { State = UpdateState.Downloaded, Packages = plan.Changes, Remark = remark }, clock.GetUtcNow());
        return UpdateResult.Success(request.Step, ResultCode.DownloadSuccess, plan.Summary + remark) with { Packages = plan.Changes };
    }

    private UpdateResult Backup(UpdateRequest request, AptManifest manifest, ref UpdateRecord record, CancellationToken cancellation)
    {
        if (configuration.Rollback == RollbackPolicy.Off)
            return UpdateResult.Success(request.Step, ResultCode.BackupUnsupported, "nothing is kept: rollback is off");
        DpkgStatus status = DpkgStatus.Read(configuration.System.StatusFile);
        UpdatePlan plan = Planner(request).Plan(manifest, status, cancellation);
        if (plan.IsEmpty)
            return UpdateResult.Success(request.Step, ResultCode.BackupSuccess, plan.Summary);
        Backup backup = Keep(request, manifest, plan, status, ref record, cancellation);
        return UpdateResult.Success(request.Step, ResultCode.BackupSuccess, $"the way back is kept for {backup.Packages.Count} packages{Remark(backup)}");
    }

    private Backup Keep(UpdateRequest request, AptManifest manifest, UpdatePlan plan, DpkgStatus status, ref UpdateRecord record, CancellationToken cancellation)
    {
        UpdateRecord current = record;
        _records.PruneBackups(record, all: false);
        IReadOnlyList<KeptMark> marks = PlannedMarks.Of(manifest, plan, status, AutoMarks.Read(configuration.System.ExtendedStatesFile));
        Backup backup = new BackupMaker(configuration.System, Apt(request.Step), _records.Backup(record)).Make(
            plan.Apt, plan.Unfinished, plan.Paragraphs, marks, status, configuration.Rollback != RollbackPolicy.Off, () => _records.PruneBackups(current, all: true), cancellation);
        if (configuration.Rollback == RollbackPolicy.Required && backup.WithoutWayBack.Count > 0)
        {
            _records.Backup(record).Delete();
            throw new UpdateException(ExtendedResult.NoWayBack, $"rollback is required, but nobody has the archive of {string.Join(", ", backup.WithoutWayBack)}; {ExtendedResult.NoWayBack.Remedy}");
        }

        record = _records.Save(record with { State = UpdateState.BackedUp, Packages = plan.Changes }, clock.GetUtcNow());
        return backup;
    }

    private string Remark(Backup backup) => configuration.Rollback == RollbackPolicy.Off || backup.WithoutWayBack.Count == 0
        ? ""
        : $"; cannot go back, because nobody has their archives: {string.Join(", ", backup.WithoutWayBack)}";

    [SuppressMessage("Design", "CA1031", Justification = "Whatever stops an update whose transaction has begun, it must not stay where it is.")]
    private UpdateResult Install(
        UpdateRequest request, AptManifest manifest, ref UpdateRecord record, Func<bool> isCancelWanted, CancellationToken cancellation)
    {
        AptCommand apt = Apt(request.Step);
        UpdatePlanner planner = Planner(request);
        Recovery recovery = RecoveryFor(request.Step);
        _ = _health.Find();
        for (LockWait locks = apt.WaitForLocks(); ;)
        {
            _records.Backup(record).FreeRoom();
            DpkgStatus before = DpkgStatus.Read(configuration.System.StatusFile);
            UpdatePlan plan = planner.Plan(manifest, before, cancellation);
            if (plan.IsEmpty)
                return Installed(request, ref record, plan, new TransactionOutcome([], ""));

            // Archives that an earlier step left are not fetched again; others are fetched now, where it can still be cancelled.
            bool isAsKept = plan.Changes.SequenceEqual(record.Packages);
            if (!isAsKept || record.State is not (UpdateState.Downloaded or UpdateState.BackedUp))
                apt.Download(plan.Words, cancellation);
            Backup backup = isAsKept && record.State == UpdateState.BackedUp && _records.Backup(record).Read() is { } kept && kept.Fits(before)
                ? kept
                : Keep(request, manifest, plan, before, ref record, cancellation);
            RequireWritable();
            _records.Backup(record).KeepRoom(configuration.System);
            cancellation.ThrowIfCancellationRequested();
            record = _records.Save(record with { State = UpdateState.Installing, Attempts = 0, HasChangedMachine = true }, clock.GetUtcNow());
            ChangeRun run = recovery.RunOf(record);
            try
            {
                TransactionOutcome outcome = new Transaction(apt, configuration.System.StatusFile, run).Run(manifest, plan, before, recovery.SettlementOf(record, backup, run));
                outcome = outcome with { Remark = outcome.Remark + Remark(backup) };
                if (_health.Run(record, _records.Transcript(record)) is { } sick)
                    return Undone(ref record, UpdateResult.Failure(request.Step, ExtendedResult.HealthCheck, sick), UpdateState.Failed);
                return isCancelWanted() ? Cancelled(request, ref record, plan) : Installed(request, ref record, plan, outcome);
            }
            catch (AptException e) when (e.Failure.Kind == AptFailureKind.Locked)
            {
                // We have changed nothing, but whoever holds the lock may. What was planned and reviewed before need not hold any more.
                record = _records.Save(record with { State = UpdateState.BackedUp, HasChangedMachine = false }, clock.GetUtcNow());
                locks.Wait(e, cancellation);
            }
            catch (AptException e) when (e.Failure.Kind == AptFailureKind.Interrupted)
            {
                // Somebody has killed apt-get or dpkg; nothing has failed.
                log.LogWarning("the transaction was cut off: {Evidence}", e.Failure.Evidence);
                record = recovery.Forward(record);
                return record.Result!;
            }
            catch (Exception e)
            {
                return Undone(ref record, FailureOf(request.Step, e), UpdateState.Failed);
            }
        }
    }

    private UpdateResult Undone(ref UpdateRecord record, UpdateResult why, UpdateState end)
    {
        record = RecoveryFor(why.Step).Back(record, why, end, keepsEdits: false);
        return record.Result!;
    }

    private UpdateResult Cancelled(UpdateRequest request, ref UpdateRecord record, UpdatePlan plan)
    {
        if (configuration.CancelDuringInstall == CancelDuringInstall.Undo)
            return Undone(ref record, UpdateResult.Cancelled(request.Step, "cancelled while dpkg was running, which is not interrupted"), UpdateState.Cancelled);
        UpdateResult result = UpdateResult.Cancelled(
            request.Step, $"cancelled while dpkg was running, which is not interrupted: the packages are installed, but the update is not recorded; deploy it again to record it: {plan.Summary}");
        record = _records.Save(record with { State = UpdateState.Cancelled, Result = result }, clock.GetUtcNow());
        return result;
    }

    private UpdateResult Installed(UpdateRequest request, ref UpdateRecord record, UpdatePlan plan, TransactionOutcome outcome)
    {
        // Where there was nothing left to do, what an earlier run has done stays on record.
        if (!plan.IsEmpty)
            record = record with { Packages = [.. plan.Changes, .. outcome.Unplanned] };
        UpdateResult result = record is { State: UpdateState.Installed, Result: { } earlier } && plan.IsEmpty
            ? earlier
            : UpdateResult.Success(request.Step, ResultCode.InstallSuccess, plan.Summary + outcome.Remark + record.Remark) with { Packages = record.Packages };
        _records.Backup(record).FreeRoom();
        record = _records.Save(record with { State = UpdateState.Installed, Result = result }, clock.GetUtcNow());
        return result;
    }

    // By the agent after a step that failed, was cancelled or could not be recorded; by hand whenever an update turns out to be a bad one.
    private UpdateResult Restore(UpdateRequest request, CancellationToken cancellation)
    {
        if (configuration.Rollback == RollbackPolicy.Off)
            return UpdateResult.Success(request.Step, ResultCode.RestoreUnsupported, "nothing is brought back: rollback is off");
        using WorkerLock turn = TakeTurn(request, cancellation, out _, out _);
        bool isAny = request.InstalledCriteria == UpdateRequest.Newest;
        UpdateRecord? record = _records.NewestFirst().FirstOrDefault(each => !isAny || each.HasChangedMachine);
        if (record is not { HasChangedMachine: true } || (!isAny && (record.InstalledCriteria != request.InstalledCriteria || record.WorkflowId != request.WorkflowId)))
            return UpdateResult.Success(request.Step, ResultCode.RestoreSuccess, "there is nothing to bring back: the device is as it was before");
        if (!isAny && record.State == UpdateState.Cancelled)
            return UpdateResult.Success(request.Step, ResultCode.RestoreSuccess, "the packages of the cancelled update stay: cancelDuringInstall is keep");
        if (_records.Backup(record).Read() is null)
            return UpdateResult.Failure(request.Step, ExtendedResult.NoWayBack, $"cannot undo update {record.Number} ({record.InstalledCriteria}): its backup is not there any more; only the newest update can be undone");

        UpdateState earlier = record.State;
        record = RecoveryFor(request.Step).Back(
            record, UpdateResult.Success(request.Step, ResultCode.RestoreSuccess, $"update {record.Number} ({record.InstalledCriteria}) is undone"),
            UpdateState.Restored, keepsEdits: earlier is UpdateState.Installed or UpdateState.Applied);
        return record.Result! with { Packages = [.. record.Packages.Select(change => new PackageChange(change.Name, change.After, change.Before))] };
    }

    private void RequireWritable()
    {
        AptSystem system = configuration.System;
        foreach (string folder in new[] { system.RootFolder, system.PathOf("/usr"), system.PathOf("/etc"), system.PathOf("/var"), system.AdminFolder })
        {
            if (Directory.Exists(folder) && FileSystem.IsReadOnly(folder))
                throw new UpdateException(ExtendedResult.ReadOnly, $"cannot install: the file system of {folder} is mounted read-only; {ExtendedResult.ReadOnly.Remedy}");
        }
    }

    private UpdateResult Apply(UpdateRequest request, AptManifest manifest, ref UpdateRecord record)
    {
        InstalledAnswer answer = InstalledCheck.Compare(manifest, DpkgStatus.Read(configuration.System.StatusFile));
        if (!answer.IsInstalled)
            throw new UpdateException(ExtendedResult.Verification, $"cannot record the update as installed: {answer.Reason}; run the install step first");

        DateTimeOffset now = clock.GetUtcNow();
        try
        {
            new InstalledCriteriaFile(configuration.InstalledCriteriaFile).Add(request.InstalledCriteria, now);
        }
        catch (IOException e)
        {
            throw new UpdateException(ExtendedResult.CriteriaNotPersisted, e.Message);
        }

        bool restart = manifest.AgentRestartRequired
            || manifest.Packages.Any(intent => NeedsAgentRestart(intent.Package.Name)) || record.Packages.Any(change => NeedsAgentRestart(change.Name));
        string? reboot = RebootRequired.Reason(configuration.System);
        RebootPolicy wish = reboot is null ? RebootPolicy.Report : configuration.Reboot;
        string details = record.Result is { Step: UpdateStep.Install, IsSuccess: true } install ? install.Details : "every package is as the manifest asks";
        if (reboot is not null)
            details = $"{reboot}; {details}";
        int code = wish switch
        {
            RebootPolicy.Immediate => ResultCode.ApplyImmediateReboot,
            _ when restart => ResultCode.ApplyImmediateAgentRestart,
            RebootPolicy.Deferred => ResultCode.ApplyReboot,
            _ => ResultCode.ApplySuccess,
        };
        UpdateResult result = UpdateResult.Success(request.Step, code, restart ? $"the agent restarts; {details}" : details) with
        {
            Packages = record.Packages,
            RestartAgent = restart,
        };
        record = _records.Save(record with { State = UpdateState.Applied, Result = result }, now);
        return result;
    }

    private static bool NeedsAgentRestart(string package) =>
        package.StartsWith("deviceupdate-agent", StringComparison.Ordinal) || package == "du-apt-handler";

    private static (AptManifest Manifest, string Warnings) ManifestOf(UpdateRequest request)
    {
        ManifestReading reading = ManifestReader.Read(request.Manifest.Span);
        return reading.Manifest is { } manifest
            ? (manifest, reading.Problems.Count > 0 ? reading.Summary() : "")
            : throw new UpdateException(ExtendedResult.Manifest, $"the apt manifest is not valid: {reading.Summary()}");
    }

    private AptCommand Apt(UpdateStep step) =>
        new(configuration.System, TimeSpan.FromSeconds(configuration.LockTimeoutSeconds), log, progress => Report(step, progress));

    private Recovery RecoveryFor(UpdateStep step) => new(configuration, _records, log, clock, progress => Report(step, progress));

    private UpdatePlanner Planner(UpdateRequest request)
    {
        AptCommand apt = Apt(request.Step);
        return new UpdatePlanner(apt, new PlanReview(apt, configuration, request.UnlistedRemovals ?? configuration.UnlistedRemovals));
    }

    private void Report(UpdateStep step, AptProgress progress)
    {
        var told = new UpdateProgress(step, progress.Phase, progress.Percent, progress.Text);
        Show(told);

        // The file belongs to the one that has its turn.
        if (step != UpdateStep.Plan)
            _progressFile.Write(told);
    }

    // This runs while apt is at work. A terminal that went away, or cannot draw, must not fail an update.
    [SuppressMessage("Design", "CA1031", Justification = "Whatever the one who watches does, the update goes on.")]
    private void Show(UpdateProgress progress)
    {
        try
        {
            onProgress?.Invoke(progress);
        }
        catch (Exception e)
        {
            log.LogWarning("progress could not be shown: {Reason}", e.Message);
        }
    }

    private void TryEnd(UpdateRecord record, UpdateResult result)
    {
        try
        {
            UpdateState state = result.ResultCode == ResultCode.Cancelled ? UpdateState.Cancelled : UpdateState.Failed;
            _records.Save(record with { State = state, Result = result }, clock.GetUtcNow());
        }
        catch (IOException e)
        {
            log.LogError("the record of update {Number} could not be written: {Reason}", record.Number, e.Message);
        }
    }
}
