using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Apt;

/// <summary>
/// The lock <c>lock-frontend</c>, held while dpkg is run several times in a row, so that no other program of the kind comes between. The
/// kernel gives it back however this process ends. dpkg must be told by DPKG_FRONTEND_LOCKED that its caller has it.
/// </summary>
internal sealed class FrontendLock : IDisposable
{
    private const uint ReadableByGroup = 0x1A0; // 0640

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    private readonly Descriptor _file;

    private FrontendLock(Descriptor file) => _file = file;

    /// <summary>
    /// Waits for the lock, and for the end of a dpkg that has outlived its apt-get, and of its scripts. What belongs to this very update is
    /// waited for as long as its scripts may take; the patience is for others.
    /// </summary>
    /// <exception cref="AptException">Somebody else holds a lock for too long.</exception>
    public static FrontendLock Take(AptSystem system, MaintainerScripts scripts, LockWait patience, CancellationToken cancellation)
    {
        string frontend = Path.Combine(system.AdminFolder, "lock-frontend");
        var file = Descriptor.Open(frontend, Libc.O_RDWR | Libc.O_CREAT | Libc.O_NOFOLLOW, ReadableByGroup);
        try
        {
            while (!file.TryLock())
                Wait(file, frontend);
            using (
                var dpkg = Descriptor.Open(
                    Path.Combine(system.AdminFolder, "lock"),
                    Libc.O_RDWR | Libc.O_CREAT | Libc.O_NOFOLLOW,
                    ReadableByGroup
                )
            )
            {
                while (dpkg.LockHolder() is not null)
                    Wait(dpkg, Path.Combine(system.AdminFolder, "lock"));
            }

            // One that was started just before its worker was killed has no lock yet. It gets none now, and ends.
            scripts.WaitForPrograms(cancellation);
            scripts.WaitForOrphans(cancellation);
            return new FrontendLock(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        void Wait(Descriptor held, string path)
        {
            int? holder = held.LockHolder();
            if (holder is { } process && !scripts.IsOurs(process))
                patience.Wait(
                    new AptException(new AptFailure(AptFailureKind.Locked, path, $"{path} is held by process {process}")),
                    cancellation
                );
            else if (!cancellation.WaitHandle.WaitOne(Tick))
                scripts.EndHanging();
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Gives the lock back.</summary>
    public void Dispose() => _file.Dispose();
}
