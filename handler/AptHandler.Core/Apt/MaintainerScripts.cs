using System.Diagnostics;
using AptHandler.Native;
using AptHandler.Processes;
using Microsoft.Extensions.Logging;

namespace AptHandler.Apt;

/// <summary>
/// The running maintainer scripts of one update. dpkg waits for a script for ever. A script also goes on after its dpkg was killed, when
/// all locks are already free.
/// </summary>
internal sealed class MaintainerScripts(AptSystem system, string token, TimeSpan timeout, ILogger log)
{
    /// <summary>The environment variable that marks the processes of an update: scripts inherit it from dpkg, and dpkg from us.</summary>
    public const string Variable = "DU_APT_HANDLER_UPDATE";

    // A whole update of many packages may take this many times the limit for one script.
    private const int MostTimeouts = 8;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    private readonly string _tag = $"{Variable}={token}";
    private readonly string[] _folders = [Path.Combine(system.AdminFolder, "info") + "/", Path.Combine(system.AdminFolder, "tmp.ci") + "/"];
    private long _looked = Stopwatch.GetTimestamp();

    /// <summary>A script that was ended because it took too long, such as <c>foo.postinst</c>; null when there was none.</summary>
    public string? Ended { get; private set; }

    /// <summary>Whether a process belongs to this update.</summary>
    public bool IsOurs(int process) => ProcessTable.IsStartedByThisUser(process) && ProcessTable.HasVariable(process, _tag);

    /// <summary>
    /// Ends a script that dpkg has waited for too long, with all processes that it has started. dpkg then treats the script as failed, and
    /// leaves no journal. Call this repeatedly; it looks every few seconds.
    /// </summary>
    public void EndHanging()
    {
        if (Stopwatch.GetElapsedTime(_looked) < Interval)
            return;
        _looked = Stopwatch.GetTimestamp();
        List<RunningProcess> all = ProcessTable.Read();
        foreach (RunningProcess dpkg in all.FindAll(process => process.Name == "dpkg" && IsOurs(process.Id)))
        {
            foreach (RunningProcess child in all.FindAll(process => process.Parent == dpkg.Id))
            {
                if (ScriptOf(child) is { } script && ProcessTable.Age(child) > timeout)
                    End(child, script);
            }
        }
    }

    /// <summary>
    /// Waits for an apt-get or dpkg of this update that still runs after its worker died, with or without its locks. Scripts that hang are
    /// ended.
    /// </summary>
    /// <exception cref="AptException">The program does not end, although no script hangs.</exception>
    public void WaitForPrograms(CancellationToken cancellation) => WaitWhile(FindProgram, _ => EndHanging(), cancellation);

    /// <summary>An apt-get or dpkg of this update, or null.</summary>
    public RunningProcess? FindProgram() => ProcessTable.Read().Find(process => process.Name is "apt-get" or "dpkg" && IsOurs(process.Id));

    /// <summary>Waits for the scripts of a dpkg that is dead. Those that take too long are ended.</summary>
    /// <exception cref="AptException">A script cannot be ended.</exception>
    public void WaitForOrphans(CancellationToken cancellation) =>
        WaitWhile(
            () => ProcessTable.Read().Find(process => IsOurs(process.Id) && ScriptOf(process) is not null),
            process =>
            {
                if (ProcessTable.Age(process) > timeout && ScriptOf(process) is { } script)
                    End(process, script);
            },
            cancellation
        );

    // A process that hangs in the kernel cannot be ended, and must not block everything for ever.
    private void WaitWhile(Func<RunningProcess?> find, Action<RunningProcess> attend, CancellationToken cancellation)
    {
        for (long began = Stopwatch.GetTimestamp(); find() is { } process; cancellation.WaitHandle.WaitOne(Tick))
        {
            cancellation.ThrowIfCancellationRequested();
            attend(process);
            if (Stopwatch.GetElapsedTime(began) > MostTimeouts * timeout)
            {
                string text = $"{process.Name} (process {process.Id}) of this update still runs";
                throw new AptException(new AptFailure(AptFailureKind.Locked, process.Name, text));
            }
        }
    }

    // "/bin/sh -e /var/lib/dpkg/info/foo.postinst configure": an interpreter, or the script itself.
    private string? ScriptOf(RunningProcess process)
    {
        const int Most = 4;
        foreach (string word in ProcessTable.Arguments(process.Id).Take(Most))
        {
            if (Array.Exists(_folders, folder => word.StartsWith(folder, StringComparison.Ordinal)))
                return Path.GetFileName(word);
        }

        return null;
    }

    private void End(RunningProcess script, string name)
    {
        log.LogError("{Script} took longer than {Minutes} minutes and is ended", name, timeout.TotalMinutes);
        Ended = name;
        Signal(Libc.SIGTERM);
        for (long began = Stopwatch.GetTimestamp(); ProcessTable.IsRunning(script) && Stopwatch.GetElapsedTime(began) < Grace; )
            Thread.Sleep(Tick);
        Signal(Libc.SIGKILL);

        // The tree is read again for each signal: a script that handles the first signal may start another process.
        void Signal(int signal)
        {
            List<RunningProcess> tree = ProcessTable.Tree(script.Id, ProcessTable.Read());
            foreach (RunningProcess each in tree.Where(_ => ProcessTable.IsRunning(script)))
                _ = Libc.Kill(each.Id, signal);
        }
    }
}
