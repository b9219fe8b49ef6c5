using System.Runtime.InteropServices;
using AptHandler.Native;

namespace AptHandler.CommandLine.Installation.Checks;

/// <summary>Checks what the machine provides to the handler.</summary>
internal static class SystemChecks
{
    private const ulong Mebibyte = 1 << 20;
    private const ulong LittleSpace = 100 * Mebibyte;
    private const ulong NoSpace = 10 * Mebibyte;
    private const ulong FewFiles = 1000;
    private const ulong NoFiles = 10;
    private const nuint ReadOnly = 1;

    public static Finding Rights(ExaminedDevice device) =>
        device.IsRoot
            ? Finding.Ok("everything can be looked at")
            : Finding.Warning("not everything can be looked at without root's rights", device.Run("doctor"));

    public static Finding Configuration(ExaminedDevice device) =>
        device.ConfigurationProblem is { } problem
            ? Finding.Problem(problem, "mend it; until then every update fails, and what follows here is about the defaults")
            : Finding.Ok("the configuration is valid");

    public static Finding FreeSpace(ExaminedDevice device)
    {
        var worst = Finding.Ok("");
        var free = new List<string>();
        var seen = new HashSet<ulong>();
        foreach (
            string path in new[]
            {
                device.Configuration.System.RootFolder,
                device.Configuration.System.ArchivesFolder,
                device.Configuration.StateDir,
            }
        )
        {
            string folder = Existing(path);
            Libc.FileSystemStatus status = StatusOf(folder);
            if (!seen.Add(status.Identifier) && status.Identifier != 0)
                continue;
            Finding finding = Judge(folder, status);
            free.Add(finding.Found);
            if (finding.Gravity > worst.Gravity)
                worst = finding;
        }

        return worst.Gravity == Gravity.Ok ? Finding.Ok(string.Join("; ", free)) : worst;
    }

    // Without a scope the worker is in the agent's control group, and is killed with it.
    public static Finding Systemd(ExaminedDevice device)
    {
        const string UntilThen = "do not stop the agent while an update runs";
        if (!Directory.Exists("/run/systemd/system"))
            return Finding.Ok("not running here, so nobody kills the worker together with the agent");
        const string NoScope = "the worker cannot get a scope of its own: there is no ";
        if (!Path.Exists("/usr/bin/systemd-run"))
            return Finding.Warning($"{NoScope}/usr/bin/systemd-run", $"install the package systemd; until then {UntilThen}");
        if (!Path.Exists("/run/systemd/private"))
            return Finding.Warning($"{NoScope}/run/systemd/private, so systemd does not answer here", UntilThen);
        return Finding.Ok("the worker can get a scope of its own");
    }

    private static Finding Judge(string folder, Libc.FileSystemStatus status)
    {
        ulong bytes = status.AvailableBlocks * status.FragmentSize;
        string space = $"{folder} has {bytes / Mebibyte} MiB free";
        if ((status.Flags & ReadOnly) != 0)
            return Finding.Problem($"{folder} is mounted read-only", "see dmesg for the reason, then mount it writable");
        if (bytes < LittleSpace)
            return new Finding(
                bytes < NoSpace ? Gravity.Problem : Gravity.Warning,
                space,
                "make room there: sudo apt-get clean, or sudo journalctl --vacuum-size=50M"
            );

        // Some file systems have no fixed number of files, and say 0.
        if (status.Files > 0 && status.AvailableFiles < FewFiles)
        {
            return new Finding(
                status.AvailableFiles < NoFiles ? Gravity.Problem : Gravity.Warning,
                $"{folder} has room for {status.AvailableFiles} more files only",
                "remove files there that nobody needs"
            );
        }

        return Finding.Ok(space);
    }

    private static unsafe Libc.FileSystemStatus StatusOf(string folder)
    {
        Libc.FileSystemStatus status = default;
        return Libc.FileSystem(folder, &status) == 0
            ? status
            : throw new IOException($"cannot tell the free space of {folder}: {Libc.Describe(Marshal.GetLastPInvokeError())}");
    }

    private static string Existing(string path)
    {
        string folder = path;
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } parent)
            folder = parent;
        return folder;
    }
}
