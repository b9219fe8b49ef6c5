using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AptHandler.Native;

/// <summary>
/// Every call into the C library, in one place. Bound at link time in the library and the program (DirectPInvoke), by name in tests.
/// Structures that the C library owns (spawn attributes, signal sets) are passed as opaque memory of a size that is enough on every 64-bit glibc.
/// </summary>
internal static unsafe partial class Libc
{
    private const string Library = "libc";

    internal const int OpaqueSize = 512;

    internal const int O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2, O_CREAT = 0x40, O_EXCL = 0x80, O_TRUNC = 0x200, O_APPEND = 0x400, O_NONBLOCK = 0x800, O_CLOEXEC = 0x80000;
    internal const int SIGINT = 2, SIGKILL = 9, SIGUSR1 = 10, SIGTERM = 15;
    internal const int EPERM = 1, ENOENT = 2, ESRCH = 3, EINTR = 4, EBADF = 9, ECHILD = 10, EAGAIN = 11, EACCES = 13, ENOTDIR = 20, EINVAL = 22, ENOSPC = 28, EROFS = 30, ELOOP = 40;
    internal const int AT_EMPTY_PATH = 0x1000, AT_REMOVEDIR = 0x200, AT_SYMLINK_NOFOLLOW = 0x100, AT_FDCWD = -100;
    internal const uint PermissionBits = 0xFFF; // 07777
    internal const uint STATX_BASIC_STATS = 0x7ff;
    internal const short POLLIN = 1;
    internal const int WNOHANG = 1, WEXITED = 4, WNOWAIT = 0x1000000;
    internal const int P_PID = 1;
    internal const int LOCK_SH = 1, LOCK_EX = 2, LOCK_NB = 4;
    internal const short POSIX_SPAWN_SETSIGDEF = 0x04, POSIX_SPAWN_SETSIGMASK = 0x08, POSIX_SPAWN_SETSID = 0x80;

    internal const int CLONE_NEWNS = 0x20000, CLONE_NEWCGROUP = 0x2000000, CLONE_NEWUTS = 0x4000000, CLONE_NEWIPC = 0x8000000, CLONE_NEWPID = 0x20000000, CLONE_NEWNET = 0x40000000;
    internal const int MNT_DETACH = 2;
    internal const nuint MS_RDONLY = 1, MS_NOSUID = 2, MS_NODEV = 4, MS_NOEXEC = 8, MS_REMOUNT = 0x20, MS_BIND = 0x1000, MS_MOVE = 0x2000, MS_REC = 0x4000, MS_PRIVATE = 0x40000;
    internal const int O_PATH = 0x200000;
    internal const ulong RESOLVE_NO_MAGICLINKS = 2, RESOLVE_NO_SYMLINKS = 4, RESOLVE_IN_ROOT = 0x10;
    internal const ulong MOUNT_ATTR_NODEV = 4;

    private const int AT_RECURSIVE = 0x8000, OPEN_TREE_CLONE = 1, MOVE_MOUNT_F_EMPTY_PATH = 4;

    // These two differ between the architectures of Linux (asm/fcntl.h).
    internal static readonly int O_DIRECTORY = IsArm ? 0x4000 : 0x10000;
    internal static readonly int O_NOFOLLOW = IsArm ? 0x8000 : 0x20000;

