using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.DesiredState;
using AptHandler.Manifests;

namespace AptHandler.Updates;

/// <summary>The answer to IsInstalled.</summary>
/// <param name="IsInstalled">Whether the machine is recorded as updated, and still is.</param>
/// <param name="Reason">Why not, in a sentence; empty when it is.</param>
public readonly record struct InstalledAnswer(bool IsInstalled, string Reason)
{
    internal static InstalledAnswer Yes => new(true, "");

    internal static InstalledAnswer No(string reason) => new(false, reason);
}

/// <summary>Answers IsInstalled from the records and dpkg's status: read-only, without a child process, so that the agent may ask as often as it likes.</summary>
public static class InstalledCheck
{
    /// <summary>
    /// Installed means: the criteria are recorded as applied, AND every package and every source of the recorded manifest still is as it asks.
    /// Criteria that only the agent's own file knows (the device has just changed handlers) count while they are its newest entry and no update
    /// of ours came later.
    /// </summary>
    /// <param name="configuration">The configuration of the device.</param>
    /// <param name="criteria">The string that the agent knows the update by.</param>
    /// <param name="manifest">
    /// The manifest, where it is at hand; it counts instead of the recorded one, because the same criteria may have been used for another.
    /// </param>
    /// <exception cref="DpkgStatusException">dpkg's status cannot be read.</exception>
    public static InstalledAnswer Ask(Configuration configuration, string criteria, AptManifest? manifest = null)
    {
        var records = new UpdateRecords(configuration.StateDir);
        DateTimeOffset? lastChange = null;
        foreach (UpdateRecord record in records.NewestFirst())
        {
            if (record.State == UpdateState.Applied && record.InstalledCriteria == criteria)
            {
                AptManifest? asked = manifest ?? ManifestReader.Read(records.Manifest(record)).Manifest;
                return asked is null
                    ? InstalledAnswer.No($"the record of update {record.Number} is damaged")
                    : Compare(asked, configuration.System.ReadStatus(), configuration.System);
            }

            if (record.HasChangedMachine || record.State == UpdateState.Applied)
                lastChange = lastChange > record.Changed ? lastChange : record.Changed;
        }

        if (records.Damaged() is { } damaged)
            return InstalledAnswer.No($"the record of update {damaged} is damaged");
        return new InstalledCriteriaFile(configuration.InstalledCriteriaFile).Newest() is { } newest && newest.Criteria == criteria
            && !(lastChange > newest.Time)
            ? InstalledAnswer.Yes
            : InstalledAnswer.No("no update with these installed criteria was applied");
    }

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
            StatusEntry? entry = status.Find(intent.Package);
            string? problem = intent.Kind switch
            {
                PackageIntentKind.Remove => entry is { HoldsFiles: true } ? $"{intent.Package} is still there ({entry.Value.Version})" : null,
                _ when entry is not { IsInstalled: true } => $"{intent.Package} is not installed",
                PackageIntentKind.InstallPinned when DebianVersion.Compare(entry.Value.Version, intent.Version!.Value.Text) != 0 =>
                    $"{intent.Package} is {entry.Value.Version} instead of {intent.Version}",
                _ => null,
            };
            if (problem is not null)
                return InstalledAnswer.No(problem);
        }

        return InstalledAnswer.Yes;
    }
}
