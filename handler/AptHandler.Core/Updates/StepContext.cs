using AptHandler.Apt;
using Microsoft.Extensions.Logging;

namespace AptHandler.Updates;

/// <summary>What all steps work with.</summary>
/// <param name="Configuration">The configuration of the device.</param>
/// <param name="Records">The records of its updates.</param>
/// <param name="Log">The log.</param>
/// <param name="Clock">The time for records.</param>
/// <param name="Report">Told how far a step is.</param>
internal sealed record StepContext(Configuration Configuration, UpdateRecords Records, ILogger Log, TimeProvider Clock, Action<UpdateStep, AptProgress> Report)
{
    /// <summary>apt, for a step.</summary>
    public AptCommand Apt(UpdateStep step) =>
        new(Configuration.System, TimeSpan.FromSeconds(Configuration.LockTimeoutSeconds), Log, progress => Report(step, progress));

    /// <summary>The planner for a request.</summary>
    public UpdatePlanner Planner(UpdateRequest request)
    {
        AptCommand apt = Apt(request.Step);
        return new UpdatePlanner(apt, new PlanReview(apt, Configuration, request.UnlistedRemovals ?? Configuration.UnlistedRemovals), new RoomCheck(Configuration.System));
    }

    /// <summary>The journal of an update.</summary>
    public Journal JournalOf(UpdateRecord record) => new(Records, Clock, record);

    /// <summary>The way to one of an update's two ends.</summary>
    public Recovery RecoveryOf(Journal journal, UpdateStep step) => new(this, journal, step);
}
