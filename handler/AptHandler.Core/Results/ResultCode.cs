namespace AptHandler.Results;

/// <summary>The result codes of the agent for the seven steps (agent-contract.md, 4).</summary>
public static class ResultCode
{
    /// <summary>The step failed; the extended code says why.</summary>
    public const int Failure = 0;

    /// <summary>The step was cancelled.</summary>
    public const int Cancelled = -1;

    /// <summary>Downloaded.</summary>
    public const int DownloadSuccess = 500;

    /// <summary>Nothing to download: the update is installed.</summary>
    public const int DownloadSkippedInstalled = 503;

    /// <summary>Installed.</summary>
    public const int InstallSuccess = 600;

    /// <summary>Nothing to install: the update is installed and recorded. The agent then skips Apply.</summary>
    public const int InstallSkippedInstalled = 603;

    /// <summary>Recorded.</summary>
    public const int ApplySuccess = 700;

    /// <summary>Recorded, and the agent should restart at once.</summary>
    public const int ApplyImmediateAgentRestart = 707;

    /// <summary>Recorded, and the device should be rebooted at once.</summary>
    public const int ApplyImmediateReboot = 705;

    /// <summary>Recorded, and the device should be rebooted.</summary>
    public const int ApplyReboot = 706;

    /// <summary>The cancellation was accepted.</summary>
    public const int CancelSuccess = 800;

    /// <summary>There is nothing to cancel.</summary>
    public const int CancelUnable = 801;

    /// <summary>Installed.</summary>
    public const int IsInstalled = 900;

    /// <summary>Not installed.</summary>
    public const int IsNotInstalled = 901;

    /// <summary>What is needed to go back is kept.</summary>
    public const int BackupSuccess = 1000;

    /// <summary>Nothing is kept, because rollback is off in the configuration.</summary>
    public const int BackupUnsupported = 1001;

    /// <summary>The device is as it was before the update.</summary>
    public const int RestoreSuccess = 1100;

    /// <summary>Nothing is brought back, because rollback is off in the configuration.</summary>
    public const int RestoreUnsupported = 1101;

    /// <summary>No update is half-done. This code is our own: the agent does not know this step.</summary>
    public const int RecoverSuccess = 1200;
}
