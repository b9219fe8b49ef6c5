using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Results;

namespace AptHandler.Authoring.Repositories;

/// <summary>The lock of a store, by flock(2): several may read the store, or one may change it.</summary>
internal static class StoreLock
{
    /// <summary>The name of its file.</summary>
    public const string Name = "du-apt.lock";

    private const int ReadableByGroup = 0x1A0; // 0640

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    /// <summary>Takes the lock.</summary>
    /// <param name="location">Where the store lies.</param>
    /// <param name="isToBeChanged">Whether the store is to be changed; else others may read it at the same time.</param>
    /// <param name="patience">How long to wait for others.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>The lock, which lasts as long as this is open.</returns>
    /// <exception cref="UpdateException">Others are using the store for longer.</exception>
    public static Descriptor Take(string location, bool isToBeChanged, TimeSpan patience, CancellationToken cancellation)
    {
        // A user who only reads needs no right to write.
        string path = Path.Combine(location, Name);
        Descriptor file = Descriptor.Open(path, Libc.O_RDONLY | Libc.O_NOFOLLOW | (File.Exists(path) ? 0 : Libc.O_CREAT), ReadableByGroup);
        try
        {
            long end = Environment.TickCount64 + (long)patience.TotalMilliseconds;
            while (Libc.FileLock(file.Number, (isToBeChanged ? Libc.LOCK_EX : Libc.LOCK_SH) | Libc.LOCK_NB) != 0)
            {
                if (Environment.TickCount64 >= end)
                    throw new UpdateException(
                        ExtendedResult.Busy,
                        $"cannot use {location}: another du-apt is using it; try again when it has ended"
                    );
                cancellation.WaitHandle.WaitOne(Tick);
                cancellation.ThrowIfCancellationRequested();
            }

            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
