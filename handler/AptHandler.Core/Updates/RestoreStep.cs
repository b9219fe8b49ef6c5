using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Rollback;

namespace AptHandler.Updates;

/// <summary>
/// The step Restore: asked for by the agent after a step that failed, was cancelled or could not be recorded, and by hand whenever an update
/// turns out to be a bad one.
/// </summary>
internal sealed class RestoreStep(StepContext context, UpdateRequest request)
{
    private readonly Configuration _configuration = context.Configuration;

    /// <summary>Brings the device back to the state before its newest update.</summary>
    public UpdateResult Restore(CancellationToken cancellation)
    {
        if (_configuration.Rollback == RollbackPolicy.Off)
            return UpdateResult.Success(request.Step, ResultCode.RestoreUnsupported, "nothing is brought back: rollback is off");
        bool isAny = request.InstalledCriteria == UpdateRequest.Newest;

        // Updates that changed nothing are passed over by hand; what is undone already is not gone over to the one before.
        UpdateRecord? record = context.Records.NewestFirst().FirstOrDefault(each => !isAny || each.HasChangedMachine || each.State == UpdateState.Restored);
        if (record is not { HasChangedMachine: true } || !(isAny || Turn.IsSame(record, request)))
            return Success(record is { State: UpdateState.Restored } ? $"update {record.Number} ({record.InstalledCriteria}) is undone already; there is nothing to bring back" : "there is nothing to bring back: this update has left no changes on the device");
        if (!isAny && record.State == UpdateState.Cancelled)
            return Success("the packages of the cancelled update stay: cancelDuringInstall is keep");
        string update = $"update {record.Number} ({record.InstalledCriteria})";
        if (context.Records.Backup(record).Read() is not { } backup)
            return Refused($"cannot undo {update}: its backup is not there any more; only the newest update can be undone");
        Journal journal = context.JournalOf(record);
        Recovery recovery = context.RecoveryOf(journal, request.Step);
        if (recovery.Settlement(backup, recovery.Run()).WithoutWayBack() is { Length: > 0 } stuck)
            return Refused($"cannot undo {update}: {backup.Obstacle ?? $"no .deb of {string.Join(", ", stuck)} is available"}; the packages stay as they are");
        bool hadEndedWell = record.State is UpdateState.Installed or UpdateState.Applied || context.Records.Backup(record).HasTrace;
        if (hadEndedWell)
        {
            if (Obstacle(backup, record, cancellation) is { } obstacle)
                return Refused($"cannot undo {update}: {obstacle}");
            Remember(backup, record);
        }

        // By hand it may be days later. Only the agent asks straight after a failure.
        record = recovery.Back(Success($"{update} is undone"), UpdateState.Restored, keepsEdits: hadEndedWell || isAny || record.KeepsEdits);
        return record.Result! with { Packages = [.. record.Packages.Select(change => new PackageChange(change.Name, change.After, change.Before))] };
    }

    private UpdateResult Success(string details) => UpdateResult.Success(request.Step, ResultCode.RestoreSuccess, details);

    private UpdateResult Refused(string details) => UpdateResult.Failure(request.Step, ExtendedResult.NoWayBack, details);

    // Packages that came after the update may stand on it. apt can tell as long as the device is whole; it reads the kept archives as they are.
    private string? Obstacle(Backup backup, UpdateRecord record, CancellationToken cancellation)
    {
        BackupFolder folder = context.Records.Backup(record);
        string[] words =
        [
            .. backup.Packages.Select(package => package.Old is { State: not PackageState.ConfigFiles } old ? old.Archive is { } archive ? folder.Archive(archive) : null : $"{package.Name}-").OfType<string>(),
        ];
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
            // Whatever else keeps apt from telling does not keep dpkg from doing it.
            return null;
        }
    }

    // What broke since has nothing to do with this update, and does not keep it from being undone.
    private void Remember(Backup backup, UpdateRecord record)
    {
        string[] broken = Settlement.BrokenOthers(backup, _configuration.System.ReadStatus());
        if (broken.Length > 0)
            context.Records.Backup(record).Complete(backup with { BrokenBefore = [.. backup.BrokenBefore, .. broken] });
    }
}
