using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using AptHandler.Results;
using AptHandler.Settings;

namespace AptHandler.Requests;

/// <summary>The request for one step of an update.</summary>
/// <param name="Step">The step.</param>
/// <param name="InstalledCriteria">The string that the agent knows the update by.</param>
public sealed record UpdateRequest(UpdateStep Step, string InstalledCriteria)
{
    /// <summary>The longest installed criteria that are accepted, in characters.</summary>
    public const int LongestCriteria = 1024;

    /// <summary>Stands for the newest update of the device, whatever its criteria. The agent never uses it.</summary>
    public const string Newest = "the newest update";

    /// <summary>
    /// The text of the apt manifest. The caller reads it once, with the caller's own rights. No step opens a file for it.
    /// </summary>
    [JsonIgnore]
    public ReadOnlyMemory<byte> Manifest { get; init; }

    /// <summary>The agent's id of the deployment, which all its steps share; empty for an update by hand.</summary>
    public string WorkflowId { get; set; } = "";

    private const int LongestPlace = 50;

    /// <summary>
    /// The place of the step in its deployment, such as <c>2</c>, or <c>2.0</c> within a step that is an update itself; empty for an update
    /// by hand.
    /// </summary>
    public string Place { get; set; } = "";

    /// <summary>Overrides the configuration for this update.</summary>
    public UnlistedRemovals? UnlistedRemovals { get; init; }

    /// <summary>
    /// Which update to undo: its number, the agent's id of its deployment or its installed criteria. Null for the newest one. Only a person
    /// sets this.
    /// </summary>
    [JsonIgnore]
    public string? UpdateId { get; init; }

    /// <summary>Whether to undo all steps of its deployment. Only a person sets this.</summary>
    [JsonIgnore]
    public bool WholeDeployment { get; init; }

    /// <summary>Whether a text can be a place, or is empty.</summary>
    public static bool IsPlace([NotNullWhen(true)] string? text) =>
        text is { Length: <= LongestPlace } && text.All(c => char.IsAsciiDigit(c) || c == '.');

    /// <summary>Checks installed criteria, wherever they come from.</summary>
    /// <exception cref="UpdateException">
    /// The criteria are missing, are too long, or hold control characters. Such criteria do not fit into the file of criteria and a line of
    /// a log.
    /// </exception>
    public static void CheckCriteria([NotNull] string? criteria)
    {
        if (string.IsNullOrEmpty(criteria))
            throw new UpdateException(
                ExtendedResult.CriteriaMissing,
                "the step has no installedCriteria; set it in handlerProperties, for example to <name>-<version> of the manifest"
            );
        if (criteria.Length > LongestCriteria || criteria.Any(char.IsControl))
            throw new UpdateException(
                ExtendedResult.CriteriaMissing,
                $"the installedCriteria are longer than {LongestCriteria} characters or hold control characters; shorten them"
            );
    }
}
