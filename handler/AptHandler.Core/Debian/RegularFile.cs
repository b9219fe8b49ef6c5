using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AptHandler.Debian;

/// <summary>A regular file that is open for reading, and can be told apart from another one that took its name meanwhile.</summary>
/// <remarks>
/// By way of libc: .NET cannot say whether a file is a regular one, waits for ever when it opens a named pipe, and puts a lock (flock) on
/// every file it opens, which a reader of dpkg's database has no business doing.
/// </remarks>
internal sealed partial class RegularFile : IDisposable
{
    // Far above any machine's database: the one of a machine with every package of Debian has about 60 MB.
    private const ulong MaximumLength = 256 << 20;

    private const int CurrentDirectory = -100; // AT_FDCWD
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    private const uint BasicStats = 0x7ff; // STATX_BASIC_STATS
    private const int ReadOnlyNonBlockingCloseOnExec = 0x80800; // O_RDONLY | O_NONBLOCK | O_CLOEXEC
    private const int NoSuchFile = 2; // ENOENT
    private const int TypeMask = 0xF000; // S_IFMT
    private const int Regular = 0x8000; // S_IFREG

    private readonly SafeFileHandle _handle;

    private RegularFile(string path, SafeFileHandle handle, in FileStatus status)
    {
        Path = path;
        Length = (int)status.Length;
        Identity = status.Identity;
        _handle = handle;
    }

    /// <summary>The name under which it was opened.</summary>
    public string Path { get; }

    /// <summary>How many bytes it had when it was opened.</summary>
    public int Length { get; }

    /// <summary>Which file it is, whatever bears its name now.</summary>
    public FileIdentity Identity { get; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">Its name.</param>
    /// <returns>The file, or null where there is none.</returns>
    /// <exception cref="DpkgStatusException">It is not a regular file, may not be read, or is unreasonably large.</exception>
    public static RegularFile? Open(string path)
    {
        SafeFileHandle handle = Open(path, ReadOnlyNonBlockingCloseOnExec);
        if (handle.IsInvalid)
        {
            int error = Marshal.GetLastPInvokeError();
            handle.Dispose();
            return error == NoSuchFile ? null : throw Unreadable(path, Marshal.GetPInvokeErrorMessage(error));
        }

        string? problem = null;
        if (Statx(handle, "", EmptyPath, BasicStats, out FileStatus status) != 0)
            problem = Marshal.GetLastPInvokeErrorMessage();
        else if ((status.Mode & TypeMask) != Regular)
            problem = "it is not a regular file";
        else if (status.Length > MaximumLength)
            problem = $"it has {status.Length} bytes, more than any database of dpkg";

        if (problem is null)
            return new RegularFile(path, handle, status);

        handle.Dispose();
        throw Unreadable(path, problem);
    }

    /// <summary>Which file bears a name now.</summary>
    /// <param name="path">The name.</param>
    /// <returns>The identity, or the default value where there is no such file.</returns>
    public static FileIdentity Identify(string path) =>
        Statx(CurrentDirectory, path, 0, BasicStats, out FileStatus status) == 0 ? status.Identity : default;

    /// <summary>Reads a part of the file.</summary>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="offset">Where they begin in the file.</param>
    /// <returns>How many bytes were read: none at the end of the file.</returns>
    /// <exception cref="DpkgStatusException">The file system fails.</exception>
    public int Read(Span<byte> buffer, long offset)
    {
        try
        {
            return RandomAccess.Read(_handle, buffer, offset);
        }
        catch (IOException e)
        {
            throw new DpkgStatusException(Unreadable(Path, e.Message).Message, e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static DpkgStatusException Unreadable(string path, string reason) =>
        new($"cannot read '{path}': {reason}; check the path and the state of the file system");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(SafeFileHandle file, string path, int flags, uint mask, out FileStatus status);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, out FileStatus status);

    // struct statx, linux/stat.h: unlike struct stat it is the same on every architecture.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct FileStatus
    {
        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Length;

        [FieldOffset(112)]
        public long WrittenSeconds;

        [FieldOffset(120)]
        public uint WrittenNanoseconds;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;

        public readonly FileIdentity Identity => new(DeviceMajor, DeviceMinor, Inode, Length, WrittenSeconds, WrittenNanoseconds);
    }
}
