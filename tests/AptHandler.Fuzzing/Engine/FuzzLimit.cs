namespace AptHandler.Fuzzing.Engine;

/// <summary>When to stop: whichever comes first.</summary>
/// <param name="Time">After this time; null for as long as it takes.</param>
/// <param name="Executions">After so many inputs; null for any number.</param>
internal sealed record FuzzLimit(TimeSpan? Time, long? Executions)
{
    /// <summary>The share of one of several targets.</summary>
    public FuzzLimit Share(int targets) => new(Time / targets, Executions is { } all ? (all + targets - 1) / targets : null);

    /// <summary>Whether it is reached.</summary>
    public bool IsReached(TimeSpan time, long executions) => time >= Time || executions >= Executions;
}
