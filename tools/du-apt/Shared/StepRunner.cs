using System.Runtime.InteropServices;
using AptHandler.CommandLine.Output;
using AptHandler.Files;
using AptHandler.Logging;
using AptHandler.Native;
using AptHandler.Requests;
using AptHandler.Results;
using AptHandler.Settings;
using AptHandler.Updates;
using Microsoft.Extensions.Logging;

namespace AptHandler.CommandLine.Shared;

/// <summary>Runs steps for a person or the plugin, with a log and with progress. SIGINT or SIGTERM cancels them.</summary>
internal sealed class StepRunner : IDisposable
{
    /// <summary>The signal of <c>du-apt cancel</c>. Not SIGINT: processes that a script starts in the background ignore that one.</summary>
    public const int CancelSignal = Libc.SIGUSR1;

    private readonly Configuration _configuration;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _cancellation = new();
    private readonly PosixSignalRegistration[] _signals;
    private volatile bool _isCancelWanted;

    /// <param name="configuration">The configuration of the device.</param>
    /// <param name="workflow">The agent's id of the workflow, which goes into each line of the log; empty for a step by hand.</param>
    public StepRunner(Configuration configuration, string workflow = "")
    {
        Descriptor.KeepFromChildren();

        _configuration = configuration;
        _log = new AgentLog(configuration.LogDir, "du-apt", LogLevel.Information, TimeProvider.System, workflow);
        _signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel),
            PosixSignalRegistration.Create((PosixSignal)CancelSignal, Cancel),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop),
        ];
    }

    /// <summary>Where the steps log.</summary>
    public ILogger Log => _log;

    /// <summary>Asks for the update to be cancelled: the running step stops at its next safe point.</summary>
    public void Cancel()
    {
        _isCancelWanted = true;
        _cancellation.Cancel();
    }

    /// <summary>Does one step.</summary>
    public UpdateResult Run(UpdateSteps steps, UpdateRequest request) => steps.Run(request, () => _isCancelWanted, _cancellation.Token);

    /// <summary>The steps, without progress for a person.</summary>
    public UpdateSteps Quietly() => new(_configuration, _log, TimeProvider.System);

    /// <summary>Runs work on the steps, and shows its progress.</summary>
    public T Shown<T>(bool isQuiet, Func<UpdateSteps, T> work) =>
        isQuiet ? work(Quietly()) : Terminal.WithProgress(show => work(new UpdateSteps(_configuration, _log, TimeProvider.System, show)));

    /// <summary>Stops listening for the signals.</summary>
    public void Dispose()
    {
        foreach (PosixSignalRegistration signal in _signals)
            signal.Dispose();
        _cancellation.Dispose();
    }

    private void Cancel(PosixSignalContext context)
    {
        context.Cancel = true;
        Cancel();
    }

    // For a shutdown, or a terminal that is gone. Cancels what can be cancelled; what dpkg has done by then stays.
    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        _cancellation.Cancel();
    }
}
