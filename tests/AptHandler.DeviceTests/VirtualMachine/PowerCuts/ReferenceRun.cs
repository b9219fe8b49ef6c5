using AptHandler.SystemTests.Fixtures;

namespace AptHandler.DeviceTests.VirtualMachine.PowerCuts;

/// <summary>
/// The update and its restore without a disturbance: what a device looks like before and after, how long that takes, and a disk to begin
/// with for either. Everything else is compared with this.
/// </summary>
public sealed class ReferenceRun : IDisposable
{
    private readonly TemporaryFolder _disks = new("reference");

    /// <summary>Runs it on a machine of its own.</summary>
    public ReferenceRun()
    {
        using var machine = new Machine("power-cut-reference");
        machine.Start();
        Settle(machine);
        WideUpdate.Prepare(machine);
        Old = WideUpdate.Snapshot(machine);
        machine.CopyDiskTo(OldDisk);

        // A machine that has just started has nothing in memory, either.
        const string Forget = "echo 3 >/proc/sys/vm/drop_caches";
        machine.Run(Forget);
        (Preparation, Transaction) = Measure(machine, Deploy, "installing");
        New = WideUpdate.Snapshot(machine);
        machine.CopyDiskTo(NewDisk);

        machine.Run(Forget);
        var (before, after) = Measure(machine, Restore, "restoring");
        Restoring = before + after;
        WideUpdate.Snapshot(machine).Should().Be(Old, "an update that is restored leaves nothing behind");

        // What equals one of these has also the shipped content in every file, but for those that were edited.
        WideUpdate.NotAsShipped(Old).Should().Be("./etc/parts/legacy.conf: FAILED\n./etc/parts/sensor.conf: FAILED\n");
        WideUpdate.NotAsShipped(New).Should().Be("./etc/parts/sensor.conf: FAILED\n");
    }

    /// <summary>Does the update.</summary>
    public static string Deploy => $"du-apt deploy {WideUpdate.Manifest}";

    /// <summary>Undoes it.</summary>
    public static string Restore => "du-apt restore";

    /// <summary>A snapshot of a device before the update.</summary>
    public string Old { get; }

    /// <summary>A snapshot of a device after the update.</summary>
    public string New { get; }

    /// <summary>The disk of a device before the update.</summary>
    public string OldDisk => Path.Combine(_disks, "old.img");

    /// <summary>The disk of a device after the update.</summary>
    public string NewDisk => Path.Combine(_disks, "new.img");

    /// <summary>How long the update takes until its transaction begins.</summary>
    public TimeSpan Preparation { get; }

    /// <summary>How long it takes from there to its end.</summary>
    public TimeSpan Transaction { get; }

    /// <summary>How long a restore takes.</summary>
    public TimeSpan Restoring { get; }

    public void Dispose() => _disks.Dispose();

    /// <summary>Waits until a machine that was started has nothing left to do.</summary>
    public static void Settle(Machine machine) => machine.Run("systemctl is-system-running --wait || systemctl --no-pager --failed");

    /// <summary>A shell condition: the newest update is in a state.</summary>
    public static string IsNow(string state) =>
        $"grep -Eqsi '\"state\": *\"{state}\"' $(ls -d /var/lib/du-apt-handler/updates/*/update.json 2>/dev/null | tail -n 1)";

    // In the guest, and by its clock: the way to it and back takes a while, too.
    private static (TimeSpan Before, TimeSpan After) Measure(Machine machine, string command, string state)
    {
        var output = machine.Run(
            $$"""
            now() { date +%s%N; }
            began=$(now)
            {{command}} >/root/said 2>&1 &
            until {{IsNow(state)}} || ! kill -0 $! 2>/dev/null; do sleep 0.05; done
            middle=$(now)
            wait $! || { cat /root/said; exit 1; }
            echo $(((middle - began) / 1000000)) $((($(now) - middle) / 1000000))
            """
        );
        var times = output.Trim().Split('\n')[^1].Split(' ');
        return (TimeSpan.FromMilliseconds(int.Parse(times[0])), TimeSpan.FromMilliseconds(int.Parse(times[1])));
    }
}
