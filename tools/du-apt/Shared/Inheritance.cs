using System.Globalization;
using AptHandler.Native;

namespace AptHandler.CommandLine.Shared;

/// <summary>
/// What a worker has from whoever started it besides its input. Environment, groups and arguments end at du-apt-root; what is left here
/// could stop dpkg in the middle of a transaction, or a script of a package: limits, a place behind all others for processor and disk, the
/// first place in the queue of those that are killed for want of memory, another architecture by name, or a key pressed at the terminal.
/// </summary>
internal static unsafe class Inheritance
{
    private const ulong Unlimited = ulong.MaxValue;
    private const ulong Stack = 8 << 20,
        LockedMemory = 8 << 20,
        Messages = 819200;

    // RLIMIT_* by their numbers, soft and hard: what systemd gives to root's services when nobody has said anything.
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

    /// <summary>Goes back to what root's processes have when nobody has said anything, as far as the kernel lets this process.</summary>
    public static void Shed()
    {
        // It fails where this process leads a session already, which is as good.
        _ = Libc.NewSession();
        foreach ((int resource, ulong soft, ulong hard) in Limits)
            Set(resource, soft, hard);
        _ = Libc.Personality(0);
        try
        {
            // Each thread has its own, and children get that of the thread which starts them.
            foreach (string task in Directory.GetDirectories("/proc/self/task"))
                ShedPriority(int.Parse(Path.GetFileName(task), CultureInfo.InvariantCulture));
            File.WriteAllText("/proc/self/oom_score_adj", "0");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without /proc nothing else can be done about it.
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

    // Root in a container may not lift its hard limits. The soft ones are what counts, and those it can lift up to there.
    private static void Set(int resource, ulong soft, ulong hard)
    {
        Libc.ResourceLimit limit = new() { Soft = soft, Hard = hard };
        if (Libc.Limit(0, resource, &limit, null) == 0 || Libc.Limit(0, resource, null, &limit) != 0)
            return;
        limit.Soft = Math.Min(soft, limit.Hard);
        _ = Libc.Limit(0, resource, &limit, null);
    }
}
