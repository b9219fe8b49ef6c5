using System.Runtime.InteropServices;
using AptHandler.Native;
using AptHandler.Processes;

namespace AptHandler.CommandLine.Images;

/// <summary>Passes signals that ask this program to end on to a child in its own session. The child knows what can be cancelled.</summary>
internal sealed class PassedSignals : IDisposable
{
    private const int Hangup = 1;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    // The child waits for dpkg, which may take as long as a package's script. A user who asks again after this time wants to wait no
    // longer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly PosixSignalRegistration[] _signals;
    private volatile int _wanted;

    public PassedSignals() =>
        _signals = [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Keep(context, Libc.SIGINT)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Keep(context, Libc.SIGTERM)),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Keep(context, Hangup)),
        ];

    /// <summary>Waits for the child to end, and passes signals on to it. A child that ignores them is killed at a later signal.</summary>
    /// <param name="child">The child.</param>
    /// <param name="meanwhile">Is called twenty times a second while waiting, and once more at the end.</param>
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

    /// <summary>Stops listening for the signals.</summary>
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
