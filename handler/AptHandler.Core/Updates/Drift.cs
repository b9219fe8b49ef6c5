using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.DesiredState;
using AptHandler.Manifests;

namespace AptHandler.Updates;

/// <summary>One thing that is not as the newest update has left it.</summary>
/// <param name="Kind">What it is: <c>package</c> or <c>source</c>.</param>
/// <param name="Name">The package, or the id of the source.</param>
/// <param name="Desired">The version that the package should have, <c>any</c>, or <c>present</c> for a source; null where it should not be there.</param>
/// <param name="Actual">The version that the package has, or its state where it is not whole, or <c>changed</c> for a source; null where it is not there.</param>
/// <param name="WantedBy">
/// Who wants it so: <c>manifest</c>, and then IsInstalled says no, and the same update again mends it; or <c>update</c>, which has chosen the
/// version, or has brought the package along or taken it away, without being asked to by the manifest.
/// </param>
public sealed record Difference(string Kind, string Name, string? Desired, string? Actual, string WantedBy)
{
    /// <summary>Whether it is the manifest that wants it otherwise.</summary>
    public bool IsOfManifest => WantedBy == Drift.Manifest;
}

/// <summary>The comparison of a device with what the newest update that it has recorded as installed has made of it.</summary>
public sealed class Drift
{
    internal const string Manifest = "manifest";
    private const string Update = "update";
    private const string Any = "any";

    private readonly DpkgStatus _status;
    private readonly List<Difference> _differences = [];

    private Drift(DpkgStatus status) => _status = status;

    /// <summary>Compares.</summary>
    /// <param name="records">The records, with those of earlier runs of the same update: what those have brought along is still wanted.</param>
    /// <param name="applied">The update.</param>
    /// <param name="manifest">Its manifest.</param>
    /// <param name="status">The packages of the device.</param>
    /// <param name="system">The device, with its sources.</param>
    /// <returns>The differences: those of the manifest in its order, then those of packages that came or went along.</returns>
    /// <exception cref="IOException">The sources cannot be read.</exception>
    public static IReadOnlyList<Difference> Of(UpdateRecords records, UpdateRecord applied, AptManifest manifest, DpkgStatus status, AptSystem system)
    {
        var drift = new Drift(status);
        foreach (AptSource source in manifest.Sources)
        {
            if (!SourceFiles.IsAsWanted(source, system))
                drift._differences.Add(new Difference("source", source.Id, source.IsRemoval ? null : "present", SourceFiles.IsThere(source, system) ? "changed" : null, Manifest));
        }

        Dictionary<string, PackageChange> changes = Changes(records, applied, status);
        foreach (PackageIntent intent in manifest.Packages)
        {
            _ = changes.Remove(status.NameOf(intent.Package), out PackageChange? change);
            string? desired = intent.Kind switch
            {
                PackageIntentKind.Remove => null,
                PackageIntentKind.InstallPinned => intent.Version!.Value.Text,
                _ => Any,
            };
            if (!drift.Compare(intent.Package, desired, Manifest) && desired == Any && change?.After is { } chosen)
                drift.Compare(intent.Package, chosen, Update);
        }

        foreach (PackageChange change in changes.Values)
            drift.Compare(PackageName.Known(change.Name), change.After, Update);
        return drift._differences;
    }

    // The same update again changes only what has drifted, so the first run knows most.
    private static Dictionary<string, PackageChange> Changes(UpdateRecords records, UpdateRecord applied, DpkgStatus status)
    {
        var changes = new Dictionary<string, PackageChange>(StringComparer.Ordinal);
        byte[] manifest = records.Manifest(applied);
        foreach (UpdateRecord record in records.NewestFirst())
        {
            if (record.State != UpdateState.Applied)
                continue;
            if (record.InstalledCriteria != applied.InstalledCriteria || !records.Manifest(record).AsSpan().SequenceEqual(manifest))
                break;
            foreach (PackageChange change in record.Packages)
                _ = changes.TryAdd(status.NameOf(PackageName.Known(change.Name)), change);
        }

        return changes;
    }

    private bool Compare(PackageName package, string? desired, string wantedBy)
    {
        StatusEntry? entry = _status.Find(package) is { HoldsFiles: true } there ? there : null;
        string? actual = entry is { IsInstalled: false } broken ? broken.State.ToString() : entry?.Version;
        bool isAsDesired = desired is null ? entry is null
            : entry is { IsInstalled: true } && (desired == Any || DebianVersion.Compare(entry.Value.Version, desired) == 0);
        if (!isAsDesired)
            _differences.Add(new Difference("package", package.ToString(), desired, actual, wantedBy));
        return !isAsDesired;
    }
}
