using System.Runtime.InteropServices;
using AptHandler.Native;
using AptHandler.Processes;

namespace AptHandler.CommandLine.Images;

/// <summary>Signals that ask this program to end, for a child that has a session of its own: it knows what can be given up.</summary>
internal sealed class PassedSignals : IDisposable
{
    private const int Hangup = 1;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    // dpkg is waited for, which may take as long as a script. Who asks once more after this time does not want to wait any longer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly PosixSignalRegistration[] _signals;
    private volatile int _wanted;

    public PassedSignals() =>
        _signals = [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Keep(context, Libc.SIGINT)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Keep(context, Libc.SIGTERM)),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Keep(context, Hangup)),
        ];

    /// <summary>Waits for the end of the child, and passes signals on to it. A child that heeds none is killed at a later signal.</summary>
    /// <param name="child">The child.</param>
    /// <param name="meanwhile">What is done besides, twenty times a second and once more at the end.</param>
    public ExitStatus WaitFor(ChildProcess child, Action meanwhile)
    {
        long? first = null;
        while (true)
        {
            ExitStatus? exit = child.Wait(Tick);
            meanwhile();
            if (exit is not null)
                return exit.Value;
            if (_wanted != 0)
            {
                first ??= Environment.TickCount64;
                child.Signal(Environment.TickCount64 - first > Patience.TotalMilliseconds ? Libc.SIGKILL : _wanted);
            }

            _wanted = 0;
        }
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
