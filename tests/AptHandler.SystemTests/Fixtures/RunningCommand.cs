using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace AptHandler.SystemTests.Fixtures;

/// <summary>A program on its way, for tests that talk to it, kill it, or do something else meanwhile.</summary>
public sealed class RunningCommand : IDisposable
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;

    private readonly Process _process = new();
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly Task _readers;
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    public RunningCommand(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>(StringComparer.Ordinal))
            start.Environment[name] = value;
        _process.StartInfo = start;
        _process.Start();
        _readers = Task.WhenAll(Collect(_process.StandardOutput, _output), Collect(_process.StandardError, _errors));
    }

    public int ProcessId => _process.Id;

    public bool HasEnded => _process.HasExited;

    public string OutputSoFar => Read(_output);

    public string ErrorsSoFar => Read(_errors);

    public void Write(string text)
    {
        try
        {
            _process.StandardInput.Write(text);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // A program may end without reading its input.
        }
    }

    public void CloseInput()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // As above: what was not written yet has no reader.
        }
    }

    /// <summary>Sends a signal to the program alone, as kill(1) does.</summary>
    public void Signal(int signal) => _ = NativeKill(ProcessId, signal);

    /// <summary>Kills the program and all that it has started.</summary>
    public void KillTree()
    {
        if (!HasEnded)
            _process.Kill(entireProcessTree: true);
    }

    /// <summary>Waits until the text was printed, on either stream.</summary>
    public void WaitForText(string text, TimeSpan? timeout = null)
    {
        var patience = Stopwatch.StartNew();
        while (!(OutputSoFar + ErrorsSoFar).Contains(text, StringComparison.Ordinal))
        {
            if (patience.Elapsed > (timeout ?? Command.UsualTimeout) || (HasEnded && _readers.IsCompleted))
                throw new TimeoutException($"{this} did not say '{text}' but:\n{OutputSoFar}{ErrorsSoFar}");
            Thread.Sleep(2);
        }
    }

    /// <summary>Waits for the end of the program.</summary>
    /// <exception cref="TimeoutException">It was killed, with all its children; the message holds what it had said.</exception>
    public Outcome Wait(TimeSpan? timeout = null)
    {
        if (!_process.WaitForExit(timeout ?? Command.UsualTimeout))
        {
            _process.Kill(entireProcessTree: true);
            throw new TimeoutException(
                $"{this} did not end within {timeout ?? Command.UsualTimeout}, and had said:\n{OutputSoFar}{ErrorsSoFar}"
            );
        }

        var took = _watch.Elapsed;
        // Not for ever: a daemon that the program started may keep the pipe open.
        _readers.Wait(TimeSpan.FromSeconds(2));
        return new Outcome(_process.ExitCode, OutputSoFar, ErrorsSoFar, took);
    }

    public override string ToString() => $"{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)}";

    public void Dispose()
    {
        KillTree();
        _process.Dispose();
    }

    private static async Task Collect(StreamReader reader, StringBuilder into)
    {
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer) is > 0 and var count)
        {
            lock (into)
                into.Append(buffer, 0, count);
        }
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int NativeKill(int process, int signal);
}
