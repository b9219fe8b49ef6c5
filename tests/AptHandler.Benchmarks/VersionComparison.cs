using AptHandler.Debian;
using BenchmarkDotNet.Attributes;

namespace AptHandler.Benchmarks;

/// <summary>The order of versions. The peer is libapt-pkg's <c>debVS.CmpVersion</c>.</summary>
[MemoryDiagnoser]
public class VersionComparison
{
    private readonly (string A, string B)[] _pairs = Inputs.VersionPairs();

    /// <summary>How many comparisons one call of <see cref="CompareAll()"/> makes.</summary>
    public int Operations => _pairs.Length;

    /// <summary>Compares all pairs.</summary>
    [Benchmark]
    public int CompareAll() => CompareAll(_pairs);

    /// <summary>Compares pairs in a plain loop, as tests/native/peers.cpp does: LINQ would add a call of a delegate to each.</summary>
    public static int CompareAll((string A, string B)[] pairs)
    {
        int sum = 0;
        foreach ((string a, string b) in pairs)
            sum += Math.Sign(DebianVersion.Compare(a, b));
        return sum;
    }
}
