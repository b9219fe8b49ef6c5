using AptHandler.Files;
using AptHandler.Processes;
using Microsoft.Extensions.Logging;

namespace AptHandler.Apt;

/// <summary>
/// Runs the apt-get and dpkg commands that change packages, for one update. They run in a session of their own and print into the update's
/// transcript. So they go on to the end when the worker dies. Nothing stops them; only a maintainer script that hangs is ended.
/// </summary>
/// <param name="system">The machine or private root.</param>
/// <param name="token">Identifies the processes after the worker has died. No other program knows it.</param>
/// <param name="transcript">The file for all that is printed; see <see cref="Transcript"/>.</param>
/// <param name="scriptTimeout">How long a maintainer script may take.</param>
/// <param name="log">The log of what is run.</param>
public sealed class ChangeRun(AptSystem system, string token, string transcript, TimeSpan scriptTimeout, ILogger log)
{
    private const int LargestTail = 1 << 20;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    private readonly MaintainerScripts _scripts = new(system, token, scriptTimeout, log);

    /// <summary>The file that gets everything that is printed.</summary>
    public string TranscriptFile => transcript;

    /// <summary>The running scripts of this update.</summary>
    internal MaintainerScripts Scripts => _scripts;

    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">Absolute path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="onReport">Gets each line that the program writes to file descriptor 3.</param>
    /// <param name="variable">One more variable for the environment.</param>
    /// <param name="input">Text for its standard input.</param>
    /// <returns>How it ended, and the end of what was printed.</returns>
    internal (ExitStatus Exit, string Tail) Run(
        string program,
        IReadOnlyList<string> arguments,
        Action<string>? onReport = null,
        string? variable = null,
        string? input = null
    )
    {
        log.LogDebug("run {Program} {Arguments}", program, string.Join(' ', arguments));
        using var kept = Transcript.Open(transcript);
        using var report = Descriptor.InMemory("progress");
        using Descriptor text = input is null ? default : Descriptor.InMemory("input");
        if (input is not null)
            text.WriteAt(System.Text.Encoding.UTF8.GetBytes(input), 0, "the input of " + program);
        long before = (long)kept.Output.Status().Size;
        string tag = $"{MaintainerScripts.Variable}={token}";
        var start = new ChildStart(
            program,
            arguments,
            variable is null ? [.. system.Environment, tag] : [.. system.Environment, tag, variable]
        )
        {
            Input = input is null ? null : text.Number,
            Output = kept.Output.Number,
            Error = kept.Output.Number,
            Extra = report.Number,
        };
        using ChildProcess child = ChildProcess.Spawn(WorkerScope.Transaction(start, WarnOfScope));

        var lines = new GrowingText(report);
        ExitStatus? exit;
        while ((exit = child.Wait(Tick)) is null)
        {
            Look();
            _scripts.EndHanging();
        }

        Look();
        // If dpkg was killed, its script still runs.
        if (exit.Value.IsKilled)
            _scripts.WaitForOrphans(CancellationToken.None);
        // The end of the output tells the cause. Maintainer scripts may print any amount before it.
        long printed = (long)kept.Output.Status().Size - before;
        return (exit.Value, kept.Output.ReadEnd((int)Math.Clamp(printed < 0 ? LargestTail : printed, 0, LargestTail)));

        void Look()
        {
            lines.ReadLines(line => onReport?.Invoke(line));
            kept.Bound();
        }
    }

    private void WarnOfScope(string problem) =>
        log.LogWarning("apt runs in the worker's own group, which a shutdown ends: {Reason}", problem);
}
