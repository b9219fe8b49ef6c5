namespace AptHandler.SystemTests.Fixtures;

/// <summary>The four locks of apt and dpkg, in the order in which they are taken.</summary>
public enum AptLock
{
    DpkgFrontend,
    Dpkg,
    Lists,
    Archives,
}

/// <summary>A lock in the hands of another process, until disposed or for a given time.</summary>
public sealed class HeldLock : IDisposable
{
    private readonly RunningCommand _holder;

    /// <param name="time">Null: until disposed.</param>
    internal HeldLock(string file, TimeSpan? time)
    {
        Path = file;
        string[] arguments = time is { } limit ? [file, $"{(int)limit.TotalMilliseconds}"] : [file];
        _holder = new RunningCommand(NativePrograms.LockHolder, arguments);
        _holder.WaitForText("held");
    }

    public string Path { get; }

    /// <summary>apt names it when it says who holds the lock, as "hold-lock".</summary>
    public int ProcessId => _holder.ProcessId;

    public void Dispose()
    {
        _holder.CloseInput();
        _holder.Wait();
        _holder.Dispose();
    }
}
