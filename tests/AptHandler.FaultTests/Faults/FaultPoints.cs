using AptHandler.FaultTests.Machines;

namespace AptHandler.FaultTests.Faults;

/// <summary>All points at which the operation of a scenario can be hit, counted in a run that nothing disturbs.</summary>
public sealed class FaultPoints
{
    private readonly (int Call, string SystemCall, int Number)[] _inDpkg;
    private readonly (string SystemCall, int Number)[] _own;
    private readonly int[] _calls;
    private readonly int _scripts;
    private readonly bool _hasApt;

    private FaultPoints(Machine machine, bool hasApt)
    {
        _inDpkg =
        [
            .. Enumerable
                .Range(1, machine.DpkgCalls.Count)
                .SelectMany(call => Numbered(machine.Trace($"calls.{call}")).Select(each => (call, each.SystemCall, each.Number))),
        ];
        _own = [.. Numbered(machine.Trace("calls.own"))];
        // Before the first, which changes nothing, apt's marks are written already.
        _calls = [.. _inDpkg.Select(each => each.Call).Prepend(1).Distinct()];
        _scripts = machine.Scripts.Count;
        _hasApt = hasApt;
    }

    /// <summary>Runs the operation once; the machine is left where it ends.</summary>
    public static FaultPoints Count(Machine machine, Scenario scenario)
    {
        machine.Reset(scenario);
        machine.Plan($"count={Machine.SystemCalls}\n");
        machine.CountOwn(scenario.Operation(Path.Combine(machine.Root, "manifest.json"))).Succeeded($"count the points of {scenario.Name}");
        machine.Plan("");
        return new FaultPoints(machine, !scenario.IsRestore);
    }

    /// <summary>The points for one victim, in the order of time for each kind of place.</summary>
    public IReadOnlyList<Fault> For(Victim victim) =>
        victim switch
        {
            Victim.Dpkg => [.. InDpkg(victim), .. AtScripts(victim)],
            Victim.Apt when !_hasApt => [],
            Victim.Apt => [.. AroundDpkg(victim), .. InDpkg(victim), .. AtScripts(victim)],
            Victim.Worker =>
            [
                .. _own.Select(each => new Fault(victim, Place.Own, each.Number, each.SystemCall)),
                .. AroundDpkg(victim),
                .. AtScripts(victim),
            ],
            Victim.Everything => [.. InDpkg(victim), .. AroundDpkg(victim), .. AtScripts(victim)],
            _ => [.. AtScripts(victim)],
        };

    private IEnumerable<Fault> InDpkg(Victim victim) =>
        _inDpkg.Select(each => new Fault(victim, Place.At, each.Number, each.SystemCall, each.Call));

    private IEnumerable<Fault> AroundDpkg(Victim victim) =>
        [
            .. _hasApt ? new[] { new Fault(victim, Place.Marks) } : [],
            .. _calls.SelectMany(call => new[] { new Fault(victim, Place.Before, Call: call), new Fault(victim, Place.After, Call: call) }),
        ];

    private IEnumerable<Fault> AtScripts(Victim victim) =>
        Enumerable.Range(1, _scripts).Select(number => new Fault(victim, Place.Script, number));

    // strace counts each system call for itself.
    private static IEnumerable<(string SystemCall, int Number)> Numbered(string trace)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in trace.Split('\n'))
        {
            var end = line.IndexOf('(', StringComparison.Ordinal);
            if (end <= 0 || !line[..end].All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)))
                continue;
            var name = line[..end];
            counts[name] = counts.GetValueOrDefault(name) + 1;
            yield return (name, counts[name]);
        }
    }
}
