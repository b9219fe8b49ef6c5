namespace AptHandler.SystemTests.Fixtures;

/// <summary>How a program ended and what it said. A death by signal N is the exit status 128 + N.</summary>
public sealed record Outcome(int ExitStatus, string Output, string Errors, TimeSpan Took)
{
    /// <summary>Both streams, for tests that care about a sentence and not where it was printed.</summary>
    public string Text => Output + Errors;

    /// <summary>The outcome itself, when it is a success.</summary>
    /// <exception cref="InvalidOperationException">Anything else; set-up that fails must not look like a test that fails.</exception>
    public Outcome Succeeded(string what) =>
        ExitStatus == 0 ? this : throw new InvalidOperationException($"cannot {what}: exit status {ExitStatus}\n{Text}");
}

/// <summary>Runs programs.</summary>
public static class Command
{
    /// <summary>Longer than anything here takes, shorter than anybody's patience.</summary>
    public static readonly TimeSpan UsualTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Runs a program to its end.</summary>
    /// <param name="environment">Added to the environment of the tests; null takes a variable away.</param>
    /// <param name="stdin">What the program reads; it then sees the end of its input.</param>
    /// <exception cref="TimeoutException">The program was killed, with all its children; the message holds what it had said.</exception>
    public static Outcome Run(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        string stdin = "",
        TimeSpan? timeout = null
    )
    {
        using var running = new RunningCommand(program, arguments, environment);
        running.Write(stdin);
        running.CloseInput();
        return running.Wait(timeout);
    }
}
