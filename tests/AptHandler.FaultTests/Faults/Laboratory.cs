using System.Collections.Concurrent;
using AptHandler.FaultTests.Machines;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.FaultTests.Faults;

/// <summary>Machines to hurt, a few at a time.</summary>
public sealed class Laboratory : IDisposable
{
    // Most of a trial is waiting for processes to be started and to end.
    private const int Machines = 3;

    private const int Killed = 128 + RunningCommand.Kill;

    private readonly PreparedRoots _prepared = new();
    private readonly BlockingCollection<Machine> _machines = [];
    private readonly ConcurrentDictionary<string, Lazy<(FaultPoints Points, Invariant Invariant)>> _scenarios = new(StringComparer.Ordinal);

    public Laboratory()
    {
        for (var count = 0; count < Machines; count++)
            _machines.Add(new Machine(_prepared));
    }

    /// <summary>The points of a scenario.</summary>
    public FaultPoints Points(Scenario scenario) => Known(scenario).Points;

    /// <summary>Tries points side by side.</summary>
    /// <param name="faults">The points.</param>
    /// <param name="onEnd">Told about each trial, one after the other.</param>
    /// <param name="recovers">As for <see cref="Try"/>.</param>
    public IReadOnlyList<Trial> TryAll(
        IEnumerable<(Scenario Scenario, Fault Fault, Fault? Second)> faults,
        Action<Trial>? onEnd = null,
        bool recovers = true
    )
    {
        var trials = new ConcurrentBag<Trial>();
        Parallel.ForEach(
            Partitioner.Create(faults, EnumerablePartitionerOptions.NoBuffering),
            new ParallelOptions { MaxDegreeOfParallelism = Machines },
            each =>
            {
                var trial = Try(each.Scenario, each.Fault, each.Second, recovers);
                trials.Add(trial);
                lock (trials)
                    onEnd?.Invoke(trial);
            }
        );
        return [.. trials.OrderBy(trial => trial.Point, StringComparer.Ordinal)];
    }

    /// <summary>One fault, and one recovery; two recoveries when the first is hit as well.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="fault">The fault.</param>
    /// <param name="second">A fault in the first recovery.</param>
    /// <param name="recovers">False to look at what the fault leaves behind.</param>
    /// <param name="keep">A folder that does not exist, for a copy of the machine as it is in the end.</param>
    public Trial Try(Scenario scenario, Fault fault, Fault? second = null, bool recovers = true, string? keep = null)
    {
        var invariant = Known(scenario).Invariant;
        var machine = _machines.Take();
        try
        {
            machine.Reset(scenario);
            var failures = new List<string>();
            var outcome = machine.DuApt(fault, scenario.Operation(Path.Combine(machine.Root, "manifest.json")));
            var isHit = machine.IsHit;
            var set = PackageSet.Neither;
            string? atRest = null;
            if (outcome.ExitStatus != Killed)
            {
                // Whoever lives cleans up after those who died.
                (set, var early) = invariant.Check(machine);
                if (early.Count > 0)
                    failures.AddRange([
                        $"du-apt ended by itself with {outcome.ExitStatus} and left:",
                        .. early,
                        $"  it said: {LastWords(outcome)}",
                    ]);
                else
                    atRest = machine.UpdateJson;
            }

            if (!recovers)
            {
                if (outcome.ExitStatus == Killed)
                    (set, failures) = invariant.Check(machine);
            }
            else
            {
                if (second is not null)
                    machine.DuApt(second, "recover");
                var recovery = machine.DuApt("recover");
                if (recovery.ExitStatus != 0)
                    failures.Add($"recover ended with {recovery.ExitStatus}: {LastWords(recovery)}");
                var (before, wasAtRest) = (set, atRest is not null);
                (set, var late) = invariant.Check(machine);
                if (late.Count > 0)
                    failures.AddRange(["after recover:", .. late, $"  it said: {LastWords(recovery)}"]);
                if (wasAtRest && (set != before || machine.UpdateJson != atRest))
                    failures.Add($"recover changed a device at rest: from {before} {atRest} to {set} {machine.UpdateJson}");
            }

            if (failures.Count > 0)
                failures.AddRange([
                    $"dpkg was called {string.Join(" | ", machine.DpkgCalls)}",
                    $"scripts: {string.Join(" | ", machine.Scripts)}",
                ]);
            if (keep is not null)
                machine.CopyTo(keep);
            return new Trial(scenario, fault, second, isHit, set, failures);
        }
        catch (Exception e) when (e is TimeoutException or IOException or InvalidOperationException)
        {
            machine.KillAll();
            return new Trial(scenario, fault, second, IsHit: true, PackageSet.Neither, [e.Message]);
        }
        finally
        {
            machine.KillAll();
            _machines.Add(machine);
        }
    }

    public void Dispose()
    {
        foreach (var machine in _machines)
            machine.Dispose();
        _machines.Dispose();
        _prepared.Dispose();
    }

    private static string LastWords(Outcome outcome) =>
        string.Join(" / ", outcome.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(4));

    private (FaultPoints Points, Invariant Invariant) Known(Scenario scenario) =>
        _scenarios.GetOrAdd(scenario.Name, _ => new Lazy<(FaultPoints, Invariant)>(() => Learn(scenario))).Value;

    // What is old and what is new is looked at on a machine, not in the prepared root: both sets are then seen from the same place.
    private (FaultPoints Points, Invariant Invariant) Learn(Scenario scenario)
    {
        var machine = _machines.Take();
        try
        {
            var update = scenario with { IsRestore = false };
            machine.Reset(update);
            var old = machine.Image;
            machine.DuApt(update.Operation(Path.Combine(machine.Root, "manifest.json"))).Succeeded($"deploy {scenario.Name}");
            var @new = machine.Image;
            if (@new.DifferencesFrom(old).Count == 0)
                throw new InvalidOperationException($"cannot use the scenario {scenario.Name}: its update changes nothing");
            return (FaultPoints.Count(machine, scenario), new Invariant(old, @new));
        }
        finally
        {
            _machines.Add(machine);
        }
    }
}
