using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Manifests;
using AptHandler.Planning;
using AptHandler.Results;
using AptHandler.Rollback;

namespace AptHandler.Updates;

/// <summary>The outcome of a transaction.</summary>
/// <param name="Unplanned">Packages that changed meanwhile although the plan does not name them.</param>
/// <param name="Remark">What else the operator should know; empty, or a text that starts with a semicolon.</param>
internal readonly record struct TransactionOutcome(IReadOnlyList<PackageChange> Unplanned, string Remark);

/// <summary>
/// Runs one apt-get transaction and checks its outcome. An exit status of 0 does not prove success, and 100 does not prove failure. dpkg's
/// status decides.
/// </summary>
internal sealed class Transaction(AptCommand apt, string statusFile, ChangeRun run)
{
    /// <summary>Runs a plan.</summary>
    /// <exception cref="AptException">apt or dpkg failed, and a package is not as it should be.</exception>
    /// <exception cref="UpdateException">apt-get reported success, but a package is not as it should be.</exception>
    /// <exception cref="IOException">The files of the sources cannot be written.</exception>
    public TransactionOutcome Run(AptManifest manifest, UpdatePlan plan, DpkgStatus before, Settlement settlement)
    {
        AptFailure? failure = null;
        try
        {
            if (plan.ChangesPackages)
                apt.Install(plan.Words, mayRemove: plan.Apt.Removals.Count > 0, run);
        }
        catch (AptException e)
        {
            failure = e.Failure;
        }

        DpkgStatus after = DpkgStatus.Read(statusFile);
        InstalledAnswer answer = Verification.Check(manifest, plan.Apt, after);
        string? broken = failure is null ? null : Verification.BrokenBefore(failure, plan, before);
        if (!answer.IsInstalled)
        {
            if (failure is { Kind: AptFailureKind.Other } && after.HasJournal)
                failure = failure with { Kind = AptFailureKind.Interrupted };
            throw failure is null
                ? new UpdateException(
                    ExtendedResult.Verification,
                    $"apt-get reported success, but {answer.Reason}; see {run.TranscriptFile}"
                )
                : new AptException(broken is null ? failure : failure with { Kind = AptFailureKind.BrokenBefore, Subject = broken });
        }

        settlement.PutNewFiles();
        string? unmarked = TryMark(settlement);
        if (failure is not null && broken is null && settlement.DifferenceFrom(PackageSet.New) is not null)
        {
            // All packages of the plan are installed, but dpkg has not finished. It was killed while it cleaned up its journal, or while it
            // ran the triggers of other packages.
            throw new AptException(failure.Kind == AptFailureKind.Other ? failure with { Kind = AptFailureKind.Interrupted } : failure);
        }

        string remark =
            failure is null ? ""
            : failure.Kind == AptFailureKind.HookFailed ? $"; {AptCause.SentenceOf(failure)}: {failure.Evidence}"
            : $"; apt-get also failed at {broken ?? failure.Subject ?? "something else"}, which is broken from earlier and no part "
                + $"of this update: {failure.Evidence}";
        IReadOnlyList<PackageChange> unplanned = Verification.Unplanned(plan, before, after);
        if (unplanned.Count > 0)
            remark += $"; changed meanwhile, and not by the plan: {UpdatePlan.Describe(unplanned)}";
        if (unmarked is not null)
            remark += $"; which packages are there only for others could not be marked: {unmarked}";
        settlement.Sync();
        settlement.NoteTrace();
        return new TransactionOutcome(unplanned, remark);
    }

    private static string? TryMark(Settlement settlement)
    {
        try
        {
            settlement.SetMarks(PackageSet.New, all: false);
            return null;
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }
}
