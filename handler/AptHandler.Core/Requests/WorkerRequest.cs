using AptHandler.Manifests;

namespace AptHandler.Requests;

/// <summary>
/// The first line of a worker's input; the manifest follows it. An update can replace one of plugin and worker before the other, so members
/// are added here and never changed, and unknown ones are passed over.
/// </summary>
/// <param name="Id">A name for the result, unique to this request: letters, digits and <c>-</c>.</param>
/// <param name="Request">The step to do.</param>
/// <param name="ManifestLength">How many bytes the manifest has that follows the line.</param>
public sealed record WorkerRequest(string Id, UpdateRequest Request, int ManifestLength)
{
    /// <summary>The longest line in bytes.</summary>
    public const int LongestLine = 64 * 1024;

    /// <summary>The longest id of a workflow that is accepted, in characters.</summary>
    public const int LongestWorkflowId = 200;

    private const int LongestId = 100;

    /// <summary>Whether the id can be a file name. It comes from a process with fewer rights.</summary>
    public bool HasValidId => Id is { Length: > 0 and <= LongestId } && Id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    /// <summary>Whether nothing is missing that the members promise: a reader of JSON leaves null where the text has nothing.</summary>
    public bool IsComplete =>
        HasValidId
        && ManifestLength is >= 0 and <= ManifestReader.MaximumSize
        && Request is { InstalledCriteria: not null, WorkflowId.Length: <= LongestWorkflowId }
        && UpdateRequest.IsPlace(Request.Place)
        && Enum.IsDefined(Request.Step);
}
