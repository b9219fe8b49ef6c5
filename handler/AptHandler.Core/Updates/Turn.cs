using AptHandler.Apt;
using AptHandler.Records;
using AptHandler.Requests;
using AptHandler.Results;

namespace AptHandler.Updates;

/// <summary>
/// The turn of one step to change the device. No other worker changes the device meanwhile. An earlier update that is half-done is finished
/// or undone first.
/// </summary>
internal sealed class Turn : IDisposable
{
    private readonly WorkerLock _lock;

    private Turn(WorkerLock held, bool hasWaited) => (_lock, HasWaited) = (held, hasWaited);

    /// <summary>Whether this turn had to wait for another worker.</summary>
    public bool HasWaited { get; }

    /// <summary>The update that was half-done, as it is now; null when none was.</summary>
    public UpdateRecord? Recovered { get; private set; }

    /// <summary>Waits for the turn.</summary>
    /// <exception cref="UpdateException">
    /// Another update takes too long, or an update that is half-done can be neither finished nor undone.
    /// </exception>
    /// <exception cref="AptException">Another program holds a lock of dpkg for too long.</exception>
    /// <exception cref="IOException">The state of the handler cannot be used.</exception>
    /// <exception cref="OperationCanceledException">
    /// The wait was cancelled; an update that is half-done is left to the next step.
    /// </exception>
    public static Turn Take(StepContext context, UpdateRequest request, Action<string> onWait, CancellationToken cancellation)
    {
        OwnFolders.Make(context.Configuration);
        OwnFolders.Check(context.Configuration);
        bool hasWaited = false;
        var held = WorkerLock.Take(
            context.Configuration.RunDir,
            holder =>
            {
                hasWaited = true;
                onWait($"another update is running (process {holder})");

                // If the other worker does the same update, the wait may be long: it is the same work.
                return context.Records.Current() is { } current && IsSame(current, request)
                    ? TimeSpan.FromDays(1)
                    : TimeSpan.FromSeconds(context.Configuration.LockTimeoutSeconds);
            },
            cancellation
        );
        var turn = new Turn(held, hasWaited);
        try
        {
            turn.Recover(context, request, cancellation);
            return turn;
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    /// <summary>Whether a record belongs to the requested update.</summary>
    public static bool IsSame(UpdateRecord record, UpdateRequest request) =>
        record.InstalledCriteria == request.InstalledCriteria && record.WorkflowId == request.WorkflowId;

    /// <summary>Gives the turn to the next worker.</summary>
    public void Dispose() => _lock.Dispose();

    private void Recover(StepContext context, UpdateRequest request, CancellationToken cancellation)
    {
        while (context.Records.HalfDone() is { } record)
        {
            cancellation.ThrowIfCancellationRequested();
            Recovered = new RecoverStep(context, context.JournalOf(record), request.Step).Run(cancellation);
            if (Recovered.IsAtRest)
                continue;
            if (request.Step != UpdateStep.Recover)
                throw new UpdateException(ExtendedResult.RollbackFailed, $"an earlier update is half-done: {Recovered.Result?.Details}");
            return;
        }
    }
}
