using System.Runtime.InteropServices;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Processes;

/// <summary>
/// A child process. Child and parent are protected from each other.
/// <list type="bullet">
/// <item>The child is started with posix_spawn. The runtime's Process class installs signal handlers in the agent. It also hangs where
/// the host reaps children.</item>
/// <item>All signals have their default action and are unblocked. The runtime ignores SIGPIPE, and maintainer scripts would inherit
/// that.</item>
/// <item>The child has a separate session. A signal to the parent's process group or terminal does not reach apt in the middle of a
/// transaction.</item>
/// <item>Output goes to files. With a pipe, a daemon that a maintainer script leaves behind would keep the reader waiting for ever.
/// Also, apt and dpkg would be killed when the reader ends.</item>
/// </list>
/// </summary>
public sealed unsafe class ChildProcess : IDisposable
{
    // Linux before 5.3 has no pidfd_open(2). There the end of a child is noticed with this delay.
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

    /// <summary>Runs a program to its end. Only its success counts.</summary>
    /// <param name="start">The program.</param>
    /// <param name="patience">How long the program may run.</param>
    /// <param name="failure">The start of the message when the program fails. The program's error output follows it.</param>
    /// <exception cref="IOException">The program fails.</exception>
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

    /// <summary>Waits until the child ends, or the time is over.</summary>
    /// <returns>How the child ended, or null when it is still running.</returns>
    public ExitStatus? Wait(TimeSpan timeout)
    {
        WaitUntil(TryReap, timeout);
        return _exit;
    }

    /// <summary>Sends a signal to the child and to everything in its process group. A child that has ended gets no signal.</summary>
    public void Signal(int signal)
    {
        // When the child has been reaped, another process may have its number.
        if (!TryReap())
            _ = Libc.Kill(-Id, signal);
    }

    /// <summary>
    /// Ends the child and its process group. The child gets some time to end by itself, and is killed after that. What is left of its group
    /// is killed when the child has ended.
    /// </summary>
    public ExitStatus Terminate(TimeSpan grace)
    {
        Signal(Libc.SIGTERM);
        // The child is reaped only after the second signal. Until then, no other group can get its number.
        WaitUntil(HasEnded, grace);
        if (_exit is null)
            _ = Libc.Kill(-Id, Libc.SIGKILL);
        return Wait(TimeSpan.FromSeconds(10)) ?? ExitStatus.Unknown;
    }

    /// <summary>Stops watching the child. A child that still runs goes on.</summary>
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

    // Whether the child has ended. Does not reap it, so the exit status can still be read.
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
