using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.DesiredState;
using AptHandler.Manifests;

namespace AptHandler.Records;

/// <summary>A wish of an earlier step that a later step of the same deployment has changed on purpose.</summary>
/// <param name="Name">The package, or the id of the source.</param>
/// <param name="Desired">
/// The version that the earlier step asks for, <c>any</c> or <c>present</c>; null where it should not be there.
/// </param>
/// <param name="Actual">The version that the device has, or <c>present</c> for a source; null where it is not there.</param>
/// <param name="By">The number of the later update.</param>
public sealed record Superseded(string Name, string? Desired, string? Actual, int By);

/// <summary>
/// The updates of one deployment. The agent deploys in steps, each with a manifest of its own: first it downloads all of them, then it
/// installs one after the other (agent-contract.md, 4). It can make a step again, so numbers of updates do not tell the order of steps:
/// places do. By hand each update stands for itself.
/// </summary>
public sealed class Deployment
{
    internal const string ChangedNothing = "this step changed nothing";

    internal const string Present = "present";

    private readonly UpdateRecords _records;
    private readonly Lazy<List<UpdateRecord>> _all;

    /// <param name="records">The records of the device, read when they are needed first.</param>
    /// <param name="workflowId">The agent's id of the deployment; empty by hand.</param>
    public Deployment(UpdateRecords records, string workflowId)
    {
        _records = records;

        // A bare number is the place of a step, which is all that an agent tells whose functions do not lead to the deployment.
        IsKnown = workflowId.Length > 0 && !workflowId.All(char.IsAsciiDigit);
        _all = new(() => IsKnown ? [.. records.NewestFirst().Where(record => record.WorkflowId == workflowId)] : []);
    }

    /// <summary>Whether the id tells one deployment from another.</summary>
    public bool IsKnown { get; }

    /// <summary>Its updates, newest first.</summary>
    public IReadOnlyList<UpdateRecord> Updates => _all.Value;

    /// <summary>Its updates that have left changes on the device, newest first.</summary>
    public IEnumerable<UpdateRecord> OnDevice => Updates.Where(record => record.HasChangedMachine);

    /// <summary>What earlier steps of it have left on the device, newest first.</summary>
    public IReadOnlyList<UpdateRecord> EarlierOnDevice(UpdateRecord update) =>
        [.. OnDevice.Where(record => IsBefore(record.Place, update.Place))];

    /// <summary>What to say of earlier steps when a later one is undone: a part of a sentence, or nothing where there are none.</summary>
    public static string WhatStays(IReadOnlyList<UpdateRecord> earlier) =>
        earlier.Count == 0 ? "" : $"; earlier steps of this deployment stay: {string.Join(", ", earlier.Select(record => record.Title))}";

    /// <summary>The steps that are done, with the update even where it is not; the last step first, and each as it was made last.</summary>
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
    /// A manifest with the wishes of those earlier steps that are downloaded and will be installed first. What both speak of is as the
    /// manifest itself says. Null where there are no such steps.
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
    /// What is left of a manifest without the wishes that later steps have changed: an earlier step that is made again must not undo them.
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
    /// What a later step has made of a package that is not as it should be after an earlier one: null unless it still is as the newest of
    /// those that changed it has left it. A version that only apt has chosen may have risen since.
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

    // Places read as versions do: 2, 2.1, 10.
    private static bool IsBefore(string place, string other) => DebianVersion.Compare(place, other) < 0;
}
