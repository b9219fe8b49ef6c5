using System.Globalization;
using System.Runtime.InteropServices;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Processes;

/// <summary>
/// The control groups of a worker where systemd runs. When systemd stops a unit, it ends all processes in the group of the unit. A worker
/// starts in the group of the agent. So the worker moves into a separate scope, and its transactions move into another one:
/// <list type="bullet">
/// <item>A shutdown stops the worker's scope, by SIGTERM alone. The worker gives up what it can and waits for dpkg. The shutdown
/// waits for the worker as long as Debian lets it wait for its own unattended upgrades.</item>
/// <item>A shutdown does not stop the scope of a transaction, because that scope has none of the default dependencies. So apt, dpkg and
/// maintainer scripts get no signal while the worker waits for them. One scope for both could not use SIGTERM. Then a daemon that a
/// maintainer script leaves behind would delay every later shutdown.</item>
/// </list>
/// systemd-run needs no D-Bus daemon when root calls it. With a scope, systemd-run becomes the program itself. Process, input and exit
/// status stay the same. The plugin and adu-shell wait for that process.
/// </summary>
public static unsafe class WorkerScope
{
    private const string SystemdRun = "/usr/bin/systemd-run";

    // systemd normally answers quickly. systemd-run itself gives up after 25 seconds.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private const int LongestTalk = 400;

    private static readonly string[] NewScope = ["--quiet", "--scope", "--collect"];

    // Like a service: the scope is stopped before the units that it needs, for example file systems.
    private static readonly string[] OfWorker = ["--property=After=basic.target", "--property=TimeoutStopSec=15min"];
    private static readonly string[] OfTransaction = ["--property=DefaultDependencies=no"];

    /// <summary>Whether systemd runs (sd_booted(3)), and this process is not in a scope made here yet.</summary>
    public static bool IsWanted => Directory.Exists("/run/systemd/system") && !IsEntered;

    // The kernel knows the group for certain. An environment variable could have been set by the caller.
    private static bool IsEntered => File.ReadLines("/proc/self/cgroup").Any(line => line.Contains($"/{Unit}-", StringComparison.Ordinal));

    private static string Unit => $"du-apt-worker-{Environment.ProcessId}";

    // Processes of an earlier worker with the same number may still be in a scope of that name. The time makes the name unique.
    private static string Now => Environment.TickCount64.ToString(CultureInfo.InvariantCulture);

    /// <summary>Starts this program again in a new scope, as the same process. Nothing of the input may have been read yet.</summary>
    /// <param name="arguments">The program's arguments.</param>
    /// <returns>Why the start failed. On success this method does not return.</returns>
    public static string Enter(IReadOnlyList<string> arguments)
    {
        try
        {
            // A trial first: once this process has become systemd-run, a failure would end it.
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

    /// <summary>
    /// The same start in a scope that no shutdown stops. If this process is not in the worker's scope, the start is unchanged.
    /// </summary>
    /// <param name="start">What to start.</param>
    /// <param name="onProblem">Gets the reason when no such scope can be made. The start is unchanged then.</param>
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
