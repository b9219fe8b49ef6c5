using System.Text.Json.Serialization;
using AptHandler.Requests;
using AptHandler.Results;

namespace AptHandler.Records;

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

    /// <summary>
    /// A step failed. The device is as it was before, unless <see cref="UpdateRecord.HasChangedMachine"/> says otherwise.
    /// </summary>
    Failed,

    /// <summary>A step was given up.</summary>
    Cancelled,

    /// <summary>What is needed to go back is kept.</summary>
    BackedUp,

    /// <summary>Cut off in the middle of its transaction, and being brought to its end.</summary>
    Finishing,

    /// <summary>The device is being brought back to the state before.</summary>
    Restoring,

    /// <summary>The device was brought back to the state before.</summary>
    Restored,
}

/// <summary>The record of one update, kept in its folder beside the manifest and the transcript of apt.</summary>
public sealed record UpdateRecord
{
    /// <summary>Counts the updates of this device, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>The agent's id of the deployment, which all of its steps share; empty by hand.</summary>
    public string WorkflowId { get; set; } = "";

    /// <summary>The place of the step in the deployment, as <see cref="UpdateRequest.Place"/>.</summary>
    public string Place { get; set; } = "";

    /// <summary>The string that the agent knows the update by.</summary>
    public required string InstalledCriteria { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset Began { get; init; }

    /// <summary>When this record was last written.</summary>
    public DateTimeOffset Changed { get; init; }

    /// <summary>How far it got.</summary>
    public UpdateState State { get; init; }

    /// <summary>How often finishing or restoring was tried.</summary>
    public int Attempts { get; init; }

    /// <summary>While it is being undone: the result of the step that is undone.</summary>
    public UpdateResult? Cause { get; init; }

    /// <summary>While it is being undone: the state that it is to end in.</summary>
    public UpdateState EndState { get; init; }

    /// <summary>While it is being undone: whether configuration files stay that somebody has changed after the update.</summary>
    public bool KeepsEdits { get; init; }

    /// <summary>Whether the earlier steps of its deployment are still to be undone, because this one was.</summary>
    public bool OwesDeployment { get; init; }

    /// <summary>Whether the file of this record cannot be read, so that little is known of the update.</summary>
    [JsonIgnore]
    public bool IsDamaged { get; init; }

    /// <summary>Whether the device may differ from what it was before: apt's transaction may have begun, and was not undone.</summary>
    public bool HasChangedMachine { get; init; }

    /// <summary>The packages that it changes, with the versions before and after.</summary>
    public IReadOnlyList<PackageChange> Packages { get; set; } = [];

    /// <summary>
    /// What the operator should know besides: warnings about the manifest, lists that may be old. Empty, or begins with a semicolon.
    /// </summary>
    public string Remark { get; set; } = "";

    /// <summary>
    /// What its manifest asks and most likely does not mean, a misspelt removal say; empty where there is nothing of the kind.
    /// </summary>
    public string Warning { get; set; } = "";

    /// <summary>How its last step ended.</summary>
    public UpdateResult? Result { get; init; }

    /// <summary>How it is called in sentences: <c>7 (thermo-2.0)</c>.</summary>
    [JsonIgnore]
    public string Title => $"{Number} ({InstalledCriteria})";

    /// <summary>Whether no step of it is to follow.</summary>
    [JsonIgnore]
    public bool HasEnded => State is UpdateState.Applied or UpdateState.Failed or UpdateState.Cancelled or UpdateState.Restored;

    /// <summary>Whether the device is on its way from one of its states to another.</summary>
    [JsonIgnore]
    public bool IsBetween => State is UpdateState.Installing or UpdateState.Finishing or UpdateState.Restoring;

    /// <summary>Whether nothing of it is half-done.</summary>
    [JsonIgnore]
    public bool IsAtRest => !IsBetween && !OwesDeployment;

    /// <summary>Whether nothing is missing that the members promise: a reader of JSON leaves null where the text says null.</summary>
    [JsonIgnore]
    internal bool IsComplete =>
        WorkflowId is not null
        && Place is not null
        && InstalledCriteria is not null
        && Remark is not null
        && Warning is not null
        && PackageChange.AreComplete(Packages)
        && Result is null or { IsComplete: true }
        && Cause is null or { IsComplete: true };
}
