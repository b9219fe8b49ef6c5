using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Records;
using AptHandler.Requests;
using AptHandler.Results;
using AptHandler.Rollback;
using AptHandler.Settings;

namespace AptHandler.Updates;

/// <summary>
/// The step Restore: the device is brought back to what it was before an update. The agent asks for it after a step that failed, was
/// cancelled or could not be recorded. A person asks for it at any time.
/// </summary>
/// <param name="context">What all steps work with.</param>
/// <param name="request">The request.</param>
internal sealed class RestoreStep(StepContext context, UpdateRequest request)
{
    private readonly Configuration _configuration = context.Configuration;

    private bool IsByHand => request.InstalledCriteria == UpdateRequest.Newest;

    /// <summary>Brings the device back to the state before an update. Without a named update, the newest one is undone.</summary>
    public UpdateResult Run(CancellationToken cancellation)
    {
        if (_configuration.Rollback == RollbackPolicy.Off)
            return UpdateResult.Success(request.Step, ResultCode.RestoreUnsupported, "nothing is brought back: rollback is off");
        UpdateRecord? record = IsByHand ? Named() : OfAgent();
        if (record is null && request.UpdateId is { } id)
            return Refused($"there is no update \"{id}\"; du-apt history lists all");
        if (record is not { HasChangedMachine: true })
        {
            return Success(
                record is { State: UpdateState.Restored }
                    ? $"update {record.Title} is undone already; there is nothing to bring back"
                    : "there is nothing to bring back: this update has left no changes on the device"
            );
        }

        return !IsByHand && record.State == UpdateState.Cancelled
            ? Success("the packages of the cancelled update stay: cancelDuringInstall is keep")
            : Undo(record, IsByHand ? request.WholeDeployment : null, cancellation);
    }

    /// <summary>Undoes one update that is on the device, and the earlier steps of its deployment where that is wanted.</summary>
    /// <param name="record">The update.</param>
    /// <param name="withDeployment">Whether the earlier steps are undone, too; null where the configuration decides.</param>
    /// <param name="cancellation">Ends the search for packages that depend on the update. An undo that has started is completed.</param>
    public UpdateResult Undo(UpdateRecord record, bool? withDeployment, CancellationToken cancellation)
    {
        string update = $"update {record.Title}";
        if (_configuration.Rollback == RollbackPolicy.Off)
            return Refused($"cannot undo {update}: rollback is off");
        if (LaterUpdate(record) is { } later)
            return Refused($"cannot undo {update}: {later}");
        if (context.Records.Backup(record).Read() is not { } backup)
        {
            return Refused(
                $"cannot undo {update}: its backup is not there any more; backups are kept of the newest update and of the steps "
                    + "of its deployment"
            );
        }

        Journal journal = context.JournalOf(record);
        Recovery recovery = context.RecoveryOf(journal, request.Step);
        if (recovery.Settlement(backup, recovery.Run()).WhyNoWayBack() is { } why)
            return Refused($"cannot undo {update}: {why}; the packages stay as they are");
        bool hadEndedWell = record.State is UpdateState.Installed or UpdateState.Applied || context.Records.Backup(record).HasTrace;
        if (hadEndedWell)
        {
            if (Obstacle(backup, record, cancellation) is { } obstacle)
                return Refused($"cannot undo {update}: {obstacle}");
            Remember(backup, record);
        }

        // A person may undo an update days later. Only the agent asks straight after a failure.
        bool keepsEdits = hadEndedWell || IsByHand || record.KeepsEdits;
        record = recovery.Back(Success($"{update} is undone"), UpdateState.Restored, keepsEdits, withDeployment);
        return record.Result! with
        {
            Packages = [.. record.Packages.Select(change => new PackageChange(change.Name, change.After, change.Before))],
        };
    }

    // By hand, updates that changed nothing are skipped. If the newest other update is already undone, the one before it is not undone
    // instead.
    private UpdateRecord? Named()
    {
        UpdateRecord? record = request.UpdateId is { } id
            ? context.Records.Find(id, onDevice: true)
            : context.Records.NewestFirst().FirstOrDefault(each => each.HasChangedMachine || each.State == UpdateState.Restored);
        return record is not null && request.WholeDeployment
            ? new Deployment(context.Records, record.WorkflowId).OnDevice.FirstOrDefault() ?? record
            : record;
    }

    // Two steps of a deployment may have the same criteria: the manifest tells them apart.
    private UpdateRecord? OfAgent() =>
        request.Manifest.IsEmpty
            ? context.Records.NewestFirst().FirstOrDefault(record => Turn.IsSame(record, request))
            : context.Records.Of(request);

    private UpdateResult Success(string details) => UpdateResult.Success(request.Step, ResultCode.RestoreSuccess, details);

    private UpdateResult Refused(string details) => UpdateResult.Failure(request.Step, ExtendedResult.NoWayBack, details);

    // The changes of a later update to the same packages would be lost.
    private string? LaterUpdate(UpdateRecord record)
    {
        HashSet<string> ours = [.. record.Packages.Select(change => change.Name)];
        foreach (
            UpdateRecord later in context
                .Records.NewestFirst()
                .Where(each => each.HasChangedMachine)
                .TakeWhile(each => each.Number > record.Number)
        )
        {
            string[] common = [.. later.Packages.Select(change => change.Name).Where(ours.Contains)];
            if (common.Length > 0)
                return $"update {later.Title} came later and changed {string.Join(", ", common)}, too; undo that one first: du-apt "
                    + $"restore {later.Number}";
        }

        return null;
    }

    // Packages that were installed after the update may depend on it. apt can tell, as long as no package is broken. It reads the kept
    // archives directly.
    private string? Obstacle(Backup backup, UpdateRecord record, CancellationToken cancellation)
    {
        BackupFolder folder = context.Records.Backup(record);
        string[] words = [.. backup.Packages.Select(WordFor).OfType<string>()];
        try
        {
            AptPlan plan = context.Apt(request.Step).Simulate(words, cancellation);
            HashSet<string> ours = [.. backup.Packages.Select(package => package.Name)];
            string[] others = [.. plan.Removals.Select(removal => removal.QualifiedName).Where(name => !ours.Contains(name))];
            return others.Length == 0 ? null : $"{string.Join(", ", others)} came later and cannot be without it; remove them first";
        }
        catch (AptException e) when (e.Failure.Kind == AptFailureKind.UnmetDependencies)
        {
            return $"the old packages do not fit to what is on the device now: {e.Failure.Evidence}";
        }
        catch (AptException)
        {
            // If apt fails for another reason, dpkg can still undo the update.
            return null;
        }

        // The word that brings a package back to its old state: its archive, or its removal. Null where no archive of it is kept.
        string? WordFor(KeptPackage package) =>
            package.Old switch
            {
                null or { State: PackageState.ConfigFiles } => $"{package.Name}-",
                { Archive: { } archive } => folder.Archive(archive),
                _ => null,
            };
    }

    // Packages that broke later have nothing to do with this update, and must not block its undo.
    private void Remember(Backup backup, UpdateRecord record)
    {
        string[] broken = PackageComparison.BrokenOthers(backup, _configuration.System.ReadStatus());
        if (broken.Length > 0)
            context.Records.Backup(record).Complete(backup with { BrokenBefore = [.. backup.BrokenBefore, .. broken] });
    }
}
