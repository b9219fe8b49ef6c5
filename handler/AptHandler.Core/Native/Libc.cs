using System.Runtime.InteropServices;

namespace AptHandler.Native;

/// <summary>
/// All calls into the C library. This file has those for files and accounts. The library and the program bind them at link time
/// (DirectPInvoke), tests bind them by name. Structures that the C library owns (spawn attributes, signal sets) are passed as opaque
/// memory. Its size is large enough for every 64-bit glibc.
/// </summary>
internal static unsafe partial class Libc
{
    private const string Library = "libc";

    internal const int OpaqueSize = 512;

    internal const int O_RDONLY = 0,
        O_WRONLY = 1,
        O_RDWR = 2,
        O_CREAT = 0x40,
        O_EXCL = 0x80,
        O_TRUNC = 0x200,
        O_APPEND = 0x400,
        O_NONBLOCK = 0x800,
        O_CLOEXEC = 0x80000,
        O_PATH = 0x200000;

    internal const int EPERM = 1,
        ENOENT = 2,
        ESRCH = 3,
        EINTR = 4,
        EBADF = 9,
        ECHILD = 10,
        EAGAIN = 11,
        EACCES = 13,
        ENOTDIR = 20,
        EINVAL = 22,
        ENOSPC = 28,
        EROFS = 30,
        ELOOP = 40;

    internal const int AT_EMPTY_PATH = 0x1000,
        AT_REMOVEDIR = 0x200,
        AT_SYMLINK_NOFOLLOW = 0x100,
        AT_FDCWD = -100;
    internal const uint PermissionBits = 0xFFF; // 07777
    internal const uint STATX_BASIC_STATS = 0x7ff;
    internal const int LOCK_SH = 1,
        LOCK_EX = 2,
        LOCK_NB = 4;

    // These two differ between the architectures of Linux (asm/fcntl.h).
    internal static readonly int O_DIRECTORY = IsArm ? 0x4000 : 0x10000;
    internal static readonly int O_NOFOLLOW = IsArm ? 0x8000 : 0x20000;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64;

    /// <summary>The result of statx(2). Unlike struct stat, it has the same layout on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct FileStatus
    {
        [FieldOffset(16)]
        internal uint Links;

        [FieldOffset(20)]
        internal uint User;

        [FieldOffset(24)]
        internal uint Group;

        [FieldOffset(28)]
        internal ushort Mode;

        [FieldOffset(32)]
        internal ulong Inode;

        [FieldOffset(40)]
        internal ulong Size;

        [FieldOffset(48)]
        internal ulong Blocks;

        [FieldOffset(96)]
        internal long ChangedSeconds;

        [FieldOffset(104)]
        internal uint ChangedNanoseconds;

        [FieldOffset(112)]
        internal long WrittenSeconds;

        [FieldOffset(120)]
        internal uint WrittenNanoseconds;

        [FieldOffset(136)]
        internal uint DeviceMajor;

        [FieldOffset(140)]
        internal uint DeviceMinor;

        internal readonly bool IsRegular => (Mode & 0xF000) == 0x8000;

        internal readonly bool IsSocket => (Mode & 0xF000) == 0xC000;

        internal readonly bool IsFolder => (Mode & 0xF000) == 0x4000;

        internal readonly bool IsLink => (Mode & 0xF000) == 0xA000;

        internal readonly bool IsWritableByOthers => (Mode & 0x12) != 0; // 0022

        /// <summary>The space that the file takes on the disk, in bytes. For a file with holes this is less than its size.</summary>
        internal readonly long Taken => (long)Blocks * 512;

        internal readonly uint Permissions => Mode & PermissionBits;

        /// <summary>When content or attributes were last changed, in nanoseconds. No program can set it back.</summary>
        internal readonly long Changed => (ChangedSeconds * 1_000_000_000) + ChangedNanoseconds;

        internal readonly FileIdentity Identity => new(DeviceMajor, DeviceMinor, Inode, Size, WrittenSeconds, WrittenNanoseconds);
    }

    /// <summary>
    /// Tells a file from a later file of the same name. A file system may use an inode number again, but not with the same times.
    /// </summary>
    internal readonly record struct FileIdentity(
        uint DeviceMajor,
        uint DeviceMinor,
        ulong Inode,
        ulong Size,
        long WrittenSeconds,
        uint WrittenNanoseconds
    );

    /// <summary>The result of statvfs(3), in the 64-bit form: its members and their order are the same on every architecture.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct FileSystemStatus
    {
        internal nuint BlockSize;
        internal nuint FragmentSize;
        internal ulong Blocks;
        internal ulong FreeBlocks;
        internal ulong AvailableBlocks;
        internal ulong Files;
        internal ulong FreeFiles;
        internal ulong AvailableFiles;
        internal ulong Identifier;
        internal nuint Flags;
        internal nuint LongestName;
        internal fixed int Spare[6];
    }

