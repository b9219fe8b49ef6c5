using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.DesiredState;
using AptHandler.Manifests;
using AptHandler.Planning;
using AptHandler.Records;
using AptHandler.Requests;
using AptHandler.Results;
using AptHandler.Rollback;
using AptHandler.Settings;
using Microsoft.Extensions.Logging;

namespace AptHandler.Updates;

/// <summary>What all steps work with.</summary>
/// <param name="Configuration">The configuration of the device.</param>
/// <param name="Records">The records of its updates.</param>
/// <param name="Log">The log.</param>
/// <param name="Clock">The time for records.</param>
/// <param name="Report">Gets the progress of a step.</param>
internal sealed record StepContext(
    Configuration Configuration,
    UpdateRecords Records,
    ILogger Log,
    TimeProvider Clock,
    Action<UpdateStep, AptProgress> Report
)
{
    /// <summary>The sources as they will be after the update; null where the device already has them.</summary>
    public SourceOverlay? Overlay { get; init; }

    /// <summary>The snapshots of the root file system.</summary>
    public RootSnapshot Snapshot => new(Configuration.System, Log);

    /// <summary>apt, for a step.</summary>
    public AptCommand Apt(UpdateStep step) =>
        new(Configuration.System, TimeSpan.FromSeconds(Configuration.LockTimeoutSeconds), Log, progress => Report(step, progress))
        {
            SourceParts = Overlay?.Parts,
        };

    /// <summary>The plan for a request, with the changes of the sources.</summary>
    /// <exception cref="UpdateException">There is no plan that does exactly what the manifest asks.</exception>
    /// <exception cref="AptException">apt failed.</exception>
    public UpdatePlan Plan(UpdateRequest request, AptManifest manifest, DpkgStatus status, CancellationToken cancellation)
    {
        var onRecord = new Lazy<HashSet<string>>(() => NamesOnRecord(status));
        UpdatePlan plan;
        try
        {
            plan = Planner(request).Plan(manifest, status, WasKnown, cancellation);
        }
        catch (AptException e)
            when (Overlay is not null && request.Step is (UpdateStep.Backup or UpdateStep.Install) && e.Failure.IsMissing)
        {
            // Somebody has run apt-get update since the download. That deletes the lists of sources that are not yet among the device's
            // own.
            UpdateNewSources(request.Step, manifest, cancellation);
            plan = Planner(request).Plan(manifest, status, WasKnown, cancellation);
        }
        catch (AptException e) when (Overlay is not null && e.Failure.Kind == AptFailureKind.ConflictingSources)
        {
            throw SourceFailure.Of(manifest, e.Failure);
        }

        return plan with
        {
            Sources = SourceFiles.Changes(manifest, Configuration.System),
            SourceFiles = SourceFiles.Of(manifest, Configuration.System),
        };

        bool WasKnown(string name) => onRecord.Value.Contains(name);
    }

    // Manifests are cumulative: they still remove packages that an earlier manifest installed, even when nobody else knows these packages
    // any more.
    private HashSet<string> NamesOnRecord(DpkgStatus status)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            foreach (UpdateRecord record in Records.NewestFirst())
            {
                names.UnionWith(record.Packages.Select(change => change.Name));
                if (ManifestReader.Read(Records.Manifest(record)).Manifest is not { } manifest)
                    continue;
                names.UnionWith(
                    manifest
                        .Packages.Where(intent => intent.Kind != PackageIntentKind.Remove)
                        .Select(intent => status.NameOf(intent.Package))
                );
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The user who plans may not be allowed to read the records.
        }

        return names;
    }

    /// <summary>
    /// Fetches the indexes of those sources that the update adds or changes. Old lists may be enough for the device's own sources. But a
    /// source that cannot be read, or is signed with another key, must not be added to the device.
    /// </summary>
    /// <exception cref="UpdateException">apt cannot use one of them.</exception>
    /// <exception cref="AptException">Not all indexes could be fetched.</exception>
    public void UpdateNewSources(UpdateStep step, AptManifest manifest, CancellationToken cancellation)
    {
        try
        {
            if (Overlay is not null)
                Apt(step).Update(Overlay.Changed, cancellation);
        }
        catch (AptException e)
        {
            throw SourceFailure.Of(manifest, e.Failure);
        }
    }

    private UpdatePlanner Planner(UpdateRequest request)
    {
        AptCommand apt = Apt(request.Step);
        var review = new PlanReview(apt, Configuration, request.UnlistedRemovals ?? Configuration.UnlistedRemovals);
        return new UpdatePlanner(apt, review, new RoomCheck(Configuration.System));
    }

    /// <summary>The journal of an update.</summary>
    public Journal JournalOf(UpdateRecord record) => new(Records, Clock, record);

    /// <summary>The recovery of an update.</summary>
    public Recovery RecoveryOf(Journal journal, UpdateStep step) => new(this, journal, step);
}
