using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.DesiredState;
using AptHandler.Manifests;

namespace AptHandler.Records;

/// <summary>A wish of an earlier step that a later step of the same deployment has changed on purpose.</summary>
/// <param name="Name">The package, or the id of the source.</param>
/// <param name="Desired">
/// The version that the earlier step asks for, <c>any</c> or <c>present</c>; null where the package or source should not be there.
/// </param>
/// <param name="Actual">
/// The version that the device has, or <c>present</c> for a source; null where the package or source is not there.
/// </param>
/// <param name="By">The number of the later update.</param>
public sealed record Superseded(string Name, string? Desired, string? Actual, int By);

/// <summary>
/// The updates of one deployment. The agent deploys in steps, each with its own manifest. It downloads all steps first, and then installs
/// one after the other (agent-contract.md, 4). It can repeat a step, so the order of steps is given by their places, not by the numbers of
/// the updates. An update by hand does not belong to a deployment.
/// </summary>
public sealed class Deployment
{
    internal const string ChangedNothing = "this step changed nothing";

    internal const string Present = "present";

    private readonly UpdateRecords _records;
    private readonly Lazy<List<UpdateRecord>> _all;

    /// <param name="records">The records of the device. They are read when they are first needed.</param>
    /// <param name="workflowId">The agent's id of the deployment; empty for an update by hand.</param>
    public Deployment(UpdateRecords records, string workflowId)
    {
        _records = records;

        // A bare number is the place of a step. An agent gives no more than that when its functions do not lead to the deployment.
        IsKnown = workflowId.Length > 0 && !workflowId.All(char.IsAsciiDigit);
        _all = new(() => IsKnown ? [.. records.NewestFirst().Where(record => record.WorkflowId == workflowId)] : []);
    }

    /// <summary>Whether the id identifies a deployment.</summary>
    public bool IsKnown { get; }

    /// <summary>The updates of the deployment, newest first.</summary>
    public IReadOnlyList<UpdateRecord> Updates => _all.Value;

    /// <summary>The updates whose changes are on the device, newest first.</summary>
    public IEnumerable<UpdateRecord> OnDevice => Updates.Where(record => record.HasChangedMachine);

    /// <summary>The earlier steps whose changes are on the device, newest first.</summary>
    public IReadOnlyList<UpdateRecord> EarlierOnDevice(UpdateRecord update) =>
        [.. OnDevice.Where(record => IsBefore(record.Place, update.Place))];

    /// <summary>
    /// The part of a sentence that tells which earlier steps stay when a later one is undone; empty where there are none.
    /// </summary>
    public static string WhatStays(IReadOnlyList<UpdateRecord> earlier) =>
        earlier.Count == 0 ? "" : $"; earlier steps of this deployment stay: {string.Join(", ", earlier.Select(record => record.Title))}";

    /// <summary>
    /// The given update, and the other steps of the deployment that are installed. The last step comes first. A step that was repeated
    /// counts as it was made last.
    /// </summary>
    public IReadOnlyList<UpdateRecord> Steps(UpdateRecord update)
    {
        List<UpdateRecord> steps = [update];
        foreach (UpdateRecord record in Updates.Where(record => record.State is UpdateState.Installed or UpdateState.Applied))
        {
            if (!steps.Exists(step => step.Place == record.Place))
                steps.Add(record);
        }

        steps.Sort((left, right) => DebianVersion.Compare(right.Place, left.Place));
        return steps;
    }

    /// <summary>
    /// The manifest together with the wishes of earlier steps that are downloaded and will be installed before it. Where both name a
    /// package or source, the manifest wins. Null where there are no such steps.
    /// </summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="place">The place of its step.</param>
    public AptManifest? AfterEarlierSteps(AptManifest manifest, string place)
    {
        var packages = new Dictionary<PackageName, PackageIntent>();
        var sources = new Dictionary<string, AptSource>(StringComparer.Ordinal);
        foreach (
            UpdateRecord earlier in Updates
                .Where(record => record.State == UpdateState.Downloaded && IsBefore(record.Place, place))
                .Reverse()
        )
        {
            if (ManifestReader.Read(_records.Manifest(earlier)).Manifest is { } before)
                Add(before);
        }

        if (packages.Count + sources.Count == 0)
            return null;
        Add(manifest);
        return manifest.With([.. packages.Values], [.. sources.Values]);

        void Add(AptManifest each)
        {
            foreach (PackageIntent intent in each.Packages)
                packages[intent.Package] = intent;
            foreach (AptSource source in each.Sources)
                sources[source.Id] = source;
        }
    }

    /// <summary>
    /// A manifest without the wishes that later steps have changed. An earlier step that is repeated must not undo those changes.
    /// </summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="place">The place of its step.</param>
    /// <param name="system">The device.</param>
    public AptManifest WithoutSuperseded(AptManifest manifest, string place, AptSystem system)
    {
        if (!Later(place).Any())
            return manifest;
        DpkgStatus status = system.ReadStatus();
        return manifest.With(
            [.. manifest.Packages.Where(intent => SupersededBy(place, intent.Package, intent.Desired, status) is null)],
            [.. manifest.Sources.Where(source => SupersededBy(place, source, system) is null)]
        );
    }

    /// <summary>
    /// The later step that changed a package on purpose, so that it is not as an earlier step asks. Null where no later step changed the
    /// package, or where the package is no longer as the newest such step left it. A version that the later manifest does not pin may have
    /// changed since.
    /// </summary>
    internal Superseded? SupersededBy(string place, PackageName package, string? desired, DpkgStatus status)
    {
        string name = status.NameOf(package);
        foreach (UpdateRecord later in Later(place))
        {
            if (later.Packages.FirstOrDefault(change => status.NameOf(PackageName.Known(change.Name)) == name) is not { } change)
                continue;
            StatusEntry? entry = status.Find(package) is { HoldsFiles: true } there ? there : null;
            bool isPinned =
                ManifestOf(later)?.Packages.Any(intent => status.NameOf(intent.Package) == name && intent.Version is not null) == true;
            bool isAsLeft = change.After is null
                ? entry is null
                : entry is { IsInstalled: true } && (!isPinned || DebianVersion.Compare(entry.Value.Version, change.After) == 0);
            return isAsLeft ? new Superseded(package.ToString(), desired, entry?.Version, later.Number) : null;
        }

        return null;
    }

    /// <summary>The same for a source.</summary>
    internal Superseded? SupersededBy(string place, AptSource source, AptSystem system)
    {
        foreach (UpdateRecord later in Later(place))
        {
            if (ManifestOf(later)?.Sources.FirstOrDefault(each => each.Id == source.Id) is not { } wish)
                continue;
            return SourceFiles.IsAsWanted(wish, system)
                ? new Superseded(source.Id, source.IsRemoval ? null : Present, wish.IsRemoval ? null : Present, later.Number)
                : null;
        }

        return null;
    }

    private IEnumerable<UpdateRecord> Later(string place) =>
        OnDevice.Where(record => record.State is UpdateState.Installed or UpdateState.Applied && IsBefore(place, record.Place));

    private AptManifest? ManifestOf(UpdateRecord update) => ManifestReader.Read(_records.Manifest(update)).Manifest;

    // Places compare like versions: 2, 2.1, 10.
    private static bool IsBefore(string place, string other) => DebianVersion.Compare(place, other) < 0;
}
