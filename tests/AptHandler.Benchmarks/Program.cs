using AptHandler.Benchmarks;
using AptHandler.Debian;
using BenchmarkDotNet.Running;

// write FOLDER            the inputs, for tests/native/peers.cpp
// versions --quick FILE   nanoseconds a comparison, over the pairs in the file
// status --quick FILE     nanoseconds for reading the status file once
// versions | status       the same by BenchmarkDotNet, with allocations
switch (args)
{
    case ["write", var folder]:
        Inputs.WriteTo(folder);
        return 0;

    case ["versions", "--quick", var file]:
        (string A, string B)[] pairs = Inputs.ReadPairs(file);
        QuickMeasurement.Print("AptHandler compare", pairs.Length, () => VersionComparison.CompareAll(pairs));
        return 0;

    case ["status", "--quick", var file]:
        QuickMeasurement.Print("AptHandler read", 1, () => StatusReading.ReadAll(file));
        return 0;

    case ["versions"]:
        BenchmarkRunner.Run<VersionComparison>();
        return 0;

    case ["status"]:
        BenchmarkRunner.Run<StatusReading>();
        return 0;

    default:
        await Console.Error.WriteLineAsync("usage: write FOLDER | versions [--quick FILE] | status [--quick FILE]");
        return 2;
}
