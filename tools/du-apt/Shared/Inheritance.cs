using System.Globalization;
using AptHandler.Native;

namespace AptHandler.CommandLine.Shared;

/// <summary>
/// Resets what a worker inherits from the process that started it. du-apt-root already resets the environment, groups and arguments. What
/// is left could stop dpkg or a package's script in the middle of a transaction: resource limits, a low priority for processor and disk, a
/// high priority for the kernel's out-of-memory killer, another architecture by name, or a key pressed at the terminal.
/// </summary>
internal static unsafe class Inheritance
{
    private const ulong Unlimited = ulong.MaxValue;
    private const ulong Stack = 8 << 20,
        LockedMemory = 8 << 20,
        Messages = 819200;

    // RLIMIT_* by their numbers, soft and hard: the limits that systemd gives to root's services by default.
    private static readonly (int Resource, ulong Soft, ulong Hard)[] Limits =
    [
        (0, Unlimited, Unlimited), // processor time
        (1, Unlimited, Unlimited), // size of files
        (2, Unlimited, Unlimited), // data
        (3, Stack, Unlimited),
        (4, 0, Unlimited), // core files
        (5, Unlimited, Unlimited), // resident memory
        (6, Unlimited, Unlimited), // processes
        (7, 1024, 512 << 10), // open files
        (8, LockedMemory, LockedMemory),
        (9, Unlimited, Unlimited), // address space
        (10, Unlimited, Unlimited), // locks
        (11, Unlimited, Unlimited), // pending signals
        (12, Messages, Messages), // message queues
        (15, Unlimited, Unlimited), // processor time in real time
    ];

    /// <summary>Sets the defaults of root's processes again, as far as the kernel lets this process.</summary>
    public static void Shed()
    {
        // This fails if the process already leads a session, which is just as good.
        _ = Libc.NewSession();
        foreach ((int resource, ulong soft, ulong hard) in Limits)
            Set(resource, soft, hard);
        _ = Libc.Personality(0);
        try
        {
            // Each thread has its own priority, and children inherit that of the thread which starts them.
            foreach (string task in Directory.GetDirectories("/proc/self/task"))
                ShedPriority(int.Parse(Path.GetFileName(task), CultureInfo.InvariantCulture));
            File.WriteAllText("/proc/self/oom_score_adj", "0");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without /proc the priorities cannot be changed.
        }
    }

    private static void ShedPriority(int thread)
    {
        const int OfThread = 0,
            Ordinary = 0; // PRIO_PROCESS, SCHED_OTHER
        const int LargestSet = 128; // bytes, for 1024 processors
        int noPriority = 0;
        _ = Libc.SetScheduler(thread, Ordinary, &noPriority);
        _ = Libc.SetPriority(OfThread, (uint)thread, 0);
        _ = Libc.SetDiskPriority(thread, 0);
        byte* processors = stackalloc byte[LargestSet];
        new Span<byte>(processors, LargestSet).Fill(0xFF);
        _ = Libc.SetAffinity(thread, LargestSet, processors);
    }

    // Root in a container may not raise its hard limits. Only the soft ones matter, and they can be raised up to the hard ones.
    private static void Set(int resource, ulong soft, ulong hard)
    {
        Libc.ResourceLimit limit = new() { Soft = soft, Hard = hard };
        if (Libc.Limit(0, resource, &limit, null) == 0 || Libc.Limit(0, resource, null, &limit) != 0)
            return;
        limit.Soft = Math.Min(soft, limit.Hard);
        _ = Libc.Limit(0, resource, &limit, null);
    }
}
