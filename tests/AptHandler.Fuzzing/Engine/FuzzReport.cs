namespace AptHandler.Fuzzing.Engine;

/// <summary>What came of trying inputs on a target.</summary>
/// <param name="Target">Its name.</param>
/// <param name="Executions">How many inputs it got.</param>
/// <param name="Time">How long that took, without making findings smaller.</param>
/// <param name="Slowest">How long the slowest of them took.</param>
/// <param name="Kept">How many inputs are seeds by now: those given, and those that reached new code.</param>
/// <param name="Findings">The findings, each fault once.</param>
internal sealed record FuzzReport(
    string Target,
    long Executions,
    TimeSpan Time,
    TimeSpan Slowest,
    int Kept,
    IReadOnlyList<Finding> Findings
)
{
    /// <summary>How many inputs a second.</summary>
    public double Rate => Time > TimeSpan.Zero ? Executions / Time.TotalSeconds : 0;
}
