using AptHandler.FaultTests.Machines;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Rollback.WayBack;

namespace AptHandler.FaultTests.Faults;

/// <summary>A device has the packages from before an update or those from after it, and its record says which.</summary>
/// <param name="old">As it was before the update.</param>
/// <param name="new">As it is after an update that nothing disturbed.</param>
public sealed class Invariant(MachineImage old, MachineImage @new)
{
    private const int MostLines = 14;
    private const int LongestCommand = 160;

    private static readonly string[] RecordedNew = ["installed", "applied"];
    private static readonly string[] RecordedOld = ["begun", "downloaded", "backedUp", "failed", "cancelled", "restored"];

    /// <summary>Looks at a machine.</summary>
    /// <returns>Which set it has, and what is not as it must be.</returns>
    public (PackageSet Set, List<string> Failures) Check(Machine machine)
    {
        var failures = new List<string>();
        if (machine.Running() is { Count: > 0 } running)
        {
            failures.Add(
                $"still running: {string.Join("; ", running.Select(each => each.Length <= LongestCommand ? each : each[..LongestCommand]))}"
            );
            machine.KillAll();
        }

        var here = machine.Image;
        var (fromOld, fromNew) = (here.DifferencesFrom(old), here.DifferencesFrom(@new));
        var set =
            fromOld.Count == 0 ? PackageSet.Old
            : fromNew.Count == 0 ? PackageSet.New
            : PackageSet.Neither;
        if (set == PackageSet.Neither)
        {
            var (name, differences) = fromOld.Count <= fromNew.Count ? ("old", fromOld) : ("new", fromNew);
            failures.Add($"neither set; {differences.Count} differences from the {name} one:");
            failures.AddRange(differences.Take(MostLines).Select(line => $"  {line}"));
        }

        CheckRecord(machine, set, failures);
        CheckDpkg(machine, failures);
        return (set, failures);
    }

    private static void CheckRecord(Machine machine, PackageSet set, List<string> failures)
    {
        if (machine.UpdateState is not { } state)
        {
            if (set == PackageSet.New)
                failures.Add("the new set, and no record of it");
            return;
        }

        var recorded =
            RecordedNew.Contains(state, StringComparer.OrdinalIgnoreCase) ? PackageSet.New
            : RecordedOld.Contains(state, StringComparer.OrdinalIgnoreCase) ? PackageSet.Old
            : PackageSet.Neither;
        if (recorded == PackageSet.Neither)
            failures.Add($"the record is not at rest: {state}");
        else if (set != PackageSet.Neither && set != recorded)
            failures.Add($"the record says {state}, and the set is the {(set == PackageSet.Old ? "old" : "new")} one");
    }

    private static void CheckDpkg(Machine machine, List<string> failures)
    {
        var journal = Directory
            .EnumerateFiles(Path.Combine(machine.Root, "var/lib/dpkg/updates"))
            .Select(Path.GetFileName)
            .Where(name => name!.All(char.IsAsciiDigit))
            .ToList();
        if (journal.Count > 0)
            failures.Add($"dpkg's journal holds {string.Join(", ", journal)}");
        var audit = Command.Run("dpkg", [$"--root={machine.Root}", "--audit"]);
        if (audit.ExitStatus != 0 || audit.Text.Length > 0)
            failures.Add($"dpkg --audit: {audit.ExitStatus} {audit.Text.ReplaceLineEndings(" / ")}");
        var check = PrivateRootScript.Try(["apt", machine.Root, "-q", "check"]);
        if (check.ExitStatus != 0)
            failures.Add($"apt-get check: {check.ExitStatus} {check.Errors.ReplaceLineEndings(" / ")}");
    }
}
