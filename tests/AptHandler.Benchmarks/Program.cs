using AptHandler.Benchmarks;
using BenchmarkDotNet.Running;

// versions | status   by BenchmarkDotNet, with allocations, compiled just in time.
// tests/AptHandler.Benchmarks.Aot measures the same compiled as the product is, beside Debian's own libraries.
switch (args)
{
    case ["versions"]:
        BenchmarkRunner.Run<VersionComparison>();
        return 0;

    case ["status"]:
        BenchmarkRunner.Run<StatusReading>();
        return 0;

    default:
        await Console.Error.WriteLineAsync("usage: versions | status");
        return 2;
}
