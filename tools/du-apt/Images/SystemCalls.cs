using System.Runtime.InteropServices;
using AptHandler.Native;

namespace AptHandler.CommandLine.Images;

/// <summary>
/// Blocks system calls for all programs of an image (seccomp(2)): those that would give a program all capabilities again in a user
/// namespace, and those that would reach the machine past its namespaces. The filter stays for all programs that this one becomes or
/// starts.
/// </summary>
internal static unsafe class SystemCalls
{
    private const uint NewUser = 0x10000000; // CLONE_NEWUSER
    private const uint ParentDeathSignal = 1; // PR_SET_PDEATHSIG
    private const uint ForeignNumbers = 0x40000000; // of x32, on x86-64
    private const int MostInstructions = 64;

    // The offsets of number, architecture and the lower half of the first argument in seccomp_data, on little-endian machines.
    private const uint Number = 0,
        Machine = 4,
        FirstArgument = 16;

    // linux/bpf_common.h: load a word, compare, return.
    private const ushort Load = 0x20,
        IfEqual = 0x15,
        IfAtLeast = 0x35,
        IfAnySet = 0x45,
        Return = 0x06;
    private const uint Allow = 0x7fff0000,
        Refuse = 0x00050000; // SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO
    private const uint NotPermitted = 1,
        NoSuchCall = 38,
        NoSuchFamily = 97; // EPERM, ENOSYS, EAFNOSUPPORT

    // AF_UNIX, AF_INET, AF_INET6, AF_NETLINK. Others, such as AF_VSOCK, are not limited to a network namespace.
    private static readonly uint[] Families = [1, 2, 10, 16];

    /// <summary>Restricts this thread, and what it becomes or starts.</summary>
    /// <returns>Whether it could be done.</returns>
    public static bool Restrict()
    {
        const int SetFilter = 22; // PR_SET_SECCOMP
        const nuint OfFilter = 2; // SECCOMP_MODE_FILTER
        Numbers? known = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => Numbers.OfX64,
            Architecture.Arm64 => Numbers.OfArm64,
            _ => null,
        };
        if (known is not { } numbers)
            return false;

        Libc.FilterInstruction* program = stackalloc Libc.FilterInstruction[MostInstructions];
        ushort length = 0;
        Add(Load, Machine);
        Add(IfEqual, numbers.Machine, ifTrue: 1);
        Add(Return, Refuse | NoSuchCall);
        Add(Load, Number);
        Add(IfAtLeast, ForeignNumbers, ifFalse: 1);
        Add(Return, Refuse | NoSuchCall);

        // clone3 passes its flags behind a pointer, where no filter sees them; the C library works without it. io_uring makes calls that no
        // filter sees.
        foreach (uint number in (uint[])[435, 425, 426, 427, .. numbers.WithoutNamespace])
        {
            Add(IfEqual, number, ifFalse: 1);
            Add(Return, Refuse | NoSuchCall);
        }

        RefuseArgument(numbers.Unshare, IfAnySet, NewUser);
        RefuseArgument(numbers.CloneProcess, IfAnySet, NewUser);

        // Programs in the image end together with the program outside. They must not switch that off.
        RefuseArgument(numbers.ProcessControl, IfEqual, ParentDeathSignal);

        Add(IfEqual, numbers.Socket, ifTrue: 2);
        Add(IfEqual, numbers.SocketPair, ifTrue: 1);
        Add(Return, Allow);
        Add(Load, FirstArgument);
        foreach (uint family in Families)
        {
            Add(IfEqual, family, ifFalse: 1);
            Add(Return, Allow);
        }

        Add(Return, Refuse | NoSuchFamily);
        var filter = new Libc.FilterProgram { Length = length, Instructions = program };
        return Libc.ProcessControl(SetFilter, OfFilter, &filter) == 0;

        // Refuses a call if its first argument equals the value, or has one of its bits.
        void RefuseArgument(uint number, ushort comparison, uint value)
        {
            Add(IfEqual, number, ifFalse: 4);
            Add(Load, FirstArgument);
            Add(comparison, value, ifFalse: 1);
            Add(Return, Refuse | NotPermitted);
            Add(Return, Allow);
        }

        void Add(ushort code, uint value, byte ifTrue = 0, byte ifFalse = 0) =>
            program[length++] = new Libc.FilterInstruction
            {
                Code = code,
                IfTrue = ifTrue,
                IfFalse = ifFalse,
                Value = value,
            };
    }

    // The architecture's own number (linux/audit.h), and its numbers of system calls (asm/unistd.h).
    private sealed record Numbers(uint Machine, uint Unshare, uint CloneProcess, uint Socket, uint SocketPair, uint ProcessControl)
    {
        public static Numbers OfX64 { get; } = new(0xc000003e, 272, 56, 41, 53, 157) { WithoutNamespace = [103, 248, 249, 250] };

        public static Numbers OfArm64 { get; } = new(0xc00000b7, 97, 220, 198, 199, 167) { WithoutNamespace = [116, 217, 218, 219] };

        // syslog, add_key, request_key, keyctl: the log and the keyrings of the kernel belong to the machine.
        public required uint[] WithoutNamespace { get; init; }
    }
}
