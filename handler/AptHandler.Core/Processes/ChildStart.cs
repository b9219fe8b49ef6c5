namespace AptHandler.Processes;

/// <summary>The program to start, with its arguments, environment and open files.</summary>
public sealed record ChildStart(string Program, IReadOnlyList<string> Arguments, IReadOnlyList<string> Environment)
{
    /// <summary>The working folder of the child; null for that of the parent.</summary>
    public string? Folder { get; init; }

    /// <summary>File descriptor for standard input; null for /dev/null.</summary>
    internal int? Input { get; init; }

    /// <summary>
    /// File descriptor for standard output; null for /dev/null. It is a file, never a pipe: see <see cref="ChildProcess"/>.
    /// </summary>
    internal int? Output { get; init; }

    /// <summary>File descriptor for standard error; null for /dev/null.</summary>
    internal int? Error { get; init; }

    /// <summary>File descriptor that the child gets as number 3; null for none.</summary>
    internal int? Extra { get; init; }
}
