namespace AptHandler.DeviceTests.Fixtures;

/// <summary>The releases of Debian that the tests run on: those named in DU_APT_TEST_SUITES, separated by spaces.</summary>
public static class Suites
{
    private static readonly string[] Names = (Environment.GetEnvironmentVariable("DU_APT_TEST_SUITES") ?? "bookworm").Split(
        ' ',
        StringSplitOptions.RemoveEmptyEntries
    );

    /// <summary>One row for each release.</summary>
    public static TheoryData<string> All => [.. Names];

    /// <summary>Every row on each release.</summary>
    public static TheoryData<string, string> Times(params IEnumerable<string> rows)
    {
        var all = new TheoryData<string, string>();
        foreach (var suite in Names)
        foreach (var row in rows)
            all.Add(suite, row);
        return all;
    }
}
