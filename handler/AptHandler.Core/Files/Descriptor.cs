using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using AptHandler.Native;

namespace AptHandler.Files;

/// <summary>
/// An open file of the kernel, closed at the end of its scope. Always close-on-exec: a child gets only what it is handed.
/// </summary>
internal readonly unsafe struct Descriptor(int number) : IDisposable
{
    /// <summary>The file descriptor.</summary>
    public int Number { get; } = number;

    /// <summary>Opens a path.</summary>
    /// <exception cref="IOException">The file cannot be opened; the message says why.</exception>
    public static Descriptor Open(string path, int flags, uint mode = 0)
    {
        // The C library would end the path there, and open another file.
        if (path.Contains('\0', StringComparison.Ordinal))
            throw new IOException("cannot open a path that holds a NUL character");
        int descriptor = Libc.Open(path, flags | Libc.O_CLOEXEC, mode);
        return descriptor >= 0 ? Above(descriptor) : throw FileFailure.Of("open", path);
    }

    /// <summary>A nameless file in memory: output that nobody can block, replace or fill a disk with.</summary>
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

    /// <summary>A pipe with room for as much as the kernel allows; writing never waits, see <see cref="WriteSome"/>.</summary>
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

    /// <summary>Keeps everything that this process has open, but for its three standard files, from its children: what a foreign parent
    /// has left open must not reach maintainer scripts, and the daemons that they start.</summary>
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

    /// <summary>What the kernel says of a path; of a symbolic link, not of what it leads to.</summary>
    /// <param name="path">The path.</param>
    /// <param name="followLinks">Of what a link leads to, after all.</param>
    /// <returns>The attributes, or null where there is nothing.</returns>
    /// <exception cref="IOException">A folder on the way may not be entered.</exception>
    public static Libc.FileStatus? StatusOf(string path, bool followLinks = false)
    {
        Libc.FileStatus status = default;
        if (Libc.Status(Libc.AT_FDCWD, path, followLinks ? 0 : Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_BASIC_STATS, &status) == 0)
            return status;
        return Marshal.GetLastPInvokeError() is Libc.ENOENT or Libc.ENOTDIR ? null : throw FileFailure.Of("read the attributes of", path);
    }

    /// <summary>What the kernel says of the open file, so of exactly the file that will be read.</summary>
    public Libc.FileStatus Status()
    {
        Libc.FileStatus status = default;
        return Libc.Status(Number, "", Libc.AT_EMPTY_PATH, Libc.STATX_BASIC_STATS, &status) == 0
            ? status
            : throw FileFailure.Of("read the attributes of", $"file descriptor {Number}");
    }

    /// <summary>Reads from a place of the file, without moving its position.</summary>
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

    /// <summary>The text at the end of the file, of at most so many bytes. What is not UTF-8 is shown as U+FFFD.</summary>
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
    /// <exception cref="IOException">Not everything could be written: a full disk, a reader that is gone.</exception>
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

    /// <summary>Writes as much as goes without waiting.</summary>
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

    /// <summary>Writes a few bytes at a place of the file, without moving its position.</summary>
    public void WriteAt(ReadOnlySpan<byte> bytes, long offset, string what)
    {
        fixed (byte* start = bytes)
        {
            if (Libc.WriteAt(Number, start, (nuint)bytes.Length, offset) != bytes.Length)
                throw FileFailure.Of("write", what);
        }
    }

    /// <summary>Cuts the file off at a length, or fills it up to that with zeros.</summary>
    public void Truncate(long length, string what)
    {
        if (Libc.Truncate(Number, length) != 0)
            throw FileFailure.Of("cut off", what);
    }

    /// <summary>Gives the disk a part of the file back, which reads as zeros from then on. The size stays.</summary>
    /// <returns>Whether the file system can do that; else nothing has happened.</returns>
    public bool MakeHole(long offset, long length)
    {
        const int KeepSize = 1,
            PunchHole = 2;
        return Libc.Allocate(Number, KeepSize | PunchHole, offset, length) == 0;
    }

    /// <summary>
    /// The process that holds a lock of fcntl(2) on the file, as apt and dpkg take them, or null. Only asked, never taken: giving a lock
    /// back that was taken to see whether it is free would give back all that this process has on the file.
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
    /// Takes a lock of fcntl(2) on the whole file, for this process, if nobody has it. It lasts until this process closes the file.
    /// </summary>
    /// <returns>Whether it could be had.</returns>
    public bool TryLock()
    {
        const int SetLock = 6;
        const short WriteLock = 1;
        var wanted = new Libc.RecordLock { Type = WriteLock };
        return Libc.Control(Number, SetLock, &wanted) == 0;
    }

    /// <summary>Writes to the disk all that its file system has in memory.</summary>
    public void SyncFileSystem(string what)
    {
        if (Libc.FileSystemSync(Number) != 0)
            throw FileFailure.Of("sync the file system of", what);
    }

    /// <summary>Writes to the disk what this file has in memory.</summary>
    public void Sync(string what)
    {
        if (Libc.FileSync(Number) != 0)
            throw FileFailure.Of("sync", what);
    }

    /// <summary>Gives the file to another owner.</summary>
    public void SetOwner(uint user, uint group, string what)
    {
        if (Libc.ChangeOwner(Number, user, group) != 0)
            throw FileFailure.Of("set the owner of", what);
    }

    /// <summary>Sets the permission bits. After the owner: a change of the owner takes some of them away.</summary>
    public void SetMode(uint mode, string what)
    {
        if (Libc.ChangeMode(Number, mode & Libc.PermissionBits) != 0)
            throw FileFailure.Of("set the mode of", what);
    }

    // A parent may have been started without standard files, and the numbers 0 to 2 mean something to children.
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
