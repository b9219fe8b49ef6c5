using AptHandler.Files;
using AptHandler.Processes;

namespace AptHandler.Authoring.Repositories;

/// <summary>How a tool ended.</summary>
/// <param name="Exit">Its exit status.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Errors">What it printed to standard error.</param>
internal sealed record ToolOutcome(ExitStatus Exit, string Output, string Errors)
{
    private const int LongestTalk = 400;

    public bool IsSuccess => Exit.IsSuccess;

    /// <summary>The end of its output in one line, for a message. If a Go program crashed, only the reason, without the stack.</summary>
    public string LastWords
    {
        get
        {
            string[] lines = (Errors.Trim().Length > 0 ? Errors : Output).Split(
                '\n',
                StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries
            );
            string said = Array.Find(lines, line => line.StartsWith("panic: ", StringComparison.Ordinal)) ?? string.Join(' ', lines);
            return said.Length == 0 ? Exit.ToString()
                : said.Length > LongestTalk ? $"…{said[^LongestTalk..]}"
                : said;
        }
    }
}

/// <summary>
/// A program of another Debian package. It is started without a shell and with its own environment, and its output is kept for messages.
/// </summary>
/// <param name="program">Its path.</param>
/// <param name="package">The package that has it.</param>
/// <param name="environment">Its whole environment.</param>
internal sealed class Tool(string program, string package, IReadOnlyList<string> environment)
{
    private const int LargestOutput = 24 << 20;
    private const int LargestErrors = 1 << 20;

    // Far longer than any tool needs. A tool that waits, for example for a passphrase, must end some day.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// A descriptor that the program gets as its number 3, to write to. If it holds a lock of flock(2), the lock lasts until the program
    /// has ended, too. So if du-apt is killed, the next one does not run while the old aptly still works.
    /// </summary>
    public Descriptor? Held { get; init; }

    /// <summary>Stops the program when cancelled.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Runs it to its end.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="folder">The folder in which it runs.</param>
    /// <param name="input">Its standard input.</param>
    /// <exception cref="InputException">It cannot be started.</exception>
    /// <exception cref="OperationCanceledException">It was stopped, or was not started.</exception>
    public ToolOutcome Run(IReadOnlyList<string> arguments, string? folder = null, Descriptor? input = null)
    {
        Cancellation.ThrowIfCancellationRequested();
        using var output = Descriptor.InMemory("output");
        using var errors = Descriptor.InMemory("errors");
        using ChildProcess child = Start(
            new ChildStart(program, arguments, environment)
            {
                Folder = folder,
                Input = input?.Number,
                Output = output.Number,
                Error = errors.Number,
                Extra = Held?.Number,
            }
        );
        long end = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        ExitStatus? exit;
        while ((exit = child.Wait(Tick)) is null)
        {
            if (!Cancellation.IsCancellationRequested && Environment.TickCount64 < end)
                continue;
            exit = child.Terminate(Grace);
            Cancellation.ThrowIfCancellationRequested();
            break;
        }

        return new ToolOutcome(exit.Value, output.ReadEnd(LargestOutput), errors.ReadEnd(LargestErrors));
    }

    private ChildProcess Start(ChildStart start)
    {
        try
        {
            return ChildProcess.Spawn(start);
        }
        catch (IOException e)
        {
            throw new InputException($"{e.Message}; install it with apt-get install {package}");
        }
    }
}
