using System.Globalization;
using System.Text;
using AptHandler.Native;

namespace AptHandler.Processes;

/// <summary>A process of this machine, as /proc describes it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Parent">The number of its parent.</param>
/// <param name="Name">The name of its program, cut off at 15 characters.</param>
/// <param name="Started">
/// When it started, in clock ticks since the machine started. No two processes have both the same number and the same start.
/// </param>
internal sealed record RunningProcess(int Id, int Parent, string Name, long Started);

/// <summary>The processes that run at the moment: proc(5). A process that ends during the reading is left out.</summary>
internal static class ProcessTable
{
    private const int TicksPerSecond = 100; // USER_HZ, the same on every architecture of Debian

    /// <summary>All processes, zombies left out.</summary>
    public static List<RunningProcess> Read()
    {
        var processes = new List<RunningProcess>();
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (
                int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                && TryRead(id) is { } process
            )
                processes.Add(process);
        }

        return processes;
    }

    /// <summary>A process and all its descendants, parents before their children.</summary>
    public static List<RunningProcess> Tree(int root, List<RunningProcess> all)
    {
        List<RunningProcess> tree = all.FindAll(process => process.Id == root);
        for (int i = 0; i < tree.Count; i++)
            tree.AddRange(all.FindAll(process => process.Parent == tree[i].Id));
        return tree;
    }

    /// <summary>Whether exactly this process still runs, and not another one with the same number.</summary>
    public static bool IsRunning(RunningProcess process) => TryRead(process.Id) is { } now && now.Started == process.Started;

    /// <summary>How long a process has run.</summary>
    public static TimeSpan Age(RunningProcess process) =>
        double.TryParse(Text("/proc/uptime").Split(' ')[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double now)
            ? TimeSpan.FromSeconds(Math.Max(0, now - ((double)process.Started / TicksPerSecond)))
            : TimeSpan.Zero;

    /// <summary>The command line of a process; empty where the process has ended.</summary>
    public static string[] Arguments(int id) => Text($"/proc/{id}/cmdline").Split('\0', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>
    /// Whether this user started a process. Name and arguments of other users' processes prove nothing. The real user is compared, because
    /// anybody can start a set-user-ID program that then runs as root.
    /// </summary>
    public static bool IsStartedByThisUser(int id)
    {
        const string RealUser = "\nUid:\t";
        string text = Text($"/proc/{id}/status");
        int at = text.IndexOf(RealUser, StringComparison.Ordinal);
        return at >= 0 && text[(at + RealUser.Length)..].Split('\t')[0] == Libc.EffectiveUser().ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Whether a variable had this value when a process was started.</summary>
    public static bool HasVariable(int id, string assignment) => Array.IndexOf(Text($"/proc/{id}/environ").Split('\0'), assignment) >= 0;

    // "12 (name (odd)) S 1 …": the name may hold anything, so fields are counted from the last parenthesis.
    private static RunningProcess? TryRead(int id)
    {
        string text = Text($"/proc/{id}/stat");
        int open = text.IndexOf('(', StringComparison.Ordinal),
            close = text.LastIndexOf(')');
        if (open < 0 || close < open)
            return null;
        string[] fields = text[(close + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        const int State = 0,
            Parent = 1,
            Started = 19;
        return
            fields.Length > Started
            && fields[State] is not ("Z" or "X")
            && int.TryParse(fields[Parent], NumberStyles.None, CultureInfo.InvariantCulture, out int parent)
            && long.TryParse(fields[Started], NumberStyles.None, CultureInfo.InvariantCulture, out long started)
            ? new RunningProcess(id, parent, text[(open + 1)..close], started)
            : null;
    }

    private static string Text(string path)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
