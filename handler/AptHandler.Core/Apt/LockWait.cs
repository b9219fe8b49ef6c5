using System.Diagnostics;

namespace AptHandler.Apt;

/// <summary>Waits for locks that others hold. The pauses get longer, their total is limited, and a cancellation ends them.</summary>
public sealed class LockWait(TimeSpan timeout, Action<AptProgress>? onProgress)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private readonly long _began = Stopwatch.GetTimestamp();
    private TimeSpan _pause = Shortest;

    /// <summary>Pauses after a failure.</summary>
    /// <param name="failed">The failure. It is thrown if it is not about a lock, or if the time is over.</param>
    /// <param name="cancellation">Ends the pause.</param>
    public void Wait(AptException failed, CancellationToken cancellation)
    {
        TimeSpan waited = Stopwatch.GetElapsedTime(_began);
        if (failed.Failure.Kind != AptFailureKind.Locked || waited >= timeout)
            throw failed;
        onProgress?.Invoke(new AptProgress(AptPhase.Wait, Math.Min(100, 100 * waited / timeout), null, failed.Failure.Evidence));
        TimeSpan left = timeout - waited;
        cancellation.WaitHandle.WaitOne(_pause < left ? _pause : left);
        cancellation.ThrowIfCancellationRequested();
        _pause = _pause * 2 < Longest ? _pause * 2 : Longest;
    }
}
