using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.CommandLine.Installation.Checks;

/// <summary>Checks whether apt and dpkg are in a state from which an update can start.</summary>
internal static class AptChecks
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static Finding Dpkg(ExaminedDevice device)
    {
        const string Configure = "run sudo dpkg --configure -a";
        IReadOnlyList<string> broken = device.Packages.Names(entry => entry.ReinstallRequired || entry.State == PackageState.HalfInstalled);
        IReadOnlyList<string> unfinished = device.Packages.Names(entry =>
            entry.State is PackageState.Unpacked or PackageState.HalfConfigured
        );
        IReadOnlyList<string> triggers = device.Packages.Names(entry =>
            entry.State is PackageState.TriggersAwaited or PackageState.TriggersPending
        );
        bool isAtRest = !device.Packages.HasJournal && broken.Count + unfinished.Count + triggers.Count == 0;
        if (isAtRest)
            return Finding.Ok($"{device.Packages.Names(entry => entry.IsInstalled).Count} packages are installed, none is half-done");
        if (HolderOf(DpkgLock(device)) is { } holder)
            return Finding.Warning($"dpkg is at work: {RunningProcess.Describe(holder)}", "wait until it has ended, and ask again");
        if (broken.Count > 0)
            return Finding.Problem(
                $"broken, and to be installed anew: {Enumeration.Some(broken)}",
                $"run sudo apt-get --reinstall install {string.Join(' ', broken.Take(Enumeration.Named))}"
            );
        if (unfinished.Count > 0)
            return Finding.Problem($"unpacked, but not configured: {Enumeration.Some(unfinished)}", Configure);
        return device.Packages.HasJournal
            ? Finding.Problem("dpkg was interrupted: its journal was not merged yet", Configure)
            : Finding.Warning($"triggers are to be processed: {Enumeration.Some(triggers)}", Configure);
    }

    public static Finding Consistency(ExaminedDevice device)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            device.Apt.Check(patience.Token);
            return Finding.Ok("the installed packages fit together");
        }
        catch (AptException e)
        {
            bool isBroken = e.Failure.Kind is AptFailureKind.UnmetDependencies or AptFailureKind.BrokenBefore;
            return Finding.Problem(
                $"apt-get check: {e.Failure.Evidence}",
                isBroken
                    ? "look at what sudo apt-get -s -f install would do, then run it without -s"
                    : "mend what apt names here, then ask again"
            );
        }
        catch (OperationCanceledException)
        {
            return Finding.Problem(
                $"apt-get check did not end within {Patience.TotalSeconds} seconds",
                "run sudo apt-get check, and see where it hangs"
            );
        }
    }

    public static Finding Sources(ExaminedDevice device)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            // The sources are counted and not shown, because an address can hold a password.
            int sources = device.Apt.Sources(patience.Token).Count;
            return sources > 0
                ? Finding.Ok(sources == 1 ? "1 source" : $"{sources} sources")
                : Finding.Problem("apt has no sources, so there is nothing to install from", "add one in /etc/apt/sources.list.d");
        }
        catch (AptException e)
        {
            return Finding.Problem(e.Failure.Evidence, "mend the file and line that are named");
        }
        catch (OperationCanceledException)
        {
            return Finding.Problem(
                $"apt-get indextargets did not end within {Patience.TotalSeconds} seconds",
                "run apt-get indextargets, and see where it hangs"
            );
        }
    }

    public static Finding Locks(ExaminedDevice device)
    {
        string lists = Path.Combine(device.Configuration.System.ListsFolder, "lock");
        string archives = Path.Combine(device.Configuration.System.ArchivesFolder, "lock");
        foreach (string path in new[] { DpkgLock(device) + "-frontend", DpkgLock(device), lists, archives })
        {
            if (HolderOf(path) is { } holder)
            {
                return Finding.Warning(
                    $"{path} is held by {RunningProcess.Describe(holder)}",
                    "an update waits for it; wait, too; if it hangs, end that process, then run sudo dpkg --configure -a"
                );
            }
        }

        return Finding.Ok("nobody holds a lock of apt or dpkg");
    }

    private static string DpkgLock(ExaminedDevice device) =>
        Path.Combine(Path.GetDirectoryName(device.Configuration.System.StatusFile)!, "lock");

    private static int? HolderOf(string path)
    {
        try
        {
            using var file = Descriptor.Open(path, Libc.O_RDONLY | Libc.O_NONBLOCK);
            return file.LockHolder();
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