    private static byte* Nothing => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference("\0"u8));

    private static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64;

    [StructLayout(LayoutKind.Sequential)]
    internal struct PollDescriptor
    {
        internal int Descriptor;
        internal short Events;
        internal short Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct ResourceLimit
    {
        internal ulong Soft;
        internal ulong Hard;
    }

    /// <summary>What statx(2) tells; unlike struct stat its layout is the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct FileStatus
    {
        [FieldOffset(16)] internal uint Links;
        [FieldOffset(20)] internal uint User;
        [FieldOffset(24)] internal uint Group;
        [FieldOffset(28)] internal ushort Mode;
        [FieldOffset(32)] internal ulong Inode;
        [FieldOffset(40)] internal ulong Size;
        [FieldOffset(96)] internal long ChangedSeconds;
        [FieldOffset(104)] internal uint ChangedNanoseconds;
        [FieldOffset(112)] internal long WrittenSeconds;
        [FieldOffset(120)] internal uint WrittenNanoseconds;
        [FieldOffset(136)] internal uint DeviceMajor;
        [FieldOffset(140)] internal uint DeviceMinor;

        internal readonly bool IsRegular => (Mode & 0xF000) == 0x8000;

        internal readonly bool IsSocket => (Mode & 0xF000) == 0xC000;

        internal readonly bool IsFolder => (Mode & 0xF000) == 0x4000;

        internal readonly bool IsLink => (Mode & 0xF000) == 0xA000;

        internal readonly bool IsWritableByOthers => (Mode & 0x12) != 0; // 0022

        internal readonly uint Permissions => Mode & PermissionBits;

        /// <summary>When content or attributes were last changed, in nanoseconds. No program can set it back.</summary>
        internal readonly long Changed => (ChangedSeconds * 1_000_000_000) + ChangedNanoseconds;

        internal readonly FileIdentity Identity => new(DeviceMajor, DeviceMinor, Inode, Size, WrittenSeconds, WrittenNanoseconds);
    }

    /// <summary>What tells a file from another one that bears its name later: a file system gives an inode number away again, but not with
    /// the same times.</summary>
    internal readonly record struct FileIdentity(
        uint DeviceMajor, uint DeviceMinor, ulong Inode, ulong Size, long WrittenSeconds, uint WrittenNanoseconds);

    /// <summary>What statvfs(3) tells. The 64-bit form, which has the same members in the same order on every architecture.</summary>
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

    /// <summary>struct flock: a lock in the sense of fcntl(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct RecordLock
    {
        internal short Type;
        internal short Whence;
        internal nint Start;
        internal nint Length;
        internal int ProcessId;
    }

    /// <summary>struct open_how: how openat2(2) opens a file.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct OpenHow
    {
        internal ulong Flags;
        internal ulong Mode;
        internal ulong Resolve;
    }

    /// <summary>struct mount_attr: what mount_setattr(2) sets.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct MountAttributes
    {
        internal ulong Set;
        internal ulong Clear;
        internal ulong Propagation;
        internal ulong UserNamespace;
    }

    /// <summary>struct __user_cap_header_struct with its two __user_cap_data_struct (capabilities(7)).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct CapabilityHeader
    {
        internal uint Version;
        internal int ProcessId;
    }

    /// <summary>Three sets of 32 capabilities.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct CapabilitySets
    {
        internal uint Effective;
        internal uint Permitted;
        internal uint Inheritable;
    }

    /// <summary>struct sock_filter: one instruction of a filter.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct FilterInstruction
    {
        internal ushort Code;
        internal byte IfTrue;
        internal byte IfFalse;
        internal uint Value;
    }

    /// <summary>struct sock_fprog: a filter.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct FilterProgram
    {
        internal ushort Length;
        internal FilterInstruction* Instructions;
    }

    /// <summary>struct ifreq with its flags: what is told to and by a network interface (netdevice(7)).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct InterfaceRequest
    {
        internal fixed byte Name[16];
        internal short Flags;
        internal fixed byte Rest[22];
    }

    /// <summary>What waitid(2) tells: siginfo_t, of which only the process id is of interest. Zero where no child has ended.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    internal struct ChildInformation
    {
        [FieldOffset(16)] internal int ProcessId;
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

    [LibraryImport(Library, EntryPoint = "poll", SetLastError = true)]
    internal static partial int Poll(PollDescriptor* descriptors, nuint count, int milliseconds);

    [LibraryImport(Library, EntryPoint = "waitpid", SetLastError = true)]
    internal static partial int WaitPid(int pid, int* status, int options);

    [LibraryImport(Library, EntryPoint = "waitid", SetLastError = true)]
    internal static partial int WaitId(int kind, uint id, ChildInformation* information, int options);

    [LibraryImport(Library, EntryPoint = "kill", SetLastError = true)]
    internal static partial int Kill(int pid, int signal);

    [LibraryImport(Library, EntryPoint = "execv", SetLastError = true)]
    internal static partial int Execute(byte* path, byte** arguments);

    [LibraryImport(Library, EntryPoint = "unshare", SetLastError = true)]
    internal static partial int Unshare(int flags);

    [LibraryImport(Library, EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Mount(string? source, string target, string? type, nuint flags, byte* data);

    [LibraryImport(Library, EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Unmount(string target, int flags);

    [LibraryImport(Library, EntryPoint = "prctl", SetLastError = true)]
    internal static partial int ProcessControl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport(Library, EntryPoint = "pivot_root", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int PivotRoot(string newRoot, string oldRoot);

    /// <summary>prctl(2) with a pointer behind two numbers: for seccomp(2).</summary>
    [LibraryImport(Library, EntryPoint = "prctl", SetLastError = true)]
    internal static partial int ProcessControl(int option, nuint second, FilterProgram* third);

    [LibraryImport(Library, EntryPoint = "chroot", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int ChangeRoot(string path);

    [LibraryImport(Library, EntryPoint = "fchdir", SetLastError = true)]
    internal static partial int ChangeFolder(int descriptor);

    [LibraryImport(Library, EntryPoint = "capget", SetLastError = true)]
    internal static partial int GetCapabilities(CapabilityHeader* header, CapabilitySets* sets);

    [LibraryImport(Library, EntryPoint = "capset", SetLastError = true)]
    internal static partial int SetCapabilities(CapabilityHeader* header, CapabilitySets* sets);

    [LibraryImport(Library, EntryPoint = "socket", SetLastError = true)]
    internal static partial int Socket(int family, int kind, int protocol);

    [LibraryImport(Library, EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int InterfaceControl(int descriptor, nuint request, InterfaceRequest* argument);

    [LibraryImport(Library, EntryPoint = "setsid", SetLastError = true)]
    internal static partial int NewSession();

    /// <summary>prlimit(2): the same numbers and sizes on every architecture.</summary>
    [LibraryImport(Library, EntryPoint = "prlimit64", SetLastError = true)]
    internal static partial int Limit(int pid, int resource, ResourceLimit* wanted, ResourceLimit* old);

    [LibraryImport(Library, EntryPoint = "setpriority", SetLastError = true)]
    internal static partial int SetPriority(int kind, uint id, int priority);

    [LibraryImport(Library, EntryPoint = "sched_setscheduler", SetLastError = true)]
    internal static partial int SetScheduler(int thread, int policy, int* priority);

    [LibraryImport(Library, EntryPoint = "sched_setaffinity", SetLastError = true)]
    internal static partial int SetAffinity(int thread, nuint size, byte* processors);

    [LibraryImport(Library, EntryPoint = "personality", SetLastError = true)]
    internal static partial int Personality(ulong execution);

    /// <summary>ioprio_set(2) for one thread, which glibc has no function for.</summary>
    internal static int SetDiskPriority(int thread, int priority)
    {
        const int OfThread = 1; // IOPRIO_WHO_PROCESS
        nint number = RuntimeInformation.ProcessArchitecture switch { Architecture.X64 => 251, Architecture.Arm => 314, _ => 30 };
        return (int)SystemCall(number, OfThread, (byte*)thread, priority, null, 0);
    }

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

    /// <summary>openat2(2), with links and magic links resolved as <see cref="OpenHow.Resolve"/> says.</summary>
    internal static int OpenAt2(int folder, byte* path, OpenHow* how) =>
        (int)SystemCall(437, folder, path, (nint)how, (void*)sizeof(OpenHow), 0);

    /// <summary>open_tree(2): a copy of the mounts at an open folder and below, which is nowhere yet.</summary>
    internal static int CopyMounts(int folder) =>
        (int)SystemCall(428, folder, Nothing, OPEN_TREE_CLONE | AT_EMPTY_PATH | AT_RECURSIVE | O_CLOEXEC, null, 0);

    /// <summary>mount_setattr(2), for the mounts at an open folder and below.</summary>
    internal static int SetMountAttributes(int mounts, MountAttributes* attributes) =>
        (int)SystemCall(442, mounts, Nothing, AT_EMPTY_PATH | AT_RECURSIVE, attributes, sizeof(MountAttributes));

    /// <summary>move_mount(2), for what <see cref="CopyMounts"/> has made.</summary>
    internal static int PlaceMounts(int mounts, byte* target) => (int)SystemCall(429, mounts, Nothing, AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH);

    // The functions of glibc came later than 2.31. The numbers are the same on every architecture (asm-generic/unistd.h).
    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, byte* second, nint third, void* fourth, nint fifth);

    [LibraryImport(Library, EntryPoint = "sigemptyset")]
    internal static partial int SignalSetEmpty(byte* set);

    [LibraryImport(Library, EntryPoint = "sigfillset")]
    internal static partial int SignalSetFill(byte* set);

    [LibraryImport(Library, EntryPoint = "posix_spawn")]
    internal static partial int Spawn(int* pid, byte* path, byte* fileActions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_init")]
    internal static partial int SpawnAttributesInit(byte* attributes);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_destroy")]
    internal static partial int SpawnAttributesDestroy(byte* attributes);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setflags")]
    internal static partial int SpawnAttributesSetFlags(byte* attributes, short flags);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setsigdefault")]
    internal static partial int SpawnAttributesSetSignalDefault(byte* attributes, byte* set);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setsigmask")]
    internal static partial int SpawnAttributesSetSignalMask(byte* attributes, byte* set);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_init")]
    internal static partial int SpawnFileActionsInit(byte* actions);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_destroy")]
    internal static partial int SpawnFileActionsDestroy(byte* actions);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_addchdir_np")]
    internal static partial int SpawnFileActionsChangeFolder(byte* actions, byte* path);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_adddup2")]
    internal static partial int SpawnFileActionsDuplicate(byte* actions, int descriptor, int target);

    /// <summary>The words of an errno value for a message: <c>No such file or directory</c>.</summary>
    internal static string Describe(int errno) => Marshal.GetPInvokeErrorMessage(errno);
}
