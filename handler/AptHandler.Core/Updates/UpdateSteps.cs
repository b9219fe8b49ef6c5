using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Manifests;
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
    private readonly ProgressFile _progressFile = new(configuration.RunDir);

    /// <summary>Does one step.</summary>
    /// <param name="request">Which step, for which update.</param>
    /// <param name="cancellation">Gives the step up at the next safe point: any time before dpkg runs.</param>
    /// <returns>The result in the agent's terms.</returns>
    [SuppressMessage("Design", "CA1031", Justification = "The one boundary where every failure becomes a result.")]
    public UpdateResult Run(UpdateRequest request, CancellationToken cancellation)
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
                UpdateStep.Backup => UpdateResult.Success(request.Step, ResultCode.BackupUnsupported),
                UpdateStep.Restore => UpdateResult.Success(request.Step, ResultCode.RestoreUnsupported),
                UpdateStep.Download or UpdateStep.Install or UpdateStep.Apply => Change(request, ref record, cancellation),
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

        if (record is not null && !result.IsSuccess)
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

    private UpdateResult Change(UpdateRequest request, ref UpdateRecord? record, CancellationToken cancellation)
    {
        (AptManifest manifest, string warnings) = ManifestOf(request);
        OwnFolders.Make(configuration);
        using WorkerLock turn = WorkerLock.Take(
            configuration.RunDir,
            TimeSpan.FromSeconds(configuration.LockTimeoutSeconds),
            holder => Show(new UpdateProgress(request.Step, AptPhase.Wait, 0, $"another update is running (process {holder})")),
            cancellation);

        if (request.Step != UpdateStep.Apply && InstalledCheck.Ask(configuration, request.InstalledCriteria, manifest).IsInstalled)
        {
            return UpdateResult.Success(
                request.Step, request.Step == UpdateStep.Download ? ResultCode.DownloadSkippedInstalled : ResultCode.InstallSkippedInstalled, "already installed");
        }

        record = _records.Continue(request, clock.GetUtcNow());
        return request.Step switch
        {
            UpdateStep.Download => Download(request, manifest, warnings.Length == 0 ? "" : $"; {warnings}", ref record, cancellation),
            UpdateStep.Install => Install(request, manifest, ref record, cancellation),
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
        string remark = stale is null ? warnings : $"{warnings}; the package lists may be old: apt-get update failed: {stale.Evidence}";
        record = _records.Save(record with { State = UpdateState.Downloaded, Packages = plan.Changes, Remark = remark }, clock.GetUtcNow());
        return UpdateResult.Success(request.Step, ResultCode.DownloadSuccess, plan.Summary + remark) with { Packages = plan.Changes };
    }

    private UpdateResult Install(UpdateRequest request, AptManifest manifest, ref UpdateRecord record, CancellationToken cancellation)
    {
        AptCommand apt = Apt(request.Step);
        UpdatePlanner planner = Planner(request);

        // Archives that the Download step left are not fetched again; others are fetched now, where it can still be cancelled.
        IReadOnlyList<PackageChange> fetched = record.State == UpdateState.Downloaded ? record.Packages : [];
        for (LockWait locks = apt.WaitForLocks(); ;)
        {
            DpkgStatus before = DpkgStatus.Read(configuration.System.StatusFile);
            UpdatePlan plan = planner.Plan(manifest, before, cancellation);
            if (!plan.Apt.IsEmpty && !plan.Changes.SequenceEqual(fetched))
                apt.Download(plan.Words, cancellation);
            record = _records.Save(
                record with { State = UpdateState.Installing, Packages = plan.Changes, HasChangedMachine = !plan.IsEmpty }, clock.GetUtcNow());
            try
            {
                TransactionOutcome outcome = plan.IsEmpty
                    ? new TransactionOutcome([], "")
                    : new Transaction(apt, configuration.System.StatusFile).Run(manifest, plan, before, _records.Transcript(record), cancellation);
                return Installed(request, ref record, plan, outcome, cancellation);
            }
            catch (AptException e)
            {
                // A held lock: we have changed nothing, but whoever holds it may. What was planned and reviewed before need not hold any more.
                record = record with { HasChangedMachine = e.Failure.Kind != AptFailureKind.Locked };
                locks.Wait(e, cancellation);
            }
        }
    }

    private UpdateResult Installed(
        UpdateRequest request, ref UpdateRecord record, UpdatePlan plan, TransactionOutcome outcome, CancellationToken cancellation)
    {
        record = record with { Packages = [.. plan.Changes, .. outcome.Unplanned] };
        if (cancellation.IsCancellationRequested)
        {
            return UpdateResult.Cancelled(
                request.Step, $"cancelled while dpkg was running, which is not interrupted: the packages are installed, but the update is not recorded; deploy it again to record it: {plan.Summary}");
        }

        UpdateResult result = UpdateResult.Success(request.Step, ResultCode.InstallSuccess, plan.Summary + outcome.Remark + record.Remark) with { Packages = record.Packages };
        record = _records.Save(record with { State = UpdateState.Installed, Result = result }, clock.GetUtcNow());
        return result;
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
        string details = record.Result is { Step: UpdateStep.Install, IsSuccess: true } install ? install.Details : "every package is as the manifest asks";
        UpdateResult result = UpdateResult.Success(
            request.Step, restart ? ResultCode.ApplyImmediateAgentRestart : ResultCode.ApplySuccess, restart ? $"the agent restarts; {details}" : details) with
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
