using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.DesiredState;
using AptHandler.Manifests;
using AptHandler.Native;
using AptHandler.Planning;
using AptHandler.Records;
using AptHandler.Requests;
using AptHandler.Results;
using AptHandler.Settings;
using Microsoft.Extensions.Logging;

namespace AptHandler.Updates;

/// <summary>
/// The steps of an update. Each reads the manifest again, trusts nothing that an earlier step left behind, and is safe to run twice.
/// A failure is a result, never an exception.
/// </summary>
public sealed class UpdateSteps
{
    private readonly StepContext _context;
    private readonly ProgressFile _progressFile;
    private readonly Action<UpdateProgress>? _onProgress;

    /// <param name="configuration">The configuration of the device.</param>
    /// <param name="log">The log.</param>
    /// <param name="clock">The time for records.</param>
    /// <param name="onProgress">Told how far the running step is; the file for those who look in from outside is written besides.</param>
    public UpdateSteps(Configuration configuration, ILogger log, TimeProvider clock, Action<UpdateProgress>? onProgress = null)
    {
        _context = new StepContext(configuration, new UpdateRecords(configuration.StateDir), log, clock, Report);
        _progressFile = new ProgressFile(configuration.RunDir);
        _onProgress = onProgress;
    }

    private Configuration Configuration => _context.Configuration;

    private ILogger Log => _context.Log;

    /// <summary>Does one step.</summary>
    /// <param name="request">Which step, for which update.</param>
    /// <param name="isCancelWanted">
    /// Whether somebody wants the update to be cancelled, asked when dpkg has done its work. Not every end of the worker is that: a
    /// shutdown gives up what it can, and an update that is installed by then stays.
    /// </param>
    /// <param name="cancellation">Gives the step up at the next safe point: any time before dpkg runs.</param>
    /// <returns>The result in the agent's terms.</returns>
    public UpdateResult Run(UpdateRequest request, Func<bool> isCancelWanted, CancellationToken cancellation)
    {
        UpdateResult result = Guard(
            request.Step,
            () =>
            {
                UpdateRequest.CheckCriteria(request.InstalledCriteria);
                Log.LogInformation("{Step} of {Criteria} begins", request.Step, request.InstalledCriteria);
                return request.Step switch
                {
                    UpdateStep.Plan => Plan(request, cancellation),
                    UpdateStep.IsInstalled => IsInstalled(request),
                    UpdateStep.Recover => Recover(request, cancellation),
                    UpdateStep.Restore => Restore(request, cancellation),
                    UpdateStep.Download or UpdateStep.Backup or UpdateStep.Install or UpdateStep.Apply => Change(
                        request,
                        isCancelWanted,
                        cancellation
                    ),
                    _ => throw new UnreachableException($"there is no step {request.Step}"),
                };
            }
        );
        Log.LogInformation(
            "{Step} of {Criteria} ends: {Result} {Extended} {Details}",
            request.Step,
            request.InstalledCriteria,
            result.ResultCode,
            ExtendedResult.Format(result.ExtendedResultCode),
            result.Details
        );
        return result;
    }

    /// <summary>The result that a failure makes, wherever it was found.</summary>
    public static UpdateResult FailureOf(UpdateStep step, Exception failure) =>
        failure switch
        {
            UpdateException e => UpdateResult.Failure(step, e.Cause, e.Message),
            AptException e => AptFailureText.ResultOf(step, e.Failure),
            DpkgStatusException e => UpdateResult.Failure(step, ExtendedResult.StatusUnreadable, e.Message),
            IOException { HResult: Libc.ENOSPC } => UpdateResult.Failure(
                step,
                ExtendedResult.NoSpace,
                $"{failure.Message}; {ExtendedResult.NoSpace.Remedy}"
            ),
            UnauthorizedAccessException or IOException { HResult: Libc.EACCES } => UpdateResult.Failure(
                step,
                ExtendedResult.StateUnusable,
                $"{failure.Message}; run it as root"
            ),
            IOException => UpdateResult.Failure(step, ExtendedResult.StateUnusable, failure.Message),
            OutOfMemoryException => UpdateResult.Failure(
                step,
                ExtendedResult.Internal,
                "it needs more memory than the handler may take; update fewer packages at once, "
                    + "or finish what is half-done with sudo env DOTNET_GCHeapHardLimit=40000000 du-apt recover"
            ),
            _ => UpdateResult.Failure(
                step,
                ExtendedResult.Internal,
                $"a fault in the handler itself: {failure.GetType().Name}: {failure.Message}"
            ),
        };

