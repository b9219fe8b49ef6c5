using AptHandler.Manifests;

namespace AptHandler.Requests;

/// <summary>
/// The first line of a worker's input; the manifest follows it. An update can replace the plugin before the worker, or the worker before
/// the plugin. So members may be added here but never changed, and unknown members are ignored.
/// </summary>
/// <param name="Id">A name for the result, unique to this request: letters, digits and <c>-</c>.</param>
/// <param name="Request">The step to do.</param>
/// <param name="ManifestLength">The length in bytes of the manifest that follows the line.</param>
public sealed record WorkerRequest(string Id, UpdateRequest Request, int ManifestLength)
{
    /// <summary>The longest line in bytes.</summary>
    public const int LongestLine = 64 * 1024;

    /// <summary>The longest id of a workflow that is accepted, in characters.</summary>
    public const int LongestWorkflowId = 200;

    private const int LongestId = 100;

    /// <summary>Whether the id can be a file name. It must be checked, because it comes from a process with fewer rights.</summary>
    public bool HasValidId => Id is { Length: > 0 and <= LongestId } && Id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    /// <summary>
    /// Whether no member is missing that must be there: the JSON reader leaves a member null that the text does not have.
    /// </summary>
    public bool IsComplete =>
        HasValidId
        && ManifestLength is >= 0 and <= ManifestReader.MaximumSize
        && Request is { InstalledCriteria: not null, WorkflowId.Length: <= LongestWorkflowId }
        && UpdateRequest.IsPlace(Request.Place)
        && Enum.IsDefined(Request.Step);
}
