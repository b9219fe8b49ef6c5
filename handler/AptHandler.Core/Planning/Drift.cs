using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.DesiredState;
using AptHandler.Manifests;
using AptHandler.Records;
using AptHandler.Results;

namespace AptHandler.Planning;

/// <summary>One thing that is not as the newest deployment has left it.</summary>
/// <param name="Kind">What it is: <c>package</c> or <c>source</c>.</param>
/// <param name="Name">The package, or the id of the source.</param>
/// <param name="Desired">
/// The version that the package should have, <c>any</c>, or <c>present</c> for a source; null where it should not be there.
/// </param>
/// <param name="Actual">
/// The version that the package has, or its state where it is not whole, or <c>changed</c> for a source; null where it is not there.
/// </param>
/// <param name="WantedBy">
/// Who wants it so: <c>manifest</c>, and then IsInstalled says no, and the same update again mends it; or <c>update</c>, which has chosen
/// the version, or has brought the package along or taken it away, without being asked to by the manifest.
/// </param>
public sealed record Difference(string Kind, string Name, string? Desired, string? Actual, string WantedBy)
{
    /// <summary>Whether it is the manifest that wants it otherwise.</summary>
    public bool IsOfManifest => WantedBy == Drift.Manifest;
}

/// <summary>
/// The comparison of a device with what the newest update that was installed has made of it, and the other steps of its deployment.
/// </summary>
public sealed class Drift
{
    internal const string Manifest = "manifest";
    private const string Update = "update";

    private readonly UpdateRecords _records;
    private readonly AptSystem _system;
    private readonly DpkgStatus _status;
    private readonly List<Difference> _differences = [];
    private readonly List<Superseded> _superseded = [];

    private Drift(UpdateRecords records, AptSystem system) => (_records, _system, _status) = (records, system, system.ReadStatus());

    /// <summary>
    /// The differences: of each update those of its manifest in its order, then those of packages that came or went along.
    /// </summary>
    public IReadOnlyList<Difference> Differences => _differences;

    /// <summary>What is otherwise because a later step of the deployment has changed it on purpose.</summary>
    public IReadOnlyList<Superseded> Superseded => _superseded;

    /// <summary>An update whose manifest is damaged, so that nobody knows what it asked for; null where there is none.</summary>
    public int? Damaged { get; private set; }

    /// <summary>Compares.</summary>
    /// <param name="records">
    /// The records, with those of earlier runs of the same update: what those have brought along is still wanted.
    /// </param>
    /// <param name="installed">The newest update that was installed.</param>
    /// <param name="system">The device.</param>
    /// <exception cref="IOException">The sources cannot be read.</exception>
    /// <exception cref="DpkgStatusException">dpkg's status cannot be read.</exception>
    public static Drift Of(UpdateRecords records, UpdateRecord installed, AptSystem system)
    {
        var drift = new Drift(records, system);
        var deployment = new Deployment(records, installed.WorkflowId);
        foreach (UpdateRecord step in deployment.Steps(installed))
        {
            if (ManifestReader.Read(records.Manifest(step)).Manifest is { } manifest)
                drift.Add(step, manifest, deployment);
            else
                drift.Damaged ??= step.Number;
        }

        return drift;
    }

    private void Add(UpdateRecord update, AptManifest manifest, Deployment deployment)
    {
        foreach (AptSource source in manifest.Sources)
        {
            if (SourceFiles.IsAsWanted(source, _system))
                continue;
            string? actual = SourceFiles.IsThere(source, _system) ? "changed" : null;
            if (deployment.SupersededBy(update.Place, source, _system) is { } later)
                _superseded.Add(later);
            else
                _differences.Add(new Difference("source", source.Id, source.IsRemoval ? null : Deployment.Present, actual, Manifest));
        }

        Dictionary<string, PackageChange> changes = Changes(update, deployment);
        foreach (PackageIntent intent in manifest.Packages)
        {
            _ = changes.Remove(_status.NameOf(intent.Package), out PackageChange? change);
            if (
                IsAsDesired(intent.Package, intent.Desired, Manifest)
                && intent.Desired == PackageIntent.AnyVersion
                && change?.After is { } chosen
            )
                _ = IsAsDesired(intent.Package, chosen, Update);
        }

        foreach (PackageChange change in changes.Values)
            _ = IsAsDesired(PackageName.Known(change.Name), change.After, Update);

        bool IsAsDesired(PackageName package, string? desired, string wantedBy)
        {
            StatusEntry? entry = _status.Find(package) is { HoldsFiles: true } there ? there : null;
            if (desired is null ? entry is null : entry is { IsInstalled: true } && IsVersion(entry.Value, desired))
                return true;
            string? actual = entry is { IsInstalled: false } broken ? broken.State.ToString() : entry?.Version;
            if (deployment.SupersededBy(update.Place, package, desired, _status) is { } later)
                _superseded.Add(later);
            else
                _differences.Add(new Difference("package", package.ToString(), desired, actual, wantedBy));
            return false;
        }
    }

    private static bool IsVersion(StatusEntry entry, string desired) =>
        desired == PackageIntent.AnyVersion || DebianVersion.Compare(entry.Version, desired) == 0;

    // The same update again changes only what has drifted, so the first run knows most.
    private Dictionary<string, PackageChange> Changes(UpdateRecord update, Deployment deployment)
    {
        var changes = new Dictionary<string, PackageChange>(StringComparer.Ordinal);
        byte[] manifest = _records.Manifest(update);
        foreach (UpdateRecord record in _records.NewestFirst().SkipWhile(record => record.Number > update.Number))
        {
            if (record.State is not (UpdateState.Applied or UpdateState.Installed))
                continue;
            if (record.InstalledCriteria != update.InstalledCriteria || !_records.Manifest(record).AsSpan().SequenceEqual(manifest))
            {
                if (deployment.IsKnown && record.WorkflowId == update.WorkflowId)
                    continue;
                break;
            }

            foreach (PackageChange change in record.Packages)
                _ = changes.TryAdd(_status.NameOf(PackageName.Known(change.Name)), change);
        }

        return changes;
    }
}
