using System.Text.Json.Serialization;

namespace AptHandler.Updates;

/// <summary>How far an update got.</summary>
public enum UpdateState
{
    /// <summary>Its manifest was accepted.</summary>
    Begun,

    /// <summary>Planned, and all archives are there.</summary>
    Downloaded,

    /// <summary>apt's transaction may have begun.</summary>
    Installing,

    /// <summary>Every package is as the manifest asks.</summary>
    Installed,

    /// <summary>Recorded as installed.</summary>
    Applied,

    /// <summary>A step failed.</summary>
    Failed,

    /// <summary>A step was given up.</summary>
    Cancelled,
}

/// <summary>The record of one update, kept in its folder beside the manifest and the transcript of apt.</summary>
public sealed record UpdateRecord
{
    /// <summary>Counts the updates of this device, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>The agent's id of the workflow; empty by hand.</summary>
    public string WorkflowId { get; set; } = "";

    /// <summary>The string that the agent knows the update by.</summary>
    public required string InstalledCriteria { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset Began { get; init; }

    /// <summary>When this record was last written.</summary>
    public DateTimeOffset Changed { get; init; }

    /// <summary>How far it got.</summary>
    public UpdateState State { get; init; }

    /// <summary>Whether apt's transaction may have begun, however it went.</summary>
    public bool HasChangedMachine { get; init; }

    /// <summary>The packages that it changes, with the versions before and after.</summary>
    public IReadOnlyList<PackageChange> Packages { get; set; } = [];

    /// <summary>What the operator should know besides: warnings about the manifest, lists that may be old. Empty, or begins with a semicolon.</summary>
    public string Remark { get; set; } = "";

    /// <summary>How its last step ended.</summary>
    public UpdateResult? Result { get; init; }

    /// <summary>Whether no step of it is to follow.</summary>
    [JsonIgnore]
    public bool HasEnded => State is UpdateState.Applied or UpdateState.Failed or UpdateState.Cancelled;
}
