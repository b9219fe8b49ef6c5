using AptHandler.Benchmarks;
using AptHandler.Debian;

// write FOLDER      the inputs, also for tests/native/peers.cpp
// versions FILE     nanoseconds a comparison, over the pairs in the file
// status FILE       nanoseconds for reading the status file once
switch (args)
{
    case ["write", var folder]:
        Inputs.WriteTo(folder);
        return 0;

    case ["versions", var file]:
        (string A, string B)[] pairs = Inputs.ReadPairs(file);
        QuickMeasurement.Print("AptHandler compare", pairs.Length, () => CompareAll(pairs));
        return 0;

    case ["status", var file]:
        QuickMeasurement.Print("AptHandler read", 1, () => DpkgStatus.Read(file).Entries.Count);
        return 0;

    default:
        Console.Error.WriteLine("usage: write FOLDER | versions FILE | status FILE");
        return 2;
}

// A plain loop, as in tests/native/peers.cpp: LINQ would add a call of a delegate to each comparison.
static int CompareAll((string A, string B)[] pairs)
{
    int sum = 0;
    foreach ((string a, string b) in pairs)
        sum += Math.Sign(DebianVersion.Compare(a, b));
    return sum;
}
