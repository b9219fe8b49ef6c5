using System.Text.Json.Serialization;

namespace AptHandler.Results;

/// <summary>A package and what became of it.</summary>
/// <param name="Name">The name; with the architecture where it is a foreign one.</param>
/// <param name="Before">The version that was installed, or null.</param>
/// <param name="After">The version that is, or will be, installed, or null.</param>
public sealed record PackageChange(string Name, string? Before, string? After)
{
    /// <summary>Whether there is a list, and each entry has a name.</summary>
    internal static bool AreComplete(IReadOnlyList<PackageChange>? changes) => changes?.All(change => change is { Name: not null }) == true;
}

/// <summary>How a step ended, in the agent's terms.</summary>
/// <param name="Step">The step.</param>
/// <param name="ResultCode">One of <see cref="AptHandler.Results.ResultCode"/>.</param>
/// <param name="ExtendedResultCode">0, or the code of one of <see cref="ExtendedResult.All"/>.</param>
/// <param name="Details">
/// Cause, package and remedy for the operator: at most 1,000 bytes of UTF-8, one line, without <c>%</c>, because the agent uses it as a
/// format.
/// </param>
public sealed record UpdateResult(UpdateStep Step, int ResultCode, int ExtendedResultCode, string Details)
{
    /// <summary>The packages that changed or will change.</summary>
    public IReadOnlyList<PackageChange> Packages { get; set; } = [];

    /// <summary>Whether the agent should be restarted at once.</summary>
    public bool RestartAgent { get; init; }

    /// <summary>Whether no member is null that must not be null: the JSON reader accepts null from the text for such members.</summary>
    [JsonIgnore]
    internal bool IsComplete => Details is not null && PackageChange.AreComplete(Packages);

    /// <summary>Whether the agent counts the result as a success.</summary>
    [JsonIgnore]
    public bool IsSuccess => ResultCode > 0;

    /// <summary>What the result means for the caller.</summary>
    [JsonIgnore]
    public UpdateOutcome Outcome =>
        ResultCode switch
        {
            AptHandler.Results.ResultCode.Cancelled => UpdateOutcome.Cancelled,
            > 0 => UpdateOutcome.Done,
            _ => ExtendedResult.All.FirstOrDefault(known => known.Code == ExtendedResultCode)?.Outcome ?? UpdateOutcome.Failed,
        };

    /// <summary>A step that did what it should.</summary>
    public static UpdateResult Success(UpdateStep step, int resultCode, string details = "") =>
        new(step, resultCode, 0, OperatorText.Clean(details));

    /// <summary>A step that failed.</summary>
    public static UpdateResult Failure(UpdateStep step, ExtendedResult cause, string details) =>
        new(step, AptHandler.Results.ResultCode.Failure, cause.Code, OperatorText.Clean(details));

    /// <summary>A step that was cancelled.</summary>
    public static UpdateResult Cancelled(UpdateStep step, string details) =>
        new(step, AptHandler.Results.ResultCode.Cancelled, 0, OperatorText.Clean(details));
}
