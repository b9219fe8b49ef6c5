using System.Globalization;
using AptHandler.FaultTests.Faults;
using AptHandler.FaultTests.Machines;

namespace AptHandler.FaultTests;

/// <summary>Faults at random points: what a fixed sample cannot reach is reached in the end.</summary>
internal static class Soak
{
    /// <summary>Many random points.</summary>
    /// <param name="runs">How many.</param>
    /// <param name="seed">Of the first one; the next have the next.</param>
    /// <returns>The exit status.</returns>
    public static int Run(int runs, int seed)
    {
        using var laboratory = new Laboratory();
        using var interrupted = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            interrupted.Cancel();
        };
        var seeds = new Dictionary<string, int>(StringComparer.Ordinal);
        var (done, failed, unusable) = (0, 0, 0);
        var trials = laboratory.TryAll(
            Points(),
            trial =>
            {
                done++;
                failed += trial.Failures.Count > 0 ? 1 : 0;
                if (trial.Failures.Count > 0)
                {
                    Erase();
                    int own;
                    lock (seeds)
                        own = seeds[trial.Point];
                    Console.WriteLine($"seed {own}: {trial}");
                }

                if (!Console.IsOutputRedirected)
                    Console.Write($"\r{done} of {runs}, {failed} failed");
            }
        );
        Erase();
        Print(trials);
        Console.WriteLine($"{trials.Count} tried from seed {seed}, {failed} failed{(unusable > 0 ? $", {unusable} could not begin" : "")}");
        foreach (var trial in trials.Where(trial => trial.Failures.Count > 0))
            Console.WriteLine($"repeat with: scripts/soak.sh 1 {seeds[trial.Point]}   or: scripts/soak.sh {trial.Point}");
        return failed + unusable == 0 ? 0 : 1;

        IEnumerable<(Scenario, Fault, Fault?)> Points()
        {
            for (var each = seed; each < seed + runs && !interrupted.IsCancellationRequested; each++)
            {
                (Scenario Scenario, Fault Fault, Fault? Second) point;
                try
                {
                    point = RandomFaults.Any(laboratory, new Random(each));
                }
                catch (InvalidOperationException e)
                {
                    // Without a fault it does not work either: there is nothing to count.
                    Console.WriteLine($"seed {each}: {e.Message}");
                    unusable++;
                    continue;
                }

                lock (seeds)
                    seeds[new Trial(point.Scenario, point.Fault, point.Second, IsHit: false, PackageSet.Neither, []).Point] = each;
                yield return point;
            }
        }
    }

    /// <summary>How many points there are.</summary>
    /// <returns>The exit status.</returns>
    public static int List()
    {
        using var laboratory = new Laboratory();
        foreach (var scenario in Scenarios.All)
        {
            var counts = Enum.GetValues<Victim>()
                .SelectMany(laboratory.Points(scenario).For)
                .GroupBy(fault => fault.Kind, StringComparer.Ordinal);
            Console.WriteLine($"{scenario.Name}: {string.Join(", ", counts.Select(kind => $"{kind.Key} {kind.Count()}"))}");
        }

        return 0;
    }

    /// <summary>One point, in detail; the machine is kept to look at.</summary>
    /// <returns>The exit status.</returns>
    public static int Repeat(Scenario scenario, Fault fault, Fault? second)
    {
        using var laboratory = new Laboratory();
        var kept = Path.Combine(Directory.CreateTempSubdirectory("du-apt-soak-").FullName, "machine");
        var trial = laboratory.Try(scenario, fault, second, keep: kept);
        Console.WriteLine(trial);
        Console.WriteLine($"{(trial.IsHit ? "hit" : "not reached")}; the {Lower(trial.Set)} set; the machine is kept in {kept}");
        return trial.Failures.Count == 0 ? 0 : 1;
    }

    private static void Print(IReadOnlyList<Trial> trials)
    {
        const string Row = "{0,-22} {1,7} {2,7} {3,7} {4,9} {5,12}";
        Console.WriteLine(string.Format(CultureInfo.InvariantCulture, Row, "fault", "tried", "old", "new", "failures", "not reached"));
        foreach (
            var kind in trials
                .GroupBy(trial => trial.Second is null ? trial.Fault.Kind : "two faults", StringComparer.Ordinal)
                .OrderBy(kind => kind.Key, StringComparer.Ordinal)
        )
            PrintRow(kind.Key, [.. kind]);
        PrintRow("all", trials);

        static void PrintRow(string name, IReadOnlyList<Trial> trials) =>
            Console.WriteLine(
                string.Format(
                    CultureInfo.InvariantCulture,
                    Row,
                    name,
                    trials.Count,
                    Count(trials, PackageSet.Old),
                    Count(trials, PackageSet.New),
                    trials.Count(trial => trial.Failures.Count > 0),
                    trials.Count(trial => !trial.IsHit)
                )
            );

        static int Count(IReadOnlyList<Trial> trials, PackageSet set) =>
            trials.Count(trial => trial.Failures.Count == 0 && trial.Set == set);
    }

    private static void Erase()
    {
        if (!Console.IsOutputRedirected)
            Console.Write("\r\u001b[K");
    }

#pragma warning disable CA1308 // A word of a sentence.
    private static string Lower(PackageSet set) => set.ToString().ToLowerInvariant();
#pragma warning restore CA1308
}
