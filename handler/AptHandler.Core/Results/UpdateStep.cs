namespace AptHandler.Results;

/// <summary>The steps of an update in the agent's order, after one of our own.</summary>
public enum UpdateStep
{
    /// <summary>Tell what the update would do, with the package lists as they are. Reads only; the agent does not know this step.</summary>
    Plan,

    /// <summary>Is the machine as the manifest asks, and recorded so?</summary>
    IsInstalled,

    /// <summary>Validate, plan and fetch; nothing changes.</summary>
    Download,

    /// <summary>Keep what is needed to go back.</summary>
    Backup,

    /// <summary>Change the machine, and verify.</summary>
    Install,

    /// <summary>Record.</summary>
    Apply,

    /// <summary>Go back.</summary>
    Restore,

    /// <summary>Finish or undo what a worker that was killed, or a power cut, has left. The agent does not know this step.</summary>
    Recover,
}
