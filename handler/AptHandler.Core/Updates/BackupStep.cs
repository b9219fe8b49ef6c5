using AptHandler.Debian;
using AptHandler.Manifests;
using AptHandler.Planning;
using AptHandler.Records;
using AptHandler.Requests;
using AptHandler.Results;
using AptHandler.Rollback;
using AptHandler.Settings;

namespace AptHandler.Updates;

/// <summary>The step Backup: what is needed to go back is kept.</summary>
/// <param name="context">What all steps work with, and the sources as the manifest asks.</param>
/// <param name="request">The request.</param>
/// <param name="manifest">The manifest.</param>
/// <param name="journal">The record of the update.</param>
internal sealed class BackupStep(StepContext context, UpdateRequest request, AptManifest manifest, Journal journal)
{
    private readonly Configuration _configuration = context.Configuration;

    private UpdateRecord Record => journal.Record;

    private BackupFolder Folder => context.Records.Backup(Record);

    private WayBack Wish =>
        _configuration.Rollback switch
        {
            RollbackPolicy.Off => WayBack.Unwanted,
            RollbackPolicy.Required => WayBack.Required,
            _ => WayBack.Wanted,
        };

    /// <summary>Plans, and keeps what the plan would change. No package changes.</summary>
    /// <param name="cancellation">Cancels the step at any time.</param>
    public UpdateResult Run(CancellationToken cancellation)
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

    /// <summary>Keeps what a plan would change.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="status">dpkg's status, which the plan was made for.</param>
    /// <param name="cancellation">Cancels the step at any time.</param>
    /// <exception cref="UpdateException">A way back is required, and there is none for one of the packages.</exception>
    public Backup Keep(UpdatePlan plan, DpkgStatus status, CancellationToken cancellation)
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

    /// <summary>What the operator should know about the way back; empty, or a text that starts with a semicolon.</summary>
    public string Remark(Backup backup)
    {
        string remark = "";
        if (_configuration.Rollback != RollbackPolicy.Off && backup.WithoutWayBack.Count > 0)
        {
            string why = backup.Obstacle ?? "no .deb of them is available";
            remark = $"; cannot go back to {string.Join(", ", backup.WithoutWayBack)}: {why}";
        }

        if (_configuration.Snapshot == SnapshotPolicy.Auto && context.Snapshot.Find(Record.Number) is { } path)
            remark += $"; the root as it was before: {path}";
        return remark;
    }
}
