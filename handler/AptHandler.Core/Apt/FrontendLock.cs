using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Apt;

/// <summary>
/// The lock <c>lock-frontend</c>. It is held while dpkg runs several times in a row, so that no other package manager runs in between. The
/// kernel releases it, however this process ends. DPKG_FRONTEND_LOCKED must tell dpkg that its caller has the lock.
/// </summary>
internal sealed class FrontendLock : IDisposable
{
    private const uint ReadableByGroup = 0x1A0; // 0640

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    private readonly Descriptor _file;

    private FrontendLock(Descriptor file) => _file = file;

    /// <summary>
    /// Waits for the lock. Also waits for a dpkg that still runs after its apt-get died, and for its scripts. Programs of this update may
    /// take as long as their scripts may take. The given patience applies only to other programs.
    /// </summary>
    /// <exception cref="AptException">Another program holds a lock for too long.</exception>
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

            // A program that started just before its worker was killed has no lock yet. It cannot get the lock now, and ends.
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

    /// <summary>Releases the lock.</summary>
    public void Dispose() => _file.Dispose();
}
