using System.Runtime.InteropServices;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Processes;

/// <summary>
/// A child process that is safe from its parent, and its parent from it.
/// <list type="bullet">
/// <item>posix_spawn, because the runtime's own Process class installs signal handlers in the agent, and hangs where the host
/// reaps children.</item>
/// <item>All signals at their default and unblocked: the runtime ignores SIGPIPE, and maintainer scripts would inherit that.</item>
/// <item>A session of its own: a signal to the parent's process group or terminal does not reach apt in the middle of a transaction.</item>
/// <item>Output goes to files. With a pipe, a daemon that a maintainer script leaves behind would keep the reader waiting for ever,
/// and the death of the reader would kill apt and dpkg.</item>
/// </list>
/// </summary>
public sealed unsafe class ChildProcess : IDisposable
{
    // Without pidfd_open(2) (Linux before 5.3) the end of a child is noticed this late.
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly int _processDescriptor;
    private ExitStatus? _exit;

    private ChildProcess(int id)
    {
        Id = id;
        const nint PidfdOpen = 434;
        _processDescriptor = (int)Libc.SystemCall(PidfdOpen, id, 0);
    }

    /// <summary>Process id, which is also the id of the child's session and process group.</summary>
    public int Id { get; }

    /// <summary>Runs a program of which nothing is wanted but that it succeeds.</summary>
    /// <param name="start">The program.</param>
    /// <param name="patience">How long it may take.</param>
    /// <param name="failure">What is said of it where it does not; its own words follow.</param>
    /// <exception cref="IOException">It does not succeed.</exception>
    public static void RunToSuccess(ChildStart start, TimeSpan patience, string failure)
    {
        const int LongestTalk = 400;
        using var errors = Descriptor.InMemory("errors");
        using ChildProcess child = Spawn(start with { Error = errors.Number });
        ExitStatus exit = child.Wait(patience) ?? child.Terminate(TimeSpan.FromSeconds(1));
        if (!exit.IsSuccess)
            throw new IOException($"{failure}: {exit}: {errors.ReadEnd(LongestTalk).Trim()}");
    }

    /// <summary>Starts a child.</summary>
    /// <exception cref="IOException">The program cannot be started; the message says why.</exception>
    public static ChildProcess Spawn(ChildStart start)
    {
        using var nothing = Descriptor.Open("/dev/null", Libc.O_RDWR);
        byte* attributes = stackalloc byte[Libc.OpaqueSize];
        byte* actions = stackalloc byte[Libc.OpaqueSize];
        byte* signals = stackalloc byte[Libc.OpaqueSize];
        byte** arguments = NativeStrings.Copy([start.Program, .. start.Arguments]);
        byte** environment = NativeStrings.Copy(start.Environment);
        byte** folder = NativeStrings.Copy(start.Folder is null ? [] : [start.Folder]);
        _ = Libc.SpawnAttributesInit(attributes);
        _ = Libc.SpawnFileActionsInit(actions);
        try
        {
            _ = Libc.SpawnAttributesSetFlags(
                attributes,
                Libc.POSIX_SPAWN_SETSIGDEF | Libc.POSIX_SPAWN_SETSIGMASK | Libc.POSIX_SPAWN_SETSID
            );
            _ = Libc.SignalSetFill(signals);
            _ = Libc.SpawnAttributesSetSignalDefault(attributes, signals);
            _ = Libc.SignalSetEmpty(signals);
            _ = Libc.SpawnAttributesSetSignalMask(attributes, signals);
            _ = Libc.SpawnFileActionsDuplicate(actions, start.Input ?? nothing.Number, 0);
            _ = Libc.SpawnFileActionsDuplicate(actions, start.Output ?? nothing.Number, 1);
            _ = Libc.SpawnFileActionsDuplicate(actions, start.Error ?? nothing.Number, 2);
            if (start.Extra is { } extra)
                _ = Libc.SpawnFileActionsDuplicate(actions, extra, 3);

            if (folder[0] is not null)
                _ = Libc.SpawnFileActionsChangeFolder(actions, folder[0]);

            int id;
            int error = Libc.Spawn(&id, arguments[0], actions, attributes, arguments, environment);
            return error == 0
                ? new ChildProcess(id)
                : throw new IOException($"cannot start {start.Program}: {Libc.Describe(error)}", error);
        }
        finally
        {
            _ = Libc.SpawnFileActionsDestroy(actions);
            _ = Libc.SpawnAttributesDestroy(attributes);
            NativeStrings.Free(arguments);
            NativeStrings.Free(environment);
            NativeStrings.Free(folder);
        }
    }

    /// <summary>Waits for the end of the child, at most for a time.</summary>
    /// <returns>How it ended, or null when it is still running.</returns>
    public ExitStatus? Wait(TimeSpan timeout)
    {
        WaitUntil(TryReap, timeout);
        return _exit;
    }

    /// <summary>Sends a signal to the child and all that it started in its process group. A child that has ended gets none.</summary>
    public void Signal(int signal)
    {
        // After the child was reaped its number may belong to somebody else.
        if (!TryReap())
            _ = Libc.Kill(-Id, signal);
    }

    /// <summary>
    /// Asks the child and its process group to end, and ends what has not done so: the child when its time is over, what it has started in
    /// its group when the child itself has ended.
    /// </summary>
    /// <param name="grace">How long the child may take to end by itself.</param>
    public ExitStatus Terminate(TimeSpan grace)
    {
        Signal(Libc.SIGTERM);
        // Not reaped before the group got its second signal: the number of a child that is not reaped cannot become that of another group.
        WaitUntil(HasEnded, grace);
        if (_exit is null)
            _ = Libc.Kill(-Id, Libc.SIGKILL);
        return Wait(TimeSpan.FromSeconds(10)) ?? ExitStatus.Unknown;
    }

    /// <summary>Forgets the child. It goes on running when it has not ended.</summary>
    public void Dispose()
    {
        if (_processDescriptor >= 0)
            _ = Libc.Close(_processDescriptor);
    }

    private void WaitUntil(Func<bool> isSo, TimeSpan timeout)
    {
        long deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        while (!isSo())
        {
            long left = deadline - Environment.TickCount64;
            if (left <= 0)
                return;
            if (_processDescriptor >= 0)
            {
                var descriptor = new Libc.PollDescriptor { Descriptor = _processDescriptor, Events = Libc.POLLIN };
                _ = Libc.Poll(&descriptor, 1, (int)Math.Min(left, int.MaxValue));
            }
            else
            {
                Thread.Sleep((int)Math.Min(left, PollInterval.TotalMilliseconds));
            }
        }
    }

    // Whether there is nothing to wait for any more; leaves the exit status where it is.
    private bool HasEnded()
    {
        if (_exit is not null)
            return true;
        Libc.ChildInformation information = default;
        if (Libc.WaitId(Libc.P_PID, (uint)Id, &information, Libc.WEXITED | Libc.WNOHANG | Libc.WNOWAIT) == 0)
            return information.ProcessId == Id;
        return TryReap();
    }

    private bool TryReap()
    {
        if (_exit is not null)
            return true;
        int status;
        int reaped = Libc.WaitPid(Id, &status, Libc.WNOHANG);
        if (reaped == Id)
            _exit = ExitStatus.FromWait(status);
        else if (reaped < 0 && Marshal.GetLastPInvokeError() == Libc.ECHILD)
            _exit = ExitStatus.Unknown;
        return _exit is not null;
    }
}
