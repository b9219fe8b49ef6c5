namespace AptHandler.Results;

/// <summary>What somebody should make of a failure; the exit statuses of du-apt follow it.</summary>
public enum UpdateOutcome
{
    /// <summary>The step did what it should.</summary>
    Done = 0,

    /// <summary>The update failed.</summary>
    Failed = 1,

    /// <summary>The manifest, the request or the configuration is wrong; the same again will fail again.</summary>
    InvalidInput = 2,

    /// <summary>Worth another try later: a lock, the network.</summary>
    TryLater = 3,

    /// <summary>Given up because somebody asked for it.</summary>
    Cancelled = 4,
}
