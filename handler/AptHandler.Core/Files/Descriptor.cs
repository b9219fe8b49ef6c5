using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using AptHandler.Native;

namespace AptHandler.Files;

/// <summary>
/// An open file of the kernel, closed at the end of its scope. It is always close-on-exec: a child gets only the files that it is given.
/// </summary>
internal readonly unsafe struct Descriptor(int number) : IDisposable
{
    /// <summary>The file descriptor.</summary>
    public int Number { get; } = number;

    /// <summary>Opens a path.</summary>
    /// <exception cref="IOException">The file cannot be opened; the message says why.</exception>
    public static Descriptor Open(string path, int flags, uint mode = 0)
    {
        // For the C library, the path would end there. It would open another file.
        if (path.Contains('\0', StringComparison.Ordinal))
            throw new IOException("cannot open a path that holds a NUL character");
        int descriptor = Libc.Open(path, flags | Libc.O_CLOEXEC, mode);
        return descriptor >= 0 ? Above(descriptor) : throw FileFailure.Of("open", path);
    }

    /// <summary>A nameless file in memory, for output. Nobody can block or replace it, and it does not fill a disk.</summary>
    public static Descriptor InMemory(string name)
    {
        const uint CloseOnExec = 1;
        int descriptor = Libc.MemoryFile(name, CloseOnExec);
        return descriptor >= 0 ? Above(descriptor) : throw FileFailure.Of("make a file in memory for", name);
    }

    /// <summary>A pipe.</summary>
    public static (Descriptor ReadEnd, Descriptor WriteEnd) Pipe()
    {
        int* ends = stackalloc int[2];
        return Libc.Pipe(ends, Libc.O_CLOEXEC) == 0 ? (Above(ends[0]), Above(ends[1])) : throw FileFailure.Of("make", "a pipe");
    }

    /// <summary>A pipe with as much room as the kernel allows. Writing never waits: see <see cref="WriteSome"/>.</summary>
    public static (Descriptor ReadEnd, Descriptor WriteEnd) NonBlockingPipe()
    {
        const int SetStatusFlags = 4,
            SetPipeSize = 1031,
            LargestForAll = 1 << 20;
        (Descriptor readEnd, Descriptor writeEnd) = Pipe();
        _ = Libc.Control(writeEnd.Number, SetPipeSize, LargestForAll);
        _ = Libc.Control(writeEnd.Number, SetStatusFlags, Libc.O_NONBLOCK);
        return (readEnd, writeEnd);
    }

    /// <summary>
    /// Hides all open files of this process from its children, except the three standard files. A foreign parent may have left files open.
    /// They must not reach maintainer scripts, nor the daemons that these start.
    /// </summary>
    public static void KeepFromChildren()
    {
        const int SetFlags = 2;
        const int CloseOnExec = 1;
        foreach (string path in Directory.GetFileSystemEntries("/proc/self/fd"))
        {
            if (
                int.TryParse(Path.GetFileName(path.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                && number > 2
            )
                _ = Libc.Control(number, SetFlags, CloseOnExec);
        }
    }

    /// <summary>The file system that a folder lies on, or null where there is no such folder.</summary>
    public static (uint Major, uint Minor)? DeviceOf(string path)
    {
        Libc.FileStatus status = default;
        return Libc.Status(Libc.AT_FDCWD, path, 0, Libc.STATX_BASIC_STATS, &status) == 0 ? (status.DeviceMajor, status.DeviceMinor) : null;
    }

    /// <summary>The attributes of a path. For a symbolic link, those of the link itself.</summary>
    /// <param name="path">The path.</param>
    /// <param name="followLinks">Whether to follow a link, and return the attributes of its target.</param>
    /// <returns>The attributes, or null where there is nothing.</returns>
    /// <exception cref="IOException">A folder on the way may not be entered.</exception>
    public static Libc.FileStatus? StatusOf(string path, bool followLinks = false)
    {
        Libc.FileStatus status = default;
        if (Libc.Status(Libc.AT_FDCWD, path, followLinks ? 0 : Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_BASIC_STATS, &status) == 0)
            return status;
        return Marshal.GetLastPInvokeError() is Libc.ENOENT or Libc.ENOTDIR ? null : throw FileFailure.Of("read the attributes of", path);
    }

    /// <summary>The attributes of the open file, so of exactly the file that will be read.</summary>
    public Libc.FileStatus Status()
    {
        Libc.FileStatus status = default;
        return Libc.Status(Number, "", Libc.AT_EMPTY_PATH, Libc.STATX_BASIC_STATS, &status) == 0
            ? status
            : throw FileFailure.Of("read the attributes of", $"file descriptor {Number}");
    }

    /// <summary>Reads at an offset of the file, without moving its position.</summary>
    /// <returns>How many bytes were read; 0 at the end.</returns>
    public int ReadAt(Span<byte> buffer, long offset)
    {
        while (true)
        {
            nint count;
            fixed (byte* start = buffer)
                count = Libc.ReadAt(Number, start, (nuint)buffer.Length, offset);
            if (count >= 0)
                return (int)count;
            if (Marshal.GetLastPInvokeError() != Libc.EINTR)
                throw FileFailure.Of("read", $"file descriptor {Number}");
        }
    }

    /// <summary>
    /// The last bytes of the file as text, at most <paramref name="most"/>. Bytes that are not UTF-8 are shown as U+FFFD.
    /// </summary>
    public string ReadEnd(int most)
    {
        long size = (long)Status().Size;
        var bytes = new byte[(int)Math.Min(size, most)];
        int length = 0;
        for (int count; length < bytes.Length && (count = ReadAt(bytes.AsSpan(length), size - bytes.Length + length)) > 0; )
            length += count;
        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    /// <summary>Writes everything.</summary>
    /// <exception cref="IOException">Not everything could be written: for example, the disk is full, or the reader is gone.</exception>
    public void Write(ReadOnlySpan<byte> bytes, string what)
    {
        while (!bytes.IsEmpty)
        {
            nint count;
            fixed (byte* start = bytes)
                count = Libc.Write(Number, start, (nuint)bytes.Length);
            if (count >= 0)
                bytes = bytes[(int)count..];
            else if (Marshal.GetLastPInvokeError() != Libc.EINTR)
                throw FileFailure.Of("write", what);
        }
    }

    /// <summary>Writes as much as is possible without waiting.</summary>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="IOException">The reader is gone.</exception>
    public int WriteSome(ReadOnlySpan<byte> bytes, string what)
    {
        int written = 0;
        while (written < bytes.Length)
        {
            nint count;
            fixed (byte* start = bytes[written..])
                count = Libc.Write(Number, start, (nuint)(bytes.Length - written));
            if (count >= 0)
                written += (int)count;
            else if (Marshal.GetLastPInvokeError() == Libc.EAGAIN)
                break;
            else if (Marshal.GetLastPInvokeError() != Libc.EINTR)
                throw FileFailure.Of("write", what);
        }

        return written;
    }

    /// <summary>Writes a few bytes at an offset of the file, without moving its position.</summary>
    public void WriteAt(ReadOnlySpan<byte> bytes, long offset, string what)
    {
        fixed (byte* start = bytes)
        {
            if (Libc.WriteAt(Number, start, (nuint)bytes.Length, offset) != bytes.Length)
                throw FileFailure.Of("write", what);
        }
    }

    /// <summary>Sets the length of the file. A shorter file is filled up with zeros.</summary>
    public void Truncate(long length, string what)
    {
        if (Libc.Truncate(Number, length) != 0)
            throw FileFailure.Of("cut off", what);
    }

    /// <summary>Frees the disk space of a part of the file. That part reads as zeros from then on. The size stays.</summary>
    /// <returns>Whether the file system can do that; if not, nothing has happened.</returns>
    public bool MakeHole(long offset, long length)
    {
        const int KeepSize = 1,
            PunchHole = 2;
        return Libc.Allocate(Number, KeepSize | PunchHole, offset, length) == 0;
    }

    /// <summary>
    /// The process that holds a lock of fcntl(2) on the file, as apt and dpkg take them, or null. The lock is only queried, never taken.
    /// Releasing a trial lock would release all locks that this process has on the file.
    /// </summary>
    public int? LockHolder()
    {
        const int GetLock = 5;
        const short WriteLock = 1;
        const short Unlocked = 2;
        var wanted = new Libc.RecordLock { Type = WriteLock };
        return Libc.Control(Number, GetLock, &wanted) == 0 && wanted.Type != Unlocked ? wanted.ProcessId : null;
    }

    /// <summary>
    /// Takes a lock of fcntl(2) on the whole file, for this process, if nobody has it. The lock lasts until this process closes the file.
    /// </summary>
    /// <returns>Whether the lock was taken.</returns>
    public bool TryLock()
    {
        const int SetLock = 6;
        const short WriteLock = 1;
        var wanted = new Libc.RecordLock { Type = WriteLock };
        return Libc.Control(Number, SetLock, &wanted) == 0;
    }

    /// <summary>Writes everything to the disk that the file system of this file has in memory.</summary>
    public void SyncFileSystem(string what)
    {
        if (Libc.FileSystemSync(Number) != 0)
            throw FileFailure.Of("sync the file system of", what);
    }

    /// <summary>Writes everything to the disk that is in memory of this file.</summary>
    public void Sync(string what)
    {
        if (Libc.FileSync(Number) != 0)
            throw FileFailure.Of("sync", what);
    }

    /// <summary>Changes the owner and the group of the file.</summary>
    public void SetOwner(uint user, uint group, string what)
    {
        if (Libc.ChangeOwner(Number, user, group) != 0)
            throw FileFailure.Of("set the owner of", what);
    }

    /// <summary>Sets the permission bits. Call it after <see cref="SetOwner"/>, which clears some of them.</summary>
    public void SetMode(uint mode, string what)
    {
        if (Libc.ChangeMode(Number, mode & Libc.PermissionBits) != 0)
            throw FileFailure.Of("set the mode of", what);
    }

    // The numbers 0 to 2 are the standard files of children. They can be free where a parent has started us without standard files.
    private static Descriptor Above(int descriptor)
    {
        const int DuplicateCloseOnExec = 1030;
        if (descriptor > 2)
            return new Descriptor(descriptor);
        int above = Libc.Control(descriptor, DuplicateCloseOnExec, 3);
        _ = Libc.Close(descriptor);
        return above > 2 ? new Descriptor(above) : throw FileFailure.Of("duplicate", $"file descriptor {descriptor}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Number > 2)
            _ = Libc.Close(Number);
    }
}
