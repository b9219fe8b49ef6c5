namespace AptHandler.Results;

/// <summary>What the end of a step means for the caller. The exit statuses of du-apt are these values.</summary>
public enum UpdateOutcome
{
    /// <summary>The step did what it should.</summary>
    Done = 0,

    /// <summary>The update failed.</summary>
    Failed = 1,

    /// <summary>The manifest, the request or the configuration is wrong. Another try will fail again.</summary>
    InvalidInput = 2,

    /// <summary>A later try may succeed: for example, a lock was held, or the network failed.</summary>
    TryLater = 3,

    /// <summary>The step was cancelled on request.</summary>
    Cancelled = 4,
}
