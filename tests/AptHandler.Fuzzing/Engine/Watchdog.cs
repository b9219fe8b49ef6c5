using System.Diagnostics;

namespace AptHandler.Fuzzing.Engine;

/// <summary>Notices an input that a parser does not come back from.</summary>
internal sealed class Watchdog : IDisposable
{
    private readonly TimeSpan _patience;
    private readonly Action<string, byte[]> _onHang;
    private readonly ManualResetEventSlim _isOver = new();
    private readonly Thread _thread;
    private Watched? _watched;

    /// <summary>Begins to watch.</summary>
    /// <param name="patience">How long an input may take.</param>
    /// <param name="onHang">Gets the target and the input, once for each.</param>
    public Watchdog(TimeSpan patience, Action<string, byte[]> onHang)
    {
        (_patience, _onHang) = (patience, onHang);
        _thread = new Thread(Watch) { IsBackground = true, Name = "watchdog" };
        _thread.Start();
    }

    /// <summary>Tells what is being tried now; null where nothing is.</summary>
    public void Begin(string target, byte[] input) => Volatile.Write(ref _watched, new Watched(target, input, Stopwatch.GetTimestamp()));

    /// <summary>Tells that it came back.</summary>
    public void End() => Volatile.Write(ref _watched, null);

    /// <inheritdoc/>
    public void Dispose()
    {
        _isOver.Set();
        _thread.Join();
        _isOver.Dispose();
    }

    private void Watch()
    {
        Watched? told = null;
        while (!_isOver.Wait(_patience / 10))
        {
            if (Volatile.Read(ref _watched) is { } now && now != told && Stopwatch.GetElapsedTime(now.Began) > _patience)
            {
                told = now;
                _onHang(now.Target, now.Input);
            }
        }
    }

    private sealed record Watched(string Target, byte[] Input, long Began);
}