    /// <summary>struct flock: a lock as fcntl(2) defines it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct RecordLock
    {
        internal short Type;
        internal short Whence;
        internal nint Start;
        internal nint Length;
        internal int ProcessId;
    }

    /// <summary>struct passwd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct UserEntry
    {
        internal byte* Name;
        internal byte* Password;
        internal uint User;
        internal uint Group;
        internal byte* Comment;
        internal byte* Home;
        internal byte* Shell;
    }

    /// <summary>struct group.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct GroupEntry
    {
        internal byte* Name;
        internal byte* Password;
        internal uint Group;
        internal byte** Members;
    }

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int OpenAt(int folder, string path, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "renameat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int RenameAt(int oldFolder, string oldPath, int newFolder, string newPath);

    [LibraryImport(Library, EntryPoint = "unlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int UnlinkAt(int folder, string path, int flags);

    [LibraryImport(Library, EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int MakeFolderAt(int folder, string path, uint mode);

    [LibraryImport(Library, EntryPoint = "symlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int MakeLinkAt(string target, int folder, string path);

    [LibraryImport(Library, EntryPoint = "readlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint ReadLinkAt(int folder, string path, byte* buffer, nuint size);

    [LibraryImport(Library, EntryPoint = "fchownat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int ChangeOwnerAt(int folder, string path, uint user, uint group, int flags);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);

    [LibraryImport(Library, EntryPoint = "pread", SetLastError = true)]
    internal static partial nint ReadAt(int descriptor, byte* buffer, nuint count, long offset);

    [LibraryImport(Library, EntryPoint = "pwrite", SetLastError = true)]
    internal static partial nint WriteAt(int descriptor, byte* buffer, nuint count, long offset);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    internal static partial nint Write(int descriptor, byte* buffer, nuint count);

    [LibraryImport(Library, EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Status(int folder, string path, int flags, uint mask, FileStatus* status);

    [LibraryImport(Library, EntryPoint = "fsync", SetLastError = true)]
    internal static partial int FileSync(int descriptor);

    [LibraryImport(Library, EntryPoint = "syncfs", SetLastError = true)]
    internal static partial int FileSystemSync(int descriptor);

    [LibraryImport(Library, EntryPoint = "posix_fallocate64")]
    internal static partial int Allocate(int descriptor, long offset, long length);

    [LibraryImport(Library, EntryPoint = "fallocate64", SetLastError = true)]
    internal static partial int Allocate(int descriptor, int mode, long offset, long length);

    [LibraryImport(Library, EntryPoint = "linkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Link(int oldFolder, string oldPath, int newFolder, string newPath, int flags);

    [LibraryImport(Library, EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int Truncate(int descriptor, long length);

    [LibraryImport(Library, EntryPoint = "fchmod", SetLastError = true)]
    internal static partial int ChangeMode(int descriptor, uint mode);

    [LibraryImport(Library, EntryPoint = "fchown", SetLastError = true)]
    internal static partial int ChangeOwner(int descriptor, uint user, uint group);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int Control(int descriptor, int command, int argument);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int Control(int descriptor, int command, RecordLock* argument);

    [LibraryImport(Library, EntryPoint = "statvfs64", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int FileSystem(string path, FileSystemStatus* status);

    [LibraryImport(Library, EntryPoint = "flock", SetLastError = true)]
    internal static partial int FileLock(int descriptor, int operation);

    [LibraryImport(Library, EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int MemoryFile(string name, uint flags);

    [LibraryImport(Library, EntryPoint = "pipe2", SetLastError = true)]
    internal static partial int Pipe(int* descriptors, int flags);

    [LibraryImport(Library, EntryPoint = "umask")]
    internal static partial uint FileModeMask(uint mask);

    [LibraryImport(Library, EntryPoint = "geteuid")]
    internal static partial uint EffectiveUser();

    [LibraryImport(Library, EntryPoint = "getpwnam_r", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int UserByName(string name, UserEntry* entry, byte* buffer, nuint size, UserEntry** found);

    [LibraryImport(Library, EntryPoint = "getgrnam_r", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int GroupByName(string name, GroupEntry* entry, byte* buffer, nuint size, GroupEntry** found);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint SystemCall(nint number, nint first, nint second);

    /// <summary>The text of an errno value for a message: <c>No such file or directory</c>.</summary>
    internal static string Describe(int errno) => Marshal.GetPInvokeErrorMessage(errno);
}
