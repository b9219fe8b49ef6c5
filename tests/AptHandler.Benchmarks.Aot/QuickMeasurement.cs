using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace AptHandler.Benchmarks;

/// <summary>
/// The median of many short batches, and the best one, which a busy machine disturbs least: what tests/native/peers.cpp does, in a few
/// seconds and in the same form.
/// </summary>
public static class QuickMeasurement
{
    private const int Batches = 301;

    /// <summary>Measures and prints one line of JSON.</summary>
    /// <param name="name">What is measured.</param>
    /// <param name="operations">How many operations <paramref name="work"/> does.</param>
    /// <param name="work">The work; its result keeps the compiler from leaving it out.</param>
    public static void Print(string name, int operations, Func<int> work)
    {
        int checksum = 0;
        int rounds = 0;
        // Long enough for the compiler to reach its last tier.
        long begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begin) < TimeSpan.FromSeconds(1.5))
        {
            checksum = work();
            rounds++;
        }

        int roundsOfBatch = (rounds / 1500) + 1;
        double[] times = new double[Batches];
        for (int batch = 0; batch < Batches; batch++)
        {
            begin = Stopwatch.GetTimestamp();
            for (int round = 0; round < roundsOfBatch; round++)
                checksum = work();
            times[batch] = Stopwatch.GetElapsedTime(begin).TotalNanoseconds / roundsOfBatch / operations;
        }

        Array.Sort(times);
        string code = RuntimeFeature.IsDynamicCodeCompiled
            ? "compiled just in time (the product is compiled ahead of time)"
            : "compiled ahead of time";
        Console.WriteLine(
            $$"""{"peer":"{{name}}","nanoseconds":{{times[Batches / 2]:F2}},"best":{{times[0]:F2}},"checksum":{{checksum}},"""
                + $$""" "runtime":"{{Environment.Version}}, {{code}}"}"""
        );
    }
}
