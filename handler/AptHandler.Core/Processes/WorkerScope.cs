using System.Globalization;
using System.Runtime.InteropServices;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Processes;

/// <summary>
/// The control groups of a worker where systemd runs. systemd ends all processes in the group of a unit that it stops,
/// and a worker starts in that of the agent. So it moves into a scope of its own, and its transactions into another:
/// <list type="bullet">
/// <item>A shutdown stops the worker's scope, by SIGTERM alone. The worker gives up what it can and waits for dpkg. The shutdown
/// waits for the worker as long as Debian lets it wait for its own unattended upgrades.</item>
/// <item>A shutdown does not stop the scope of a transaction, because it has none of the default dependencies: apt, dpkg and
/// maintainer scripts get no signal while the worker waits for them. One scope for both would have to do without SIGTERM. Then a
/// daemon that a maintainer script leaves behind would keep every later shutdown waiting.</item>
/// </list>
/// systemd-run needs no D-Bus daemon when root calls it. With a scope it becomes the program itself: the same process, input and
/// exit status, which is what the plugin and adu-shell wait for.
/// </summary>
public static unsafe class WorkerScope
{
    private const string SystemdRun = "/usr/bin/systemd-run";

    // Quick where systemd is well. systemd-run itself gives up after 25 seconds.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private const int LongestTalk = 400;

    private static readonly string[] NewScope = ["--quiet", "--scope", "--collect"];

    // As a service: stopped before what it stands on, file systems for example.
    private static readonly string[] OfWorker = ["--property=After=basic.target", "--property=TimeoutStopSec=15min"];
    private static readonly string[] OfTransaction = ["--property=DefaultDependencies=no"];

    /// <summary>Whether systemd runs (sd_booted(3)), and this process is not in a scope of its own yet.</summary>
    public static bool IsWanted => Directory.Exists("/run/systemd/system") && !IsEntered;

    // The kernel's word, not that of a variable, which whoever started us could have set.
    private static bool IsEntered => File.ReadLines("/proc/self/cgroup").Any(line => line.Contains($"/{Unit}-", StringComparison.Ordinal));

    private static string Unit => $"du-apt-worker-{Environment.ProcessId}";

    // What an earlier worker of this number has left behind keeps the name of its scope.
    private static string Now => Environment.TickCount64.ToString(CultureInfo.InvariantCulture);

    /// <summary>Starts this program again in a scope of its own, as the same process. Nothing of the input may have been read.</summary>
    /// <param name="arguments">The program's arguments.</param>
    /// <returns>Why it cannot be done; on success this never returns.</returns>
    public static string Enter(IReadOnlyList<string> arguments)
    {
        try
        {
            // Once this process has become systemd-run, a failure could only be the end of it.
            if (
                Try([
                    .. NewScope,
                    .. OfWorker,
                    .. OfTransaction,
                    "--description=du-apt tries whether there can be a scope",
                    "--",
                    "/bin/true",
                ]) is
                { } problem
            )
                return problem;
            byte** words = NativeStrings.Copy([
                SystemdRun,
                .. NewScope,
                .. OfWorker,
                $"--unit={Unit}-{Now}",
                "--",
                Environment.ProcessPath!,
                .. arguments,
            ]);
            _ = Libc.Execute(words[0], words);
            return $"cannot start {SystemdRun}: {Libc.Describe(Marshal.GetLastPInvokeError())}";
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }

    /// <summary>The same start in a scope that no shutdown stops, where this process is one that shutdowns wait for.</summary>
    /// <param name="start">What is to be started.</param>
    /// <param name="onProblem">Told why it goes without such a scope.</param>
    internal static ChildStart Transaction(ChildStart start, Action<string> onProblem)
    {
        if (!IsEntered)
            return start;
        string[] scope = [.. NewScope, .. OfTransaction, $"--description=apt and dpkg for {Unit}"];
        if (Try([.. scope, "--", "/bin/true"]) is { } problem)
        {
            onProblem(problem);
            return start;
        }

        string unit = $"--unit=du-apt-transaction-{Environment.ProcessId}-{Now}";
        return start with { Program = SystemdRun, Arguments = [.. scope, unit, "--", start.Program, .. start.Arguments] };
    }

    private static string? Try(string[] arguments)
    {
        using Descriptor errors = Descriptor.InMemory("errors");
        using ChildProcess child = ChildProcess.Spawn(new ChildStart(SystemdRun, arguments, ["LC_ALL=C.UTF-8"]) { Error = errors.Number });
        ExitStatus exit = child.Wait(Patience) ?? child.Terminate(TimeSpan.FromSeconds(1));
        if (exit.IsSuccess)
            return null;
        return $"{SystemdRun} --scope: {exit}: {errors.ReadEnd(LongestTalk).Trim()}";
    }
}
