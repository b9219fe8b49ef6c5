namespace AptHandler.Results;

/// <summary>The steps of an update in the agent's order. The first and the last one are our own.</summary>
public enum UpdateStep
{
    /// <summary>Tell what the update would do, with the package lists as they are. Reads only; the agent does not know this step.</summary>
    Plan,

    /// <summary>Check whether the machine is as the manifest asks, and the update is recorded.</summary>
    IsInstalled,

    /// <summary>Validate, plan and fetch; nothing changes.</summary>
    Download,

    /// <summary>Keep what is needed to go back.</summary>
    Backup,

    /// <summary>Change the machine, and verify.</summary>
    Install,

    /// <summary>Record the update as installed.</summary>
    Apply,

    /// <summary>Bring the device back to the state before the update.</summary>
    Restore,

    /// <summary>
    /// Finish or undo an update that was cut off because the worker was killed or the power failed. The agent does not know this step.
    /// </summary>
    Recover,
}
