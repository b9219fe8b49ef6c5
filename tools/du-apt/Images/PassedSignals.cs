using System.Runtime.InteropServices;
using AptHandler.Native;
using AptHandler.Processes;

namespace AptHandler.CommandLine.Images;

/// <summary>Signals that ask this program to end, for a child that has a session of its own: it knows what can be given up.</summary>
internal sealed class PassedSignals : IDisposable
{
    private const int Hangup = 1;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    private readonly PosixSignalRegistration[] _signals;
    private volatile int _wanted;

    public PassedSignals() => _signals =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Keep(context, Libc.SIGINT)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Keep(context, Libc.SIGTERM)),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Keep(context, Hangup)),
    ];

    /// <summary>Waits for the end of the child, and passes signals on to it meanwhile.</summary>
    public ExitStatus WaitFor(ChildProcess child)
    {
        ExitStatus? exit;
        while ((exit = child.Wait(Tick)) is null)
        {
            if (_wanted != 0)
                child.Signal(_wanted);
            _wanted = 0;
        }

        return exit.Value;
    }

    /// <summary>Lets go of the signals.</summary>
    public void Dispose()
    {
        foreach (PosixSignalRegistration signal in _signals)
            signal.Dispose();
    }

    private void Keep(PosixSignalContext context, int signal)
    {
        context.Cancel = true;
        _wanted = signal;
    }
}
