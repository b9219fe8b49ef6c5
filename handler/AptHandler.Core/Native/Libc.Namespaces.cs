using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AptHandler.Native;

/// <summary>Calls that isolate a process from the machine: namespaces, mounts, capabilities, filters of system calls.</summary>
internal static unsafe partial class Libc
{
    internal const int CLONE_NEWNS = 0x20000,
        CLONE_NEWCGROUP = 0x2000000,
        CLONE_NEWUTS = 0x4000000,
        CLONE_NEWIPC = 0x8000000,
        CLONE_NEWPID = 0x20000000,
        CLONE_NEWNET = 0x40000000;

    internal const int MNT_DETACH = 2;
    internal const nuint MS_RDONLY = 1,
        MS_NOSUID = 2,
        MS_NODEV = 4,
        MS_NOEXEC = 8,
        MS_REMOUNT = 0x20,
        MS_BIND = 0x1000,
        MS_MOVE = 0x2000,
        MS_REC = 0x4000,
        MS_PRIVATE = 0x40000;

    internal const ulong RESOLVE_NO_MAGICLINKS = 2,
        RESOLVE_NO_SYMLINKS = 4,
        RESOLVE_IN_ROOT = 0x10;
    internal const ulong MOUNT_ATTR_NODEV = 4;

    private const int AT_RECURSIVE = 0x8000,
        OPEN_TREE_CLONE = 1,
        MOVE_MOUNT_F_EMPTY_PATH = 4;

    // An empty path, for calls that work on the open file itself.
    private static byte* Nothing => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference("\0"u8));

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

    /// <summary>struct ifreq with its flags: a request to a network interface, and its answer (netdevice(7)).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct InterfaceRequest
    {
        internal fixed byte Name[16];
        internal short Flags;
        internal fixed byte Rest[22];
    }

    [LibraryImport(Library, EntryPoint = "unshare", SetLastError = true)]
    internal static partial int Unshare(int flags);

    [LibraryImport(Library, EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Mount(string? source, string target, string? type, nuint flags, byte* data);

    [LibraryImport(Library, EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Unmount(string target, int flags);

    [LibraryImport(Library, EntryPoint = "pivot_root", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int PivotRoot(string newRoot, string oldRoot);

    /// <summary>prctl(2) with two numbers and then a pointer: for seccomp(2).</summary>
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

    /// <summary>openat2(2). <see cref="OpenHow.Resolve"/> says how links and magic links are resolved.</summary>
    internal static int OpenAt2(int folder, byte* path, OpenHow* how) =>
        (int)SystemCall(437, folder, path, (nint)how, (void*)sizeof(OpenHow), 0);

    /// <summary>open_tree(2): a copy of the mounts at an open folder and below. The copy is not attached anywhere yet.</summary>
    internal static int CopyMounts(int folder) =>
        (int)SystemCall(428, folder, Nothing, OPEN_TREE_CLONE | AT_EMPTY_PATH | AT_RECURSIVE | O_CLOEXEC, null, 0);

    /// <summary>mount_setattr(2), for the mounts at an open folder and below.</summary>
    internal static int SetMountAttributes(int mounts, MountAttributes* attributes) =>
        (int)SystemCall(442, mounts, Nothing, AT_EMPTY_PATH | AT_RECURSIVE, attributes, sizeof(MountAttributes));

    /// <summary>move_mount(2), for the mounts that <see cref="CopyMounts"/> has copied.</summary>
    internal static int PlaceMounts(int mounts, byte* target) =>
        (int)SystemCall(429, mounts, Nothing, AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH);

    // glibc 2.31 has no functions for these calls. The numbers are the same on every architecture (asm-generic/unistd.h).
    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, byte* second, nint third, void* fourth, nint fifth);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_addchdir_np")]
    internal static partial int SpawnFileActionsChangeFolder(byte* actions, byte* path);
}