    [SuppressMessage("Design", "CA1031", Justification = "The one boundary where every failure becomes a result.")]
    private static UpdateResult Guard(UpdateStep step, Func<UpdateResult> work)
    {
        try
        {
            return work();
        }
        catch (OperationCanceledException)
        {
            return UpdateResult.Cancelled(
                step,
                $"{step} was cancelled; "
                    + $"{(step == UpdateStep.Apply ? "the packages are installed, but the update is not recorded" : "nothing was changed")}"
            );
        }
        catch (Exception e)
        {
            return FailureOf(step, e);
        }
    }

    private UpdateResult Plan(UpdateRequest request, CancellationToken cancellation)
    {
        AptManifest manifest = ManifestOf(request).Manifest;
        SourceReview.Check(Configuration, manifest);
        using SourceOverlay? overlay = SourceOverlay.Lay(manifest, Configuration.System, isPrivate: true);
        UpdatePlan plan = (_context with { Overlay = overlay }).Plan(request, manifest, Configuration.System.ReadStatus(), cancellation);
        return UpdateResult.Success(request.Step, ResultCode.DownloadSuccess, plan.Summary) with { Packages = plan.Changes };
    }

    private UpdateResult IsInstalled(UpdateRequest request)
    {
        InstalledAnswer answer = Ask(request, ManifestOf(request).Manifest);
        return UpdateResult.Success(request.Step, answer.IsInstalled ? ResultCode.IsInstalled : ResultCode.IsNotInstalled, answer.Reason);
    }

    private InstalledAnswer Ask(UpdateRequest request, AptManifest manifest) =>
        InstalledCheck.Ask(
            Configuration,
            request.InstalledCriteria,
            (request.WorkflowId, request.Place),
            (records, record) => request.Manifest.Span.SequenceEqual(records.Manifest(record)),
            manifest
        );

    private UpdateResult Recover(UpdateRequest request, CancellationToken cancellation)
    {
        using Turn turn = TakeTurn(request, cancellation);
        return turn.Recovered switch
        {
            null => UpdateResult.Success(request.Step, ResultCode.RecoverSuccess, "no update is half-done"),
            { IsAtRest: false } or { State: UpdateState.Failed, HasChangedMachine: true } => turn.Recovered.Result! with
            {
                Step = request.Step,
            },
            _ => UpdateResult.Success(
                request.Step,
                ResultCode.RecoverSuccess,
                $"update {turn.Recovered.Number}: {turn.Recovered.Result!.Details}"
            ) with
            {
                Packages = turn.Recovered.Packages,
            },
        };
    }

    private UpdateResult Restore(UpdateRequest request, CancellationToken cancellation)
    {
        using Turn turn = TakeTurn(request, cancellation);
        return new RestoreStep(_context, request).Restore(cancellation);
    }

    private Turn TakeTurn(UpdateRequest request, CancellationToken cancellation) =>
        Turn.Take(_context, request, text => Show(new UpdateProgress(request.Step, AptPhase.Wait, 0, text)), cancellation);

    private UpdateResult Change(UpdateRequest request, Func<bool> isCancelWanted, CancellationToken cancellation)
    {
        (AptManifest manifest, string warnings) = ManifestOf(request);
        DateTimeOffset asked = _context.Clock.GetUtcNow();
        using Turn turn = TakeTurn(request, cancellation);

        // Somebody else has done this very step meanwhile: an agent that was restarted, say, has asked twice.
        if (
            turn.HasWaited
            && _context.Records.Of(request) is { Result: { } done } same
            && same.Changed >= asked
            && done.Step == request.Step
        )
            return done;

        if (request.Step != UpdateStep.Apply && Ask(request, manifest).IsInstalled)
        {
            return request.Step switch
            {
                UpdateStep.Download => UpdateResult.Success(request.Step, ResultCode.DownloadSkippedInstalled, "already installed"),
                UpdateStep.Backup => UpdateResult.Success(request.Step, ResultCode.BackupSuccess, "already installed"),
                _ => UpdateResult.Success(request.Step, ResultCode.InstallSkippedInstalled, "already installed"),
            };
        }

        manifest = new Deployment(_context.Records, request.WorkflowId).WithoutSuperseded(manifest, request.Place, Configuration.System);
        Journal journal = _context.JournalOf(_context.Records.Continue(request, _context.Clock.GetUtcNow()));
        UpdateResult result = Guard(request.Step, () => Do(request, manifest, warnings, journal, isCancelWanted, cancellation));
        if (result.IsSuccess)
            return result;

        // What has an end by now, or still is on its way to one, is not for us to end.
        if (journal.Record is { HasEnded: false, IsAtRest: true })
            TryEnd(journal, result);
        return request.Step is UpdateStep.Backup or UpdateStep.Install
            ? new DeploymentReturn(_context).AfterFailure(
                journal,
                result,
                isShutdown: cancellation.IsCancellationRequested && !isCancelWanted()
            )
            : result;
    }

