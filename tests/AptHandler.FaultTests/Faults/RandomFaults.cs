using AptHandler.FaultTests.Machines;

namespace AptHandler.FaultTests.Faults;

/// <summary>Faults by chance: the same seed gives the same ones.</summary>
internal static class RandomFaults
{
    /// <summary>A point of any scenario, and in a third of the cases one in the recovery as well.</summary>
    public static (Scenario Scenario, Fault Fault, Fault? Second) Any(Laboratory laboratory, Random random)
    {
        var scenario = Of(random, Scenarios.All);
        var points = laboratory.Points(scenario);
        // By kind first: there are a hundred times more points in dpkg than around it.
        var kind = Of(random, [.. Enum.GetValues<Victim>().SelectMany(points.For).GroupBy(fault => fault.Kind, StringComparer.Ordinal)]);
        return (scenario, Of(random, [.. kind]), random.Next(3) == 0 ? InRecovery(random) : null);
    }

    /// <summary>A point in a recovery. Where that goes depends on what it finds, so the point may lie behind its end.</summary>
    public static Fault InRecovery(Random random)
    {
        var place = Of(random, [Place.At, Place.At, Place.Before, Place.After, Place.Own]);
        var (call, number, systemCall) = (random.Next(1, 7), random.Next(1, 13), Of(random, ["rename", "fsync", "unlink"]));
        return place switch
        {
            Place.At => new Fault(Of(random, [Victim.Dpkg, Victim.Everything, Victim.Everything]), place, number, systemCall, call),
            Place.Own => new Fault(Victim.Worker, place, number, systemCall),
            _ => new Fault(Of(random, [Victim.Worker, Victim.Everything]), place, Call: call),
        };
    }

    private static T Of<T>(Random random, IReadOnlyList<T> all) => all[random.Next(all.Count)];
}
