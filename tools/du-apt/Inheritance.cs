using AptHandler.Native;

namespace AptHandler.CommandLine;

/// <summary>
/// What a worker has from whoever started it besides its input. Environment, groups and arguments end at du-apt-root; what is left here could
/// stop dpkg in the middle of a transaction: a limit on the size of files or on processor time, the first place in the queue of those that
/// are killed for want of memory, or a key pressed at the terminal.
/// </summary>
internal static unsafe class Inheritance
{
    private const ulong Unlimited = ulong.MaxValue;
    private const int ProcessorTime = 0, FileSize = 1, DataSize = 2, AddressSpace = 9; // RLIMIT_*

    /// <summary>Goes back to what root's processes have when nobody has said anything, as far as the kernel lets this process.</summary>
    public static void Shed()
    {
        // It fails where this process leads a session already, which is as good.
        _ = Libc.NewSession();
        foreach (int resource in new[] { ProcessorTime, FileSize, DataSize, AddressSpace })
            Lift(resource);
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

    // Root in a container may not lift its hard limits. The soft ones are what counts, and those it can lift up to there.
    private static void Lift(int resource)
    {
        Libc.ResourceLimit limit = new() { Soft = Unlimited, Hard = Unlimited };
        if (Libc.Limit(0, resource, &limit, null) == 0 || Libc.Limit(0, resource, null, &limit) != 0)
            return;
        limit.Soft = limit.Hard;
        _ = Libc.Limit(0, resource, &limit, null);
    }
}
