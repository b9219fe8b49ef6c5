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

    /// <summary>apt's transaction may have started.</summary>
    Installing,

    /// <summary>Every package is as the manifest asks.</summary>
    Installed,

    /// <summary>Recorded as installed.</summary>
    Applied,

    /// <summary>
    /// A step failed. The device is as it was before, unless <see cref="UpdateRecord.HasChangedMachine"/> says otherwise.
    /// </summary>
    Failed,

    /// <summary>A step was cancelled.</summary>
    Cancelled,

    /// <summary>What is needed to go back is kept.</summary>
    BackedUp,

    /// <summary>The update was cut off in the middle of its transaction, and is being finished.</summary>
    Finishing,

    /// <summary>The device is being brought back to the state before.</summary>
    Restoring,

    /// <summary>The device was brought back to the state before.</summary>
    Restored,
}

/// <summary>The record of one update, kept in its folder beside the manifest and the transcript of apt.</summary>
public sealed record UpdateRecord
{
    /// <summary>The number of the update on this device, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>The agent's id of the deployment, which all its steps share; empty for an update by hand.</summary>
    public string WorkflowId { get; set; } = "";

    /// <summary>The place of the step in the deployment, as <see cref="UpdateRequest.Place"/>.</summary>
    public string Place { get; set; } = "";

    /// <summary>The string that the agent knows the update by.</summary>
    public required string InstalledCriteria { get; init; }

    /// <summary>When the update started.</summary>
    public required DateTimeOffset Began { get; init; }

    /// <summary>When this record was last written.</summary>
    public DateTimeOffset Changed { get; init; }

    /// <summary>How far it got.</summary>
    public UpdateState State { get; init; }

    /// <summary>How often finishing or restoring was tried.</summary>
    public int Attempts { get; init; }

    /// <summary>While the update is being undone: the result of the step that is undone.</summary>
    public UpdateResult? Cause { get; init; }

    /// <summary>While the update is being undone: the state that it ends in afterwards.</summary>
    public UpdateState EndState { get; init; }

    /// <summary>While the update is being undone: whether to keep configuration files that somebody changed after the update.</summary>
    public bool KeepsEdits { get; init; }

    /// <summary>Whether the earlier steps of its deployment must still be undone, because this step failed or was undone.</summary>
    public bool OwesDeployment { get; init; }

    /// <summary>Whether the file of this record cannot be read, so that little is known of the update.</summary>
    [JsonIgnore]
    public bool IsDamaged { get; init; }

    /// <summary>
    /// Whether the device may differ from its state before the update: apt's transaction may have started, and was not undone.
    /// </summary>
    public bool HasChangedMachine { get; init; }

    /// <summary>The packages that the update changes, with the versions before and after.</summary>
    public IReadOnlyList<PackageChange> Packages { get; set; } = [];

    /// <summary>
    /// What else the operator should know, for example warnings about the manifest, or that lists may be old. Empty, or starts with a
    /// semicolon.
    /// </summary>
    public string Remark { get; set; } = "";

    /// <summary>
    /// What is most likely a mistake in the manifest, for example a misspelt removal; empty where there is nothing of the kind.
    /// </summary>
    public string Warning { get; set; } = "";

    /// <summary>How its last step ended.</summary>
    public UpdateResult? Result { get; init; }

    /// <summary>The name of the update in sentences: <c>7 (thermo-2.0)</c>.</summary>
    [JsonIgnore]
    public string Title => $"{Number} ({InstalledCriteria})";

    /// <summary>Whether no more steps of the update will follow.</summary>
    [JsonIgnore]
    public bool HasEnded => State is UpdateState.Applied or UpdateState.Failed or UpdateState.Cancelled or UpdateState.Restored;

    /// <summary>Whether the device may be between its old and its new state.</summary>
    [JsonIgnore]
    public bool IsBetween => State is UpdateState.Installing or UpdateState.Finishing or UpdateState.Restoring;

    /// <summary>Whether no part of the update is half-done.</summary>
    [JsonIgnore]
    public bool IsAtRest => !IsBetween && !OwesDeployment;

    /// <summary>Whether no member is null that must not be null: the JSON reader accepts null from the text for such members.</summary>
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
