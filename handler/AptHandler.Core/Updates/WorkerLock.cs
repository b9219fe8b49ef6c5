using System.Globalization;
using System.Text;
using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Results;

namespace AptHandler.Updates;

/// <summary>The lock that lets one worker at a time change the machine. The kernel releases it, however the worker ends.</summary>
public sealed class WorkerLock : IDisposable
{
    private const string FileName = "worker.lock";

    // For the owner only: a user who can open the file, even only for reading, can lock it and so block every update.
    private const uint ForOwner = 0x180; // 0600

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly Descriptor _file;

    private WorkerLock(Descriptor file) => _file = file;

    /// <summary>Takes the lock, waiting for its turn.</summary>
    /// <param name="runFolder">The folder of the lock file; it must exist.</param>
    /// <param name="onWait">
    /// Called once if another worker holds the lock, with the process id of the holder, or null. It returns how long to wait.
    /// </param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="UpdateException">Another worker holds the lock for longer.</exception>
    public static WorkerLock Take(string runFolder, Func<int?, TimeSpan> onWait, CancellationToken cancellation)
    {
        Descriptor file = Descriptor.Open(PathIn(runFolder), Libc.O_RDWR | Libc.O_CREAT | Libc.O_NOFOLLOW, ForOwner);
        try
        {
            for (long? deadline = null; Libc.FileLock(file.Number, Libc.LOCK_EX | Libc.LOCK_NB) != 0; )
            {
                deadline ??= Environment.TickCount64 + (long)onWait(Holder(file)).TotalMilliseconds;
                if (Environment.TickCount64 >= deadline)
                {
                    throw new UpdateException(
                        ExtendedResult.Busy,
                        $"another update is running (process {Holder(file)?.ToString(CultureInfo.InvariantCulture) ?? "unknown"}); "
                            + "try again when it has ended, see du-apt status"
                    );
                }

                cancellation.WaitHandle.WaitOne(Tick);
                cancellation.ThrowIfCancellationRequested();
            }

            byte[] id = Encoding.ASCII.GetBytes($"{Environment.ProcessId, -10}\n");
            file.WriteAt(id, 0, PathIn(runFolder));
            return new WorkerLock(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The process that holds the lock, or null when nobody does.</summary>
    /// <exception cref="IOException">The lock file may not be read by this user.</exception>
    public static int? Holder(string runFolder)
    {
        try
        {
            using var file = Descriptor.Open(PathIn(runFolder), Libc.O_RDONLY | Libc.O_NOFOLLOW);
            // The lock is taken for a moment. If that works, nobody else holds it. Closing the file releases it.
            return Libc.FileLock(file.Number, Libc.LOCK_SH | Libc.LOCK_NB) == 0 ? null : Holder(file);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Releases the lock.</summary>
    public void Dispose() => _file.Dispose();

    private static string PathIn(string runFolder) => Path.Combine(runFolder, FileName);

    private static int? Holder(Descriptor file)
    {
        Span<byte> text = stackalloc byte[16];
        Span<byte> read = text[..file.ReadAt(text, 0)];
        int end = read.IndexOf((byte)'\n');
        return
            int.TryParse((end < 0 ? read : read[..end]).TrimEnd((byte)' '), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            && id > 1
            ? id
            : null;
    }
}
