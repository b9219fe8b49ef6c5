using System.Runtime.InteropServices;

namespace AptHandler.Native;

/// <summary>Processes: starting them, waiting for them, signals, and what they inherit.</summary>
internal static unsafe partial class Libc
{
    internal const int SIGINT = 2,
        SIGKILL = 9,
        SIGUSR1 = 10,
        SIGTERM = 15;
    internal const short POLLIN = 1;
    internal const int WNOHANG = 1,
        WEXITED = 4,
        WNOWAIT = 0x1000000;
    internal const int P_PID = 1;
    internal const short POSIX_SPAWN_SETSIGDEF = 0x04,
        POSIX_SPAWN_SETSIGMASK = 0x08,
        POSIX_SPAWN_SETSID = 0x80;

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

    /// <summary>siginfo_t, the result of waitid(2). Only the process id is used. It is zero where no child has ended.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    internal struct ChildInformation
    {
        [FieldOffset(16)]
        internal int ProcessId;
    }

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

    [LibraryImport(Library, EntryPoint = "prctl", SetLastError = true)]
    internal static partial int ProcessControl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

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

    /// <summary>ioprio_set(2) for one thread. glibc has no function for it.</summary>
    internal static int SetDiskPriority(int thread, int priority)
    {
        const int OfThread = 1; // IOPRIO_WHO_PROCESS
        nint number = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => 251,
            Architecture.Arm => 314,
            _ => 30,
        };
        return (int)SystemCall(number, OfThread, (byte*)thread, priority, null, 0);
    }

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

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_adddup2")]
    internal static partial int SpawnFileActionsDuplicate(byte* actions, int descriptor, int target);
}
