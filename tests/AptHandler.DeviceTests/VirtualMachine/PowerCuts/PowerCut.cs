using System.Text.Json;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.DeviceTests.VirtualMachine.PowerCuts;

/// <summary>What a power cut hits.</summary>
public enum Fault
{
    /// <summary>An update, from its first moment on.</summary>
    Update,

    /// <summary>The transaction of an update.</summary>
    Transaction,

    /// <summary>The way back.</summary>
    Restore,

    /// <summary>The transaction of an update, and then the recovery from that.</summary>
    Recovery,
}

/// <summary>How a device stands after a power cut and a start.</summary>
/// <param name="Packages">"old" or "new"; "neither" is what must never be, and "unknown" where the machine did not come back.</param>
/// <param name="Problem">What is wrong; empty when nothing is.</param>
public sealed record Verdict(string Packages, string Problem);

/// <summary>One power cut at a moment that its seed tells, and what has become of the device.</summary>
public sealed class PowerCut(int seed)
{
    private const string Recover = "du-apt-handler-recover.service";

    // The reference ran alone and perhaps faster, and the moment after the end is one to look at, too.
    private const double Beyond = 1.25;

    private static readonly string[] StatesOfNew = ["installed", "applied"];
    private static readonly string[] StatesOfOld = ["begun", "downloaded", "backedUp", "failed", "cancelled", "restored"];

    /// <summary>What is hit.</summary>
    public Fault Fault => (Fault)(seed % 4);

    /// <summary>
    /// When: 0 is the beginning, 1 a little after the end. Whatever number of seeds in a row is tried, their moments lie evenly between the
    /// two.
    /// </summary>
    public double Moment => seed * 0.6180339887498949 % 1;

    /// <summary>Where the evidence of failures is kept.</summary>
    private string Evidence => Path.Combine(SourceTree.Root, "artifacts", "power-cuts", $"{seed}");

    /// <summary>Cuts, starts the machine again, and looks.</summary>
    public Verdict Try(ReferenceRun reference)
    {
        Directory.CreateDirectory(Evidence);
        Verdict verdict;
        try
        {
            verdict = CutAndLook(reference);
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException)
        {
            // A machine that does not come back is a result, too.
            verdict = new Verdict("unknown", e.Message);
        }

        if (verdict.Problem.Length == 0)
            Directory.Delete(Evidence, recursive: true);
        return verdict;
    }

    private Verdict CutAndLook(ReferenceRun reference)
    {
        var isRestore = Fault == Fault.Restore;
        using var machine = new Machine($"power-cut-{seed}", isRestore ? reference.NewDisk : reference.OldDisk);
        machine.Start();
        ReferenceRun.Settle(machine);
        machine.Run($"{(isRestore ? ReferenceRun.Restore : ReferenceRun.Deploy)} >/root/said 2>&1 &");
        if (Fault is Fault.Transaction or Fault.Recovery)
            machine.Run($"until {ReferenceRun.IsNow("installing")} || ! pidof -q du-apt; do sleep 0.05; done");
        CutAfter(
            machine,
            Fault switch
            {
                Fault.Update => reference.Preparation + reference.Transaction,
                Fault.Restore => reference.Restoring,
                _ => reference.Transaction,
            }
        );
        if (Fault == Fault.Recovery)
        {
            machine.Start();
            CutAfter(machine, reference.Restoring);
        }

        machine.CopyDiskTo(Path.Combine(Evidence, "cut.img"));
        return Look(machine, reference);
    }

    private void CutAfter(Machine machine, TimeSpan whole)
    {
        Thread.Sleep(whole * Moment * Beyond);
        machine.CutPower();
    }

    private Verdict Look(Machine machine, ReferenceRun reference)
    {
        machine.Start();
        machine.WaitUntil($"[ $(systemctl show --property ActiveState --value {Recover}) != activating ]");
        ReferenceRun.Settle(machine);
        var snapshot = WideUpdate.Snapshot(machine);
        var packages =
            snapshot == reference.Old ? "old"
            : snapshot == reference.New ? "new"
            : "neither";
        List<string> problems = [];
        if (packages == "neither")
            problems.Add("the packages are neither the old ones nor the new ones");
        Expect("systemctl show --property Result --value " + Recover, "success", "the recovery has failed");
        // Only all-digit names are of dpkg's journal: a "tmp.i" beside them is a scratch file, which dpkg never reads and its next run
        // removes.
        Expect("dpkg --audit; find /var/lib/dpkg/updates -name '[0-9]*'", "", "dpkg has something left to do");
        Expect("apt-get -qq check 2>&1", "", "apt has something to say");
        var state = State(machine);
        if (!(packages == "new" ? StatesOfNew : StatesOfOld).Contains(state, StringComparer.OrdinalIgnoreCase))
            problems.Add($"the packages are {packages}, and the record says {state}");
        if (problems.Count > 0)
            Keep(machine, reference, snapshot);
        return new Verdict(packages, string.Join("; ", problems));

        void Expect(string command, string wanted, string problem)
        {
            if (machine.Try(command) is var outcome && (outcome.ExitStatus != 0 || outcome.Output.Trim() != wanted))
                problems.Add($"{problem}: {outcome.Output.Trim()}");
        }
    }

    // A cut that comes before the record leaves none, which is as good as one that has begun.
    private static string State(Machine machine)
    {
        var record = machine.Run("cat $(ls -d /var/lib/du-apt-handler/updates/*/update.json 2>/dev/null | tail -n 1) </dev/null");
        return record.Length == 0 ? StatesOfOld[0] : JsonDocument.Parse(record).RootElement.GetProperty("state").GetString()!;
    }

    private void Keep(Machine machine, ReferenceRun reference, string snapshot)
    {
        foreach (var (name, text) in new[] { ("old", reference.Old), ("new", reference.New), ("found", snapshot) })
            File.WriteAllText(Path.Combine(Evidence, name), text);
        File.WriteAllText(
            Path.Combine(Evidence, "guest"),
            machine
                .Try(
                    $"""
                    systemctl --no-pager status {Recover}
                    journalctl --no-pager --unit {Recover}
                    tail -n +1 /root/said $(find /var/lib/du-apt-handler/updates -type f -size -200k ! -name '*.deb') /var/log/dpkg.log /var/log/adu/du-apt.*.log
                    """
                )
                .Output
        );
        File.Copy(machine.LogFile, Path.Combine(Evidence, "console"), overwrite: true);
    }
}