    private UpdateResult Do(
        UpdateRequest request,
        AptManifest manifest,
        string warnings,
        Journal journal,
        Func<bool> isCancelWanted,
        CancellationToken cancellation
    )
    {
        if (request.Step == UpdateStep.Apply)
            return Apply(request, manifest, journal);
        SourceReview.Check(Configuration, manifest);
        using SourceOverlay? overlay = SourceOverlay.Lay(manifest, Configuration.System, isPrivate: false);
        StepContext context = _context with { Overlay = overlay };
        return request.Step switch
        {
            UpdateStep.Download => Download(context, request, manifest, warnings.Length == 0 ? "" : $"; {warnings}", journal, cancellation),
            UpdateStep.Backup => new InstallStep(context, journal, request, manifest).Backup(cancellation),
            UpdateStep.Install => new InstallStep(context, journal, request, manifest).Install(isCancelWanted, cancellation),
            _ => throw new UnreachableException($"{request.Step} changes nothing"),
        };
    }

    private UpdateResult Download(
        StepContext context,
        UpdateRequest request,
        AptManifest manifest,
        string warnings,
        Journal journal,
        CancellationToken cancellation
    )
    {
        AptFailure? stale = null;
        try
        {
            context.Apt(request.Step).Update(cancellation);
        }
        catch (AptException e)
        {
            // Not fatal while the plan holds with the indexes that are there.
            stale = e.Failure;
            context.UpdateNewSources(request.Step, manifest, cancellation);
        }

        UpdatePlan plan;
        try
        {
            plan = PlanAndFetch(context, request, manifest, cancellation);
        }
        catch (Exception e) when (e is AptException or UpdateException)
        {
            if (FetchWithEarlierSteps(request, manifest, cancellation) is { } together)
                plan = together;
            else if (stale is not null && e is AptException failed && failed.Failure != stale)
                throw Explained(failed.Failure, stale);
            else
                throw;
        }

        // Installed already by a run that was cut off before it could say so. What was kept before that is the way back.
        if (plan.IsEmpty && journal.Record.State == UpdateState.Installed)
            return UpdateResult.Success(request.Step, ResultCode.DownloadSuccess, plan.Summary);

        // Told here and once more at the end, where an operator looks.
        string remark = stale is null ? warnings : $"{warnings}; the package lists may be old: apt-get update failed: {stale.Evidence}";
        journal.BeginAnew(request);
        journal.Save(
            journal.Record with
            {
                State = UpdateState.Downloaded,
                Packages = plan.Changes,
                Remark = remark,
                Warning = plan.Warning,
            }
        );
        return UpdateResult.Success(request.Step, ResultCode.DownloadSuccess, plan.Summary + remark) with { Packages = plan.Changes };
    }

    private static UpdatePlan PlanAndFetch(StepContext context, UpdateRequest request, AptManifest manifest, CancellationToken cancellation)
    {
        UpdatePlan plan = context.Plan(request, manifest, context.Configuration.System.ReadStatus(), cancellation);
        if (!plan.Apt.IsEmpty)
            context.Apt(request.Step).Download(plan.Words, cancellation);
        return plan;
    }

    // All steps of a deployment are downloaded before the first is installed: what one asks for may need what earlier ones bring. Null
    // where there are no earlier ones, or they do not help.
    private UpdatePlan? FetchWithEarlierSteps(UpdateRequest request, AptManifest manifest, CancellationToken cancellation)
    {
        if (new Deployment(_context.Records, request.WorkflowId).AfterEarlierSteps(manifest, request.Place) is not { } together)
            return null;
        using SourceOverlay? overlay = SourceOverlay.Lay(together, Configuration.System, isPrivate: false);
        StepContext context = _context with { Overlay = overlay };
        try
        {
            context.UpdateNewSources(request.Step, together, cancellation);
            return PlanAndFetch(context, request, together, cancellation);
        }
        catch (Exception e) when (e is AptException or UpdateException)
        {
            Log.LogWarning("cannot be planned with the earlier steps of its deployment either: {Reason}", e.Message);
            return null;
        }
    }

