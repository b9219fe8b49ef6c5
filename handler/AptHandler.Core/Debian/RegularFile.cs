using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AptHandler.Debian;

/// <summary>A regular file that is read in one go, and told apart from another one that took its name meanwhile.</summary>
/// <remarks>
/// By way of libc: .NET cannot say whether a file is a regular one, waits for ever when it opens a named pipe, and puts a lock (flock) on every file it opens,
/// which a reader of dpkg's database has no business doing.
/// </remarks>
internal static partial class RegularFile
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

    /// <summary>Reads a file whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="identity">Which file it was.</param>
    /// <returns>Its content, or null where there is no such file.</returns>
    /// <exception cref="DpkgStatusException">It is not a regular file, may not be read, or is unreasonably large.</exception>
    public static byte[]? Read(string path, out FileIdentity identity)
    {
        identity = default;
        using SafeFileHandle file = Open(path, ReadOnlyNonBlockingCloseOnExec);
        if (file.IsInvalid)
        {
            int error = Marshal.GetLastPInvokeError();
            return error == NoSuchFile ? null : throw Unreadable(path, Marshal.GetPInvokeErrorMessage(error));
        }

        if (Statx((int)file.DangerousGetHandle(), "", EmptyPath, BasicStats, out FileStatus status) != 0)
            throw Unreadable(path, Marshal.GetLastPInvokeErrorMessage());
        if ((status.Mode & TypeMask) != Regular)
            throw Unreadable(path, "it is not a regular file");
        if (status.Length > MaximumLength)
            throw Unreadable(path, $"it has {status.Length} bytes, more than any database of dpkg");

        identity = status.Identity;
        return Read(file, path, (int)status.Length);
    }

    /// <summary>Which file bears a name now.</summary>
    /// <param name="path">The name.</param>
    /// <returns>The identity, or the default value where there is no such file.</returns>
    public static FileIdentity Identify(string path) =>
        Statx(CurrentDirectory, path, 0, BasicStats, out FileStatus status) == 0 ? status.Identity : default;

    private static byte[] Read(SafeFileHandle file, string path, int length)
    {
        byte[] content = GC.AllocateUninitializedArray<byte>(length);
        int done = 0;
        try
        {
            while (done < length)
            {
                int count = RandomAccess.Read(file, content.AsSpan(done), done);
                if (count == 0)
                    throw Unreadable(path, "it became shorter while it was read");
                done += count;
            }
        }
        catch (IOException e)
        {
            throw new DpkgStatusException(Unreadable(path, e.Message).Message, e);
        }

        return content;
    }

    private static DpkgStatusException Unreadable(string path, string reason) =>
        new($"cannot read '{path}': {reason}; check the path and the state of the file system");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

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
