namespace AptHandler.Updates;

/// <summary>The first line of a worker's input.</summary>
/// <param name="Id">A name for the result, unique to this request: letters, digits and <c>-</c>.</param>
/// <param name="Request">The step to do.</param>
public sealed record WorkerRequest(string Id, UpdateRequest Request)
{
    /// <summary>The longest line in bytes. As much fits into a pipe, so that whoever writes it never waits for the reader.</summary>
    public const int LongestLine = 64 * 1024;

    private const int LongestId = 100;

    /// <summary>Whether the id can be a file name. It comes from a process with fewer rights.</summary>
    public bool HasValidId => Id is { Length: > 0 and <= LongestId } && Id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    /// <summary>Whether nothing is missing that the members promise: a reader of JSON leaves null where the text has nothing.</summary>
    public bool IsComplete => HasValidId && Request is { ManifestFile: not null, InstalledCriteria: not null } && Enum.IsDefined(Request.Step);
}
