namespace AptHandler.Updates;

/// <summary>The first line of a worker's input.</summary>
/// <param name="Id">A name for the result, unique to this request: letters, digits and <c>-</c>.</param>
/// <param name="Request">The step to do.</param>
public sealed record WorkerRequest(string Id, UpdateRequest Request)
{
    /// <summary>The longest line in bytes. As much fits into a pipe, so that whoever writes it never waits for the reader.</summary>
    public const int LongestLine = 64 * 1024;

    private const int LongestId = 100;

    /// <summary>
    /// Whether there is a step to do and the id can be a file name. It comes from a process with fewer rights, JSON may leave out any member, and
    /// a number may stand for a step that there is not.
    /// </summary>
    public bool IsValid => Request is not null && Enum.IsDefined(Request.Step) && Id is { Length: > 0 and <= LongestId } && Id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
