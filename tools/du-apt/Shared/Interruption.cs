using System.Runtime.InteropServices;

namespace AptHandler.CommandLine.Shared;

/// <summary>Listens for Ctrl-C or a similar signal, for work that has to end its children before it ends itself.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _signals;

    public Interruption() =>
        _signals = [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, Cancel),
        ];

    /// <summary>Cancelled when the work has to end.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Stops listening for the signals.</summary>
    public void Dispose()
    {
        foreach (PosixSignalRegistration signal in _signals)
            signal.Dispose();
        _source.Dispose();
    }

    private void Cancel(PosixSignalContext context)
    {
        context.Cancel = true;
        _source.Cancel();
    }
}
