namespace AptHandler.Processes;

/// <summary>What is to be started, and with what in its hands.</summary>
/// <param name="Program">Absolute path of the program; no search path is used.</param>
/// <param name="Arguments">The arguments after the program's own name.</param>
/// <param name="Environment">The whole environment, as <c>NAME=value</c>; nothing is inherited.</param>
public sealed record ChildStart(string Program, IReadOnlyList<string> Arguments, IReadOnlyList<string> Environment)
{
    /// <summary>The folder that the child works in; without one it is that of the parent.</summary>
    public string? Folder { get; init; }

    /// <summary>File descriptor for standard input; without one it is /dev/null.</summary>
    internal int? Input { get; init; }

    /// <summary>
    /// File descriptor for standard output; without one it is /dev/null. A file, never a pipe: see <see cref="ChildProcess"/>.
    /// </summary>
    internal int? Output { get; init; }

    /// <summary>File descriptor for standard error; without one it is /dev/null.</summary>
    internal int? Error { get; init; }

    /// <summary>File descriptor that the child finds as number 3; without one there is none.</summary>
    internal int? Extra { get; init; }
}
