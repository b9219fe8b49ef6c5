using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.DesiredState;
using AptHandler.Manifests;

namespace AptHandler.Updates;

/// <summary>A wish of an earlier step that a later step of the same deployment has changed on purpose.</summary>
/// <param name="Name">The package, or the id of the source.</param>
/// <param name="Desired">The version that the earlier step asks for, <c>any</c> or <c>present</c>; null where it should not be there.</param>
/// <param name="Actual">The version that the later step left, or <c>present</c> for a source; null where it is not there.</param>
/// <param name="By">The number of the later update.</param>
public sealed record Superseded(string Name, string? Desired, string? Actual, int By);

/// <summary>
/// The updates of one deployment. The agent deploys in steps, each with a manifest of its own: first it downloads all of them, then it installs
/// one after the other (agent-contract.md, 4). By hand each update stands for itself.
/// </summary>
public sealed class Deployment
{
    internal const string ChangedNothing = "this step changed nothing";

    internal const string Present = "present";

    private readonly UpdateRecords _records;
    private readonly string _id;

    /// <param name="records">The records of the device.</param>
    /// <param name="workflowId">The agent's id of the deployment; empty by hand.</param>
    public Deployment(UpdateRecords records, string workflowId) => (_records, _id) = (records, workflowId);

    /// <summary>
    /// Whether the id tells one deployment from another. A bare number does not: it is the place of a step, which is all that an agent tells
    /// whose functions do not lead to the deployment.
    /// </summary>
    public bool IsKnown => _id.Length > 0 && !_id.All(char.IsAsciiDigit);

    /// <summary>Its steps that have changed the device and are still on it, newest first.</summary>
    public IEnumerable<UpdateRecord> Installed => Done.Where(record => record.HasChangedMachine);

    private IEnumerable<UpdateRecord> Done => All.Where(record => record.State is UpdateState.Installed or UpdateState.Applied);

    private IEnumerable<UpdateRecord> All => IsKnown ? _records.NewestFirst().Where(record => record.WorkflowId == _id) : [];

    /// <summary>The newest of its steps that has left changes on the device, or null.</summary>
    public UpdateRecord? Newest => All.FirstOrDefault(record => record.HasChangedMachine);

    /// <summary>Whether an update is a step of it that is on the device.</summary>
    public bool Has(UpdateRecord? update) => update is not null && Installed.Any(record => record.Number == update.Number);

    /// <summary>An update with the steps of its deployment before it that are done, newest first. Of a step that was made again it is the last time.</summary>
    public IReadOnlyList<UpdateRecord> StepsUntil(UpdateRecord update)
    {
        List<UpdateRecord> steps = [update];
        foreach (UpdateRecord record in Done.Where(record => record.Number < update.Number))
        {
            if (!steps.Exists(step => IsSameStep(step, record)))
                steps.Add(record);
        }

        return steps;
    }

    /// <summary>Those of <see cref="Installed"/> that came before an update, newest first.</summary>
    public IReadOnlyList<UpdateRecord> InstalledBefore(UpdateRecord update) => [.. Installed.Where(record => record.Number < update.Number)];

    /// <summary>What to say of earlier steps when a later one is undone: a part of a sentence, or nothing where there are none.</summary>
    public static string WhatStays(IReadOnlyList<UpdateRecord> earlier) =>
        earlier.Count == 0 ? "" : $"; earlier steps of this deployment stay: {string.Join(", ", earlier.Select(record => record.Title))}";

    /// <summary>
    /// A manifest with the wishes of those earlier steps that are downloaded and will be installed first. What both speak of is as the manifest
    /// itself says. Null where there are no such steps.
    /// </summary>
    public AptManifest? AfterEarlierSteps(AptManifest manifest, UpdateRecord update)
    {
        var packages = new Dictionary<PackageName, PackageIntent>();
        var sources = new Dictionary<string, AptSource>(StringComparer.Ordinal);
        foreach (UpdateRecord earlier in All.Where(record => record.State == UpdateState.Downloaded && record.Number < update.Number).Reverse())
        {
            if (ManifestReader.Read(_records.Manifest(earlier)).Manifest is { } before)
                Add(before);
        }

        if (packages.Count + sources.Count == 0)
            return null;
        Add(manifest);
        return new AptManifest { Name = manifest.Name, Version = manifest.Version, Packages = [.. packages.Values], Sources = [.. sources.Values] };

        void Add(AptManifest each)
        {
            foreach (PackageIntent intent in each.Packages)
                packages[intent.Package] = intent;
            foreach (AptSource source in each.Sources)
                sources[source.Id] = source;
        }
    }

    /// <summary>
    /// What a later step has made of a package that is not as an earlier one left it or wants it: null unless the newest of those that changed
    /// it left it as it is now.
    /// </summary>
    internal Superseded? SupersededBy(UpdateRecord update, PackageName package, string? desired, DpkgStatus status)
    {
        string name = status.NameOf(package);
        foreach (UpdateRecord later in InstalledAfter(update))
        {
            if (later.Packages.FirstOrDefault(change => status.NameOf(PackageName.Known(change.Name)) == name) is not { } change)
                continue;
            StatusEntry? entry = status.Find(package) is { HoldsFiles: true } there ? there : null;
            bool isAsLeft = change.After is null ? entry is null : entry is { IsInstalled: true } && entry.Value.Version == change.After;
            return isAsLeft ? new Superseded(package.ToString(), desired, change.After, later.Number) : null;
        }

        return null;
    }

    /// <summary>The same for a source.</summary>
    internal Superseded? SupersededBy(UpdateRecord update, AptSource source, AptSystem system)
    {
        foreach (UpdateRecord later in InstalledAfter(update))
        {
            AptSource? wish = ManifestReader.Read(_records.Manifest(later)).Manifest?.Sources.FirstOrDefault(each => each.Id == source.Id);
            if (wish is null)
                continue;
            return SourceFiles.IsAsWanted(wish, system)
                ? new Superseded(source.Id, source.IsRemoval ? null : Present, wish.IsRemoval ? null : Present, later.Number)
                : null;
        }

        return null;
    }

    // An earlier step that was made again is no later step.
    private IEnumerable<UpdateRecord> InstalledAfter(UpdateRecord update) =>
        Installed.TakeWhile(record => record.Number > update.Number).Where(record => FirstTimeOf(record) > FirstTimeOf(update));

    private int FirstTimeOf(UpdateRecord update) => All.Last(record => record.Number == update.Number || IsSameStep(record, update)).Number;

    private bool IsSameStep(UpdateRecord left, UpdateRecord right) =>
        left.InstalledCriteria == right.InstalledCriteria && _records.Manifest(left).AsSpan().SequenceEqual(_records.Manifest(right));
}
