using System.Diagnostics;

namespace AptHandler.Fuzzing.Engine;

/// <summary>
/// Tries inputs on one target: first its seeds as they are, then what is made of them. The same seed number tries the same inputs.
/// </summary>
/// <param name="target">The target.</param>
/// <param name="seeds">Inputs to begin with.</param>
/// <param name="number">The seed number.</param>
/// <param name="watchdog">Notices an input that takes too long.</param>
internal sealed class TargetRun(FuzzTarget target, IReadOnlyList<byte[]> seeds, int number, Watchdog watchdog)
{
    // More inputs than these only dilute those that reach something.
    private const int MostKept = 5000;

    // Large ones go round loops more often than others, which is nothing new, and take their time each time that they are used.
    private const int LargestKept = 4096;

    // A fault that shows in many ways is to be repaired, not to be listed.
    private const int MostFindings = 5;

    private readonly Random _random = new(number ^ HashOf(target.Name));
    private readonly List<byte[]> _kept = [.. seeds];
    private readonly Dictionary<string, Finding> _findings = new(StringComparer.Ordinal);
    private readonly Coverage _coverage = new();
    private long _executions;
    private TimeSpan _slowest;

    /// <summary>Tries inputs.</summary>
    /// <param name="limit">When to stop.</param>
    public FuzzReport Run(FuzzLimit limit)
    {
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < seeds.Count && _executions < (limit.Executions ?? long.MaxValue); i++)
            Execute(seeds[i], watch, isSeed: true);
        if (_kept.Count == 0)
            _kept.Add([]);

        var mutator = new Mutator(_random, target.Words);
        while (!limit.IsReached(watch.Elapsed, _executions) && _findings.Count < MostFindings)
        {
            byte[] input = mutator.Mutate(_kept[_random.Next(_kept.Count)], _kept[_random.Next(_kept.Count)]);
            if (target.Repair is { } repair && _random.Next(8) > 0)
                input = repair(input);
            Execute(input, watch, isSeed: false);
        }

        return new FuzzReport(target.Name, _executions, watch.Elapsed, _slowest, _kept.Count, [.. _findings.Values]);
    }

    private void Execute(byte[] input, Stopwatch watch, bool isSeed)
    {
        _executions++;
        Coverage.Begin();
        TimeSpan began = watch.Elapsed;
        Exception? exception = Try(input);
        TimeSpan took = watch.Elapsed - began;
        if (took > _slowest)
            _slowest = took;
        bool isNew = _coverage.HasNew();
        if (exception is not null)
        {
            watch.Stop();
            Note(exception, input);
            watch.Start();
        }
        else if (isNew && !isSeed && input.Length <= LargestKept && _kept.Count < MostKept)
        {
            _kept.Add(input);
        }
    }

    private void Note(Exception exception, byte[] input)
    {
        string signature = Finding.SignatureOf(exception);
        if (_findings.ContainsKey(signature))
            return;
        byte[] small = Shrinker.Shrink(input, each => Try(each) is { } other && Finding.SignatureOf(other) == signature);
        _findings.Add(signature, new Finding(signature, (Try(small) ?? exception).ToString(), small, _executions));
    }

    private Exception? Try(byte[] input)
    {
        watchdog.Begin(target.Name, input);
        Exception? exception = Finding.Try(target, input);
        watchdog.End();
        return exception;
    }

    // The same in every process, unlike the hash code of a text.
    private static int HashOf(string name)
    {
        int hash = 0;
        foreach (char c in name)
            hash = unchecked((hash * 31) + c);
        return hash;
    }
}
