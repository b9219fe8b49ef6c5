using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Manifests;

namespace AptHandler.Updates;

/// <summary>What came of a transaction.</summary>
/// <param name="Unplanned">Packages that changed meanwhile although the plan does not name them.</param>
/// <param name="Remark">What the operator should know besides; empty, or a text that begins with a semicolon.</param>
internal readonly record struct TransactionOutcome(IReadOnlyList<PackageChange> Unplanned, string Remark);

/// <summary>One apt-get transaction, and the judgement of it: an exit status of 0 is no proof, and one of 100 no disproof. dpkg's status decides.</summary>
internal sealed class Transaction(AptCommand apt, string statusFile)
{
    /// <summary>Runs a plan.</summary>
    /// <exception cref="AptException">apt or dpkg failed, and not all is as it should be.</exception>
    /// <exception cref="UpdateException">apt-get reported success, but not all is as it should be.</exception>
    public TransactionOutcome Run(AptManifest manifest, UpdatePlan plan, DpkgStatus before, string transcript, CancellationToken cancellation)
    {
        (string[] automatic, string[] manual) = Marks(manifest, plan, before, cancellation);
        AptFailure? failure = null;
        try
        {
            apt.Install(plan.Words, mayRemove: plan.Apt.Removals.Count > 0, transcript);
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
            throw failure is null
                ? new UpdateException(ExtendedResult.Verification, $"apt-get reported success, but {answer.Reason}; see {transcript}")
                : new AptException(broken is null ? failure : failure with { Kind = AptFailureKind.BrokenBefore, Subject = broken });
        }

        string remark = failure is null
            ? ""
            : $"; apt-get also failed at {broken ?? failure.Subject ?? "something else"}, which is broken from earlier and no part of this update: {failure.Evidence}";
        IReadOnlyList<PackageChange> unplanned = Verification.Unplanned(plan, before, after);
        if (unplanned.Count > 0)
            remark += $"; changed meanwhile, and not by the plan: {UpdatePlan.Describe(unplanned)}";
        return new TransactionOutcome(unplanned, remark + Mark("automatically", automatic, apt.MarkAutomatic) + Mark("manually", manual, apt.MarkManual));
    }

    // Whoever names a package wants it for its own sake, so it is marked as manual; nobody has asked for the forced pins by name, so they are, or
    // would be without the pin, automatic. To apt both are named: before 3.0 it makes both manual, since then it leaves as automatic what is so
    // already and what another package needs.
    private (string[] Automatic, string[] Manual) Marks(AptManifest manifest, UpdatePlan plan, DpkgStatus before, CancellationToken cancellation)
    {
        ILookup<bool, string> pins = plan.ForcedPins.Select(pin => pin.Name).ToLookup(name => IsInstalled(new PackageName(name, null)));
        string[] there =
        [
            .. manifest.Packages.Where(intent => intent.Kind != PackageIntentKind.Remove && IsInstalled(intent.Package)).Select(intent => intent.Package.ToString()),
            .. pins[true],
        ];
        ILookup<bool, string> automatic = (there.Length > 0 ? apt.Automatic(there, cancellation) : []).ToLookup(pins[true].Contains);
        return ([.. pins[false], .. automatic[true]], [.. automatic[false]]);

        bool IsInstalled(PackageName name) => before.Find(name) is { IsInstalled: true };
    }

    private static string Mark(string how, string[] names, Action<string[], CancellationToken> mark)
    {
        try
        {
            if (names.Length > 0)
                mark(names, CancellationToken.None);
            return "";
        }
        catch (AptException e)
        {
            return $"; {string.Join(", ", names)} could not be marked as {how} installed: {e.Message}";
        }
    }
}
