using AptHandler.Native;

namespace AptHandler.CommandLine;

/// <summary>
/// What a worker has from whoever started it besides its input. Environment, groups and arguments end at du-apt-root; what is left here could
/// stop dpkg in the middle of a transaction: a limit on the size of files or on processor time, the first place in the queue of those that
/// are killed for memory, or a key pressed at the terminal.
/// </summary>
internal static unsafe class Inheritance
{
    private const ulong Unlimited = ulong.MaxValue;
    private const int ProcessorTime = 0, FileSize = 1, DataSize = 2, StackSize = 3, OpenFiles = 7, AddressSpace = 9; // RLIMIT_*

    /// <summary>Goes back to what root's processes have when nobody has said anything.</summary>
    public static void Shed()
    {
        // It fails where this process leads a session already, which is as good.
        _ = Libc.NewSession();
        foreach (int resource in new[] { ProcessorTime, FileSize, DataSize, AddressSpace })
            Limit(resource, Unlimited, Unlimited);
        Limit(StackSize, 8 << 20, Unlimited);
        Limit(OpenFiles, 1024, 512 * 1024);
        _ = Libc.SetPriority(0, 0, 0);
        try
        {
            File.WriteAllText("/proc/self/oom_score_adj", "0");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without /proc nothing else can be done about it.
        }
    }

    private static void Limit(int resource, ulong soft, ulong hard)
    {
        ulong* limits = stackalloc ulong[] { soft, hard };
        _ = Libc.SetLimit(resource, limits);
    }
}
