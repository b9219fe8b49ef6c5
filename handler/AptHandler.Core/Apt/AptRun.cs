using AptHandler.Files;
using AptHandler.Processes;
using Microsoft.Extensions.Logging;

namespace AptHandler.Apt;

/// <summary>
/// Runs programs of apt that change no package: waits for locks, listens to a cancellation, reports progress, and reads what they print.
/// What changes packages is run by <see cref="ChangeRun"/>.
/// </summary>
/// <param name="system">The machine or private root.</param>
/// <param name="lockTimeout">How long to wait, in all, for locks that others hold.</param>
/// <param name="log">What was run, and how it ended.</param>
/// <param name="onProgress">Told about progress, and about waiting.</param>
internal sealed class AptRun(AptSystem system, TimeSpan lockTimeout, ILogger log, Action<AptProgress>? onProgress)
{
    /// <summary>The one program of apt that reports progress.</summary>
    public const string AptGet = "/usr/bin/apt-get";

    // The dependencies and versions of some hundred packages at once are a few million bytes.
    private const int LargestOutput = 24 << 20;
    private const int LargestTail = 1 << 20;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>A folder that takes the place of the device's sources.list.d; null for that one itself.</summary>
    public string? SourceParts { get; set; }

    /// <summary>
    /// The options for <see cref="SourceParts"/>. With another folder, apt does not know the lists of the device's own one, and must not
    /// clean them up.
    /// </summary>
    public string[] SourceOptions =>
        SourceParts is null ? [] : ["-o", $"Dir::Etc::sourceparts={SourceParts}", "-o", "APT::Get::List-Cleanup=0"];

    /// <summary>A wait for locks that others hold, up to the time limit in all.</summary>
    public LockWait WaitForLocks() => new(lockTimeout, onProgress);

    /// <summary>Runs a program of apt.</summary>
    /// <param name="program">Absolute path.</param>
    /// <param name="arguments">Its arguments, without those for sources and progress.</param>
    /// <param name="cancellation">Ends the program.</param>
    /// <param name="folder">The working folder; null for that of this process.</param>
    /// <returns>What it printed to standard output.</returns>
    /// <exception cref="AptException">It failed.</exception>
    public string Run(string program, string[] arguments, CancellationToken cancellation, string? folder = null) =>
        RunWhole(program, arguments, folder, cancellation).Output;

    /// <summary>Runs a program of apt, for its standard error, too.</summary>
    /// <inheritdoc cref="Run"/>
    /// <returns>What it printed to standard output and standard error.</returns>
    public (string Output, string Errors) RunWhole(string program, string[] arguments, string? folder, CancellationToken cancellation)
    {
        // apt takes four locks and can wait for one of them only; with the others it fails at once. So this waits for all of them alike:
        // it runs the program again when a lock was held.
        for (LockWait locks = WaitForLocks(); ; )
        {
            (ExitStatus exit, string output, string errors) = RunOnce(program, arguments, folder, cancellation);
            cancellation.ThrowIfCancellationRequested();
            if (exit.IsSuccess)
                return (output, errors);
            locks.Wait(Failed(program, arguments, exit, AptFailure.Classify(errors + "\n" + output)), cancellation);
        }
    }

    /// <summary>Logs a failure.</summary>
    /// <returns>The exception for it.</returns>
    public AptException Failed(string program, string[] arguments, ExitStatus exit, AptFailure failure)
    {
        log.LogWarning("{Program} {Verb}: {Exit}: {Kind}: {Evidence}", program, Verb(arguments), exit, failure.Kind, failure.Evidence);
        return new AptException(failure);
    }

    /// <summary>Passes on a line that apt-get wrote to file descriptor 3.</summary>
    /// <param name="line">The line.</param>
    /// <param name="dpkg">Gets the line, too, where dpkg is at work.</param>
    public void Report(string line, DpkgReport? dpkg = null)
    {
        AptProgress? progress = AptProgress.TryParse(line);
        dpkg?.Add(line, progress);
        if (progress is not null)
            onProgress?.Invoke(progress);
    }

    private (ExitStatus Exit, string Output, string Errors) RunOnce(
        string program,
        string[] arguments,
        string? folder,
        CancellationToken cancellation
    )
    {
        log.LogDebug("run {Program} {Arguments}", program, string.Join(' ', arguments));
        using var output = Descriptor.InMemory("output");
        using var errors = Descriptor.InMemory("errors");
        using var status = Descriptor.InMemory("progress");
        string[] whole = program == AptGet ? [.. SourceOptions, .. FixedOptions.Status, .. arguments] : [.. SourceOptions, .. arguments];
        using var child = ChildProcess.Spawn(
            new ChildStart(program, whole, system.Environment)
            {
                Folder = folder,
                Output = output.Number,
                Error = errors.Number,
                Extra = status.Number,
            }
        );

        var progress = new GrowingText(status);
        ExitStatus? exit;
        while ((exit = child.Wait(Tick)) is null)
        {
            progress.ReadLines(line => Report(line));
            if (output.Status().Size + errors.Status().Size + status.Status().Size > LargestOutput)
            {
                child.Terminate(Grace);
                string evidence = $"{program} {Verb(arguments)} printed more than {LargestOutput >> 20} MB and was ended";
                throw new AptException(new AptFailure(AptFailureKind.Other, null, evidence));
            }

            if (cancellation.IsCancellationRequested)
            {
                exit = child.Terminate(Grace);
                break;
            }
        }

        progress.ReadLines(line => Report(line));
        return (exit.Value, output.ReadEnd(LargestOutput), errors.ReadEnd(LargestTail));
    }

    private static string Verb(string[] arguments) =>
        Array.Find(arguments, argument => char.IsAsciiLetterLower(argument[0])) ?? arguments[0];
}
