using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.DesiredState;
using AptHandler.Manifests;
using AptHandler.Records;
using AptHandler.Results;

namespace AptHandler.Planning;

/// <summary>A package or source that is not as the newest deployment left it.</summary>
/// <param name="Kind">What it is: <c>package</c> or <c>source</c>.</param>
/// <param name="Name">The package, or the id of the source.</param>
/// <param name="Desired">
/// The version that the package should have, <c>any</c>, or <c>present</c> for a source; null where the package or source should not be
/// there.
/// </param>
/// <param name="Actual">
/// The version of the package, or its state where it is not fully installed, or <c>changed</c> for a source; null where the package or
/// source is not there.
/// </param>
/// <param name="WantedBy">
/// Who wants it so. <c>manifest</c>: IsInstalled answers no, and the same update again fixes the difference. <c>update</c>: the update
/// chose the version, or installed or removed the package, although the manifest does not ask for that.
/// </param>
public sealed record Difference(string Kind, string Name, string? Desired, string? Actual, string WantedBy)
{
    /// <summary>Whether the manifest wants it otherwise.</summary>
    public bool IsOfManifest => WantedBy == Drift.Manifest;
}

/// <summary>Compares a device with the state that the newest installed update and the other steps of its deployment left.</summary>
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
    /// The differences. For each update, those of its manifest come first, in its order. Then come packages that the update installed or
    /// removed in addition.
    /// </summary>
    public IReadOnlyList<Difference> Differences => _differences;

    /// <summary>What differs because a later step of the deployment changed it on purpose.</summary>
    public IReadOnlyList<Superseded> Superseded => _superseded;

    /// <summary>The number of an update whose manifest is damaged, so that its wishes are unknown; null where there is none.</summary>
    public int? Damaged { get; private set; }

    /// <summary>Compares.</summary>
    /// <param name="records">
    /// The records, with those of earlier runs of the same update: the packages that those runs installed in addition are still wanted.
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

    // A repeated update changes only what has drifted. So the records of its earlier runs count, too, and the first run has the most
    // changes.
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
