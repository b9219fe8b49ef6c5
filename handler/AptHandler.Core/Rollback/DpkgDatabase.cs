using System.Diagnostics;
using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Rollback;

/// <summary>dpkg's database, for changes to its records without dpkg.</summary>
internal static class DpkgDatabase
{
    private const uint ReadableByGroup = 0x1A0; // 0640

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Changes records of packages, and writes the status file if a record has changed. Use it while holding the frontend lock.
    /// </summary>
    /// <param name="system">The machine. dpkg has left no journal on it.</param>
    /// <param name="change">Changes the records.</param>
    /// <exception cref="IOException">The database is locked, or cannot be written.</exception>
    public static void Change(AptSystem system, Action<StatusStanzas> change)
    {
        using Descriptor held = TakeLock(system);
        using var stanzas = StatusStanzas.Read(system.StatusFile, system.NativeArchitecture);
        change(stanzas);
        stanzas.Save();
    }

    /// <summary>Deletes the folder in which dpkg keeps the scripts of a package that it is about to unpack.</summary>
    /// <exception cref="IOException">The folder cannot be deleted.</exception>
    public static void RemoveControlFolder(AptSystem system)
    {
        string control = Path.Combine(system.AdminFolder, "tmp.ci");
        if (Directory.Exists(control))
            Directory.Delete(control, recursive: true);
    }

    // Programs that read or write the database without the frontend's lock take this one.
    private static Descriptor TakeLock(AptSystem system)
    {
        string path = Path.Combine(system.AdminFolder, "lock");
        var file = Descriptor.Open(path, Libc.O_RDWR | Libc.O_CREAT | Libc.O_NOFOLLOW, ReadableByGroup);
        for (long began = Stopwatch.GetTimestamp(); !file.TryLock(); Thread.Sleep(Tick))
        {
            if (Stopwatch.GetElapsedTime(began) < Patience)
                continue;
            file.Dispose();
            throw new IOException($"cannot change dpkg's database: {path} is held by another process");
        }

        return file;
    }
}