    // What is not in old lists may be in new ones: then the network, or the lock, is the cause, and a later try worth it.
    private static AptException Explained(AptFailure failure, AptFailure stale)
    {
        string missing =
            failure.Kind == AptFailureKind.NoLists
                ? $"; and apt has no package lists: {failure.Evidence}"
                : $"; and in the lists that are there {failure.Evidence}";
        return new AptException(
            failure.IsMissing
                ? stale with
                {
                    Evidence = $"apt-get update failed: {stale.Evidence}{missing}",
                }
                : failure with
                {
                    Evidence = $"{failure.Evidence} (and apt-get update failed: {stale.Evidence})",
                }
        );
    }

    private UpdateResult Apply(UpdateRequest request, AptManifest manifest, Journal journal)
    {
        UpdateRecord record = journal.Record;
        DpkgStatus status = Configuration.System.ReadStatus();
        InstalledAnswer answer = InstalledCheck.Compare(manifest, status, Configuration.System);
        if (!answer.IsInstalled)
            throw new UpdateException(
                ExtendedResult.Verification,
                $"cannot record the update as installed: {answer.Reason}; run the install step first"
            );

        DateTimeOffset now = _context.Clock.GetUtcNow();
        string remark = "";
        try
        {
            if (!new InstalledCriteriaFile(Configuration.InstalledCriteriaFile).Add(request.InstalledCriteria, now))
            {
                remark =
                    $"; not in the agent's list, because there is no folder {Path.GetDirectoryName(Configuration.InstalledCriteriaFile)}";
                Log.LogWarning("{Criteria} is recorded{Remark}", request.InstalledCriteria, remark);
            }
        }
        catch (IOException e)
        {
            throw new UpdateException(ExtendedResult.CriteriaNotPersisted, e.Message);
        }

        bool restart =
            manifest.AgentRestartRequired
            || manifest.Packages.Any(intent => NeedsAgentRestart(intent.Package.Name))
            || record.Packages.Any(change => NeedsAgentRestart(change.Name));
        string? reboot = RebootRequired.Reason(Configuration.System);
        RebootPolicy wish = reboot is null ? RebootPolicy.Report : Configuration.Reboot;
        string details = record.Result is { Step: UpdateStep.Install, IsSuccess: true } install
            ? install.Details
            : "every package is as the manifest asks";
        if (reboot is not null)
            details = $"{reboot}; {details}";
        int code = wish switch
        {
            RebootPolicy.Immediate => ResultCode.ApplyImmediateReboot,
            _ when restart => ResultCode.ApplyImmediateAgentRestart,
            RebootPolicy.Deferred => ResultCode.ApplyReboot,
            _ => ResultCode.ApplySuccess,
        };
        UpdateResult result = UpdateResult.Success(
            request.Step,
            code,
            OperatorText.Clean(restart ? $"the agent restarts; {details}" : details, remark + Fingerprint(status))
        ) with
        {
            Packages = record.Packages,
            RestartAgent = restart,
        };
        journal.Save(record with { State = UpdateState.Applied, Result = result });
        return result;
    }

    // What an operator compares devices by.
    private string Fingerprint(DpkgStatus status)
    {
        try
        {
            return $"; packages fingerprint {Fingerprints.OfPackages(PackageVersions.Of(status))}";
        }
        catch (IOException e)
        {
            Log.LogWarning("the result says nothing of the fingerprint: {Reason}", e.Message);
            return "";
        }
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
            _onProgress?.Invoke(progress);
        }
        catch (Exception e)
        {
            Log.LogWarning("progress could not be shown: {Reason}", e.Message);
        }
    }

    private void TryEnd(Journal journal, UpdateResult result)
    {
        try
        {
            _ = _context.Records.Backup(journal.Record).FreeRoom();
            UpdateState state = result.ResultCode == ResultCode.Cancelled ? UpdateState.Cancelled : UpdateState.Failed;
            journal.Save(journal.Record with { State = state, Result = result });
        }
        catch (IOException e)
        {
            Log.LogError("the record of update {Number} could not be written: {Reason}", journal.Record.Number, e.Message);
        }
    }
}
