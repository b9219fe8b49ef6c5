using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.DesiredState;
using AptHandler.Manifests;
using AptHandler.Records;
using AptHandler.Settings;

namespace AptHandler.Planning;

/// <summary>The answer to IsInstalled.</summary>
/// <param name="IsInstalled">Whether the update is recorded as installed, and the machine is still as it asks.</param>
/// <param name="Reason">Why the answer is no, in a sentence; empty when it is yes.</param>
public readonly record struct InstalledAnswer(bool IsInstalled, string Reason)
{
    private readonly IReadOnlyList<Superseded>? _superseded;

    /// <summary>What is not as the manifest asks because a later step of the same deployment has changed it.</summary>
    public IReadOnlyList<Superseded> Superseded
    {
        get => _superseded ?? [];
        init => _superseded = value;
    }

    internal static InstalledAnswer Yes => new(true, "");

    internal static InstalledAnswer No(string reason) => new(false, reason);
}

/// <summary>
/// Answers IsInstalled from the records and dpkg's status. This only reads and starts no child process, so the agent may ask as often as it
/// likes.
/// </summary>
public static class InstalledCheck
{
    /// <summary>
    /// Installed means: the criteria are recorded as applied for this very manifest, AND every package and every source of the manifest is
    /// still as it asks, or as a later step of the same deployment left it. Criteria may be only in the agent's own file, because the
    /// device has just changed handlers. They count while they are the newest entry of that file and no update of ours came later.
    /// </summary>
    /// <param name="configuration">The configuration of the device.</param>
    /// <param name="criteria">The string that the agent knows the update by.</param>
    /// <param name="step">
    /// The deployment of the request, and the place of the step in it; both empty for an update by hand. Changes by later steps are only
    /// accepted if they belong to this deployment.
    /// </param>
    /// <param name="isAsked">
    /// Tells whether the manifest of a record is the requested one: the same criteria may have been used for another manifest.
    /// </param>
    /// <param name="manifest">The requested manifest, where the caller has it. Then the answer names what is not as it asks.</param>
    /// <exception cref="DpkgStatusException">dpkg's status cannot be read.</exception>
    public static InstalledAnswer Ask(
        Configuration configuration,
        string criteria,
        (string WorkflowId, string Place) step,
        Func<UpdateRecords, UpdateRecord, bool> isAsked,
        AptManifest? manifest = null
    )
    {
        var records = new UpdateRecords(configuration.StateDir);
        DateTimeOffset? lastChange = null;
        UpdateRecord? other = null;
        UpdateRecord? unrecorded = null;
        foreach (UpdateRecord record in records.NewestFirst())
        {
            if (record.State == UpdateState.Applied && record.InstalledCriteria == criteria)
            {
                if (isAsked(records, record))
                    return Compare(records, record, step, configuration.System);
                other ??= record;
            }

            if (record.State == UpdateState.Installed && record.InstalledCriteria == criteria)
                unrecorded ??= record;

            if (record.HasChangedMachine || record.State == UpdateState.Applied)
                lastChange = lastChange > record.Changed ? lastChange : record.Changed;
        }

        if (unrecorded is not null)
            return InstalledAnswer.No($"update {unrecorded.Number} is installed, but not recorded yet");
        if (other is not null)
        {
            if (
                manifest is not null
                && Compare(manifest, configuration.System.ReadStatus(), configuration.System) is { IsInstalled: false } difference
            )
                return difference;
            return InstalledAnswer.No(
                ManifestReader.Read(records.Manifest(other)).Manifest is null
                    ? $"the record of update {other.Number} is damaged"
                    : $"update {other.Number} has used these installed criteria for another manifest; they must change whenever the "
                        + "manifest does"
            );
        }

        if (records.Damaged() is { } damaged)
            return InstalledAnswer.No($"the record of update {damaged} is damaged");
        return
            new InstalledCriteriaFile(configuration.InstalledCriteriaFile).Newest() is { } newest
            && newest.Criteria == criteria
            && !(lastChange > newest.Time)
            ? InstalledAnswer.Yes
            : InstalledAnswer.No("no update with these installed criteria was applied");
    }

    /// <summary>The answer for a recorded update, as its own deployment would get it.</summary>
    /// <exception cref="DpkgStatusException">dpkg's status cannot be read.</exception>
    public static InstalledAnswer Ask(Configuration configuration, UpdateRecord update) =>
        Ask(
            configuration,
            update.InstalledCriteria,
            (update.WorkflowId, update.Place),
            (records, record) => records.Manifest(record).SequenceEqual(records.Manifest(update))
        );

    /// <summary>Whether a machine is as a manifest asks, and if not, which package or source differs first.</summary>
    internal static InstalledAnswer Compare(AptManifest manifest, DpkgStatus status, AptSystem system)
    {
        InstalledAnswer answer = Compare(manifest, status);
        return answer.IsInstalled && SourceFiles.Difference(manifest, system) is { } difference ? InstalledAnswer.No(difference) : answer;
    }

    /// <summary>Whether the packages of a machine are as a manifest asks, and if not, which differs first.</summary>
    public static InstalledAnswer Compare(AptManifest manifest, DpkgStatus status)
    {
        foreach (PackageIntent intent in manifest.Packages)
        {
            if (Problem(intent, status) is { } problem)
                return InstalledAnswer.No(problem);
        }

        return InstalledAnswer.Yes;
    }

    private static InstalledAnswer Compare(
        UpdateRecords records,
        UpdateRecord record,
        (string WorkflowId, string Place) step,
        AptSystem system
    )
    {
        if (ManifestReader.Read(records.Manifest(record)).Manifest is not { } manifest)
            return InstalledAnswer.No($"the record of update {record.Number} is damaged");
        DpkgStatus status = system.ReadStatus();
        var deployment = new Deployment(records, step.WorkflowId);
        var superseded = new List<Superseded>();
        foreach (PackageIntent intent in manifest.Packages)
        {
            if (Problem(intent, status) is not { } problem)
                continue;
            if (deployment.SupersededBy(step.Place, intent.Package, intent.Desired, status) is not { } later)
                return InstalledAnswer.No(problem);
            superseded.Add(later);
        }

        foreach (AptSource source in manifest.Sources)
        {
            if (SourceFiles.Difference(source, system) is not { } problem)
                continue;
            if (deployment.SupersededBy(step.Place, source, system) is not { } later)
                return InstalledAnswer.No(problem);
            superseded.Add(later);
        }

        return superseded.Count == 0 ? InstalledAnswer.Yes : InstalledAnswer.Yes with { Superseded = superseded };
    }

    private static string? Problem(PackageIntent intent, DpkgStatus status)
    {
        StatusEntry? entry = status.Find(intent.Package);
        return intent.Kind switch
        {
            PackageIntentKind.Remove => entry is { HoldsFiles: true } ? $"{intent.Package} is still there ({entry.Value.Version})" : null,
            _ when entry is not { IsInstalled: true } => $"{intent.Package} is not installed",
            PackageIntentKind.InstallPinned when DebianVersion.Compare(entry.Value.Version, intent.Version!.Value.Text) != 0 =>
                $"{intent.Package} is {entry.Value.Version} instead of {intent.Version}",
            _ => null,
        };
    }
}
