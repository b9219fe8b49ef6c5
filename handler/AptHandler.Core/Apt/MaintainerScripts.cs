using System.Diagnostics;
using AptHandler.Native;
using AptHandler.Processes;
using Microsoft.Extensions.Logging;

namespace AptHandler.Apt;

/// <summary>
/// The maintainer scripts of one update that run at the moment. dpkg waits for a script for ever, and a script outlives a dpkg that was killed,
/// when all locks are free already.
/// </summary>
internal sealed class MaintainerScripts(AptSystem system, int update, TimeSpan timeout, ILogger log)
{
    /// <summary>The variable by which processes of an update are known: scripts inherit it from dpkg, and dpkg from us.</summary>
    public const string Variable = "DU_APT_HANDLER_UPDATE";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    private readonly string _tag = FormattableString.Invariant($"{Variable}={update}");
    private readonly string[] _folders = [Path.Combine(system.AdminFolder, "info") + "/", Path.Combine(system.AdminFolder, "tmp.ci") + "/"];
    private long _looked = Stopwatch.GetTimestamp();

    /// <summary>A script that was ended because it took too long, such as <c>foo.postinst</c>; null when there was none.</summary>
    public string? Ended { get; private set; }

    /// <summary>Whether a process belongs to this update.</summary>
    public bool IsOurs(int process) => ProcessTable.IsOfThisUser(process) && ProcessTable.HasVariable(process, _tag);

    /// <summary>
    /// Ends a script for which dpkg has waited too long, with all that it has started. dpkg then takes it for failed, and leaves no journal.
    /// To be called again and again; it looks every few seconds.
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

    /// <summary>Whether an apt-get or dpkg of this update runs, with or without its locks.</summary>
    public bool IsWorking() => ProcessTable.Read().Exists(process => process.Name is "apt-get" or "dpkg" && IsOurs(process.Id));

    /// <summary>Waits for the scripts of a dpkg that is dead. Those that take too long are ended.</summary>
    public void WaitForOrphans()
    {
        for (; Orphan() is var (process, script); Thread.Sleep(Tick))
        {
            if (ProcessTable.Age(process) > timeout)
                End(process, script);
        }
    }

    private (RunningProcess Process, string Script)? Orphan()
    {
        foreach (RunningProcess process in ProcessTable.Read())
        {
            if (IsOurs(process.Id) && ScriptOf(process) is { } script)
                return (process, script);
        }

        return null;
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
        for (long began = Stopwatch.GetTimestamp(); ProcessTable.IsRunning(script) && Stopwatch.GetElapsedTime(began) < Grace;)
            Thread.Sleep(Tick);
        Signal(Libc.SIGKILL);

        // The tree as it is at that moment: a script that handles the first signal may start something else.
        void Signal(int signal)
        {
            List<RunningProcess> tree = ProcessTable.Tree(script.Id, ProcessTable.Read());
            foreach (RunningProcess each in tree.Where(_ => ProcessTable.IsRunning(script)))
                _ = Libc.Kill(each.Id, signal);
        }
    }
}
