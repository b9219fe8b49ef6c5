using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using AptHandler.DesiredState;
using AptHandler.Manifests;
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
    private readonly StepProgress _progress;

    /// <param name="configuration">The configuration of the device.</param>
    /// <param name="log">The log.</param>
    /// <param name="clock">The time for records.</param>
    /// <param name="onProgress">Gets the progress of the running step. The progress file is written in any case.</param>
    public UpdateSteps(Configuration configuration, ILogger log, TimeProvider clock, Action<UpdateProgress>? onProgress = null)
    {
        _progress = new StepProgress(configuration.RunDir, onProgress, log);
        _context = new StepContext(configuration, new UpdateRecords(configuration.StateDir), log, clock, _progress.Report);
    }

    private Configuration Configuration => _context.Configuration;

    private ILogger Log => _context.Log;

    /// <summary>Does one step.</summary>
    /// <param name="request">Which step, for which update.</param>
    /// <param name="isCancelWanted">
    /// Tells whether somebody wants to cancel the update. It is asked after dpkg has done its work. A shutdown is not such a wish: it stops
    /// what can be stopped, but an update that is installed by then stays.
    /// </param>
    /// <param name="cancellation">Cancels the step at the next safe point: any time before dpkg runs.</param>
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
            return FailureResult.Of(step, e);
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
        return RecoverStep.ResultOf(turn.Recovered);
    }

    private UpdateResult Restore(UpdateRequest request, CancellationToken cancellation)
    {
        using Turn turn = TakeTurn(request, cancellation);
        return new RestoreStep(_context, request).Run(cancellation);
    }

    private Turn TakeTurn(UpdateRequest request, CancellationToken cancellation) =>
        Turn.Take(_context, request, text => _progress.ShowWaiting(request.Step, text), cancellation);

    private UpdateResult Change(UpdateRequest request, Func<bool> isCancelWanted, CancellationToken cancellation)
    {
        (AptManifest manifest, string warnings) = ManifestOf(request);
        DateTimeOffset asked = _context.Clock.GetUtcNow();
        using Turn turn = TakeTurn(request, cancellation);

        // Another worker has done this very step meanwhile, for example because a restarted agent asked twice.
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

        // A record that has already ended, or that is still being finished or undone, must not be ended here.
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
            return new ApplyStep(_context, request, manifest, journal).Run();
        SourceReview.Check(Configuration, manifest);
        using SourceOverlay? overlay = SourceOverlay.Lay(manifest, Configuration.System, isPrivate: false);
        StepContext context = _context with { Overlay = overlay };
        return request.Step switch
        {
            UpdateStep.Download => new DownloadStep(context, request, manifest, journal).Run(
                warnings.Length == 0 ? "" : $"; {warnings}",
                cancellation
            ),
            UpdateStep.Backup => new BackupStep(context, request, manifest, journal).Run(cancellation),
            UpdateStep.Install => new InstallStep(context, request, manifest, journal).Run(isCancelWanted, cancellation),
            _ => throw new UnreachableException($"{request.Step} changes nothing"),
        };
    }

    private static (AptManifest Manifest, string Warnings) ManifestOf(UpdateRequest request)
    {
        ManifestReading reading = ManifestReader.Read(request.Manifest.Span);
        return reading.Manifest is { } manifest
            ? (manifest, reading.Problems.Count > 0 ? reading.Summary() : "")
            : throw new UpdateException(ExtendedResult.Manifest, $"the apt manifest is not valid: {reading.Summary()}");
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
