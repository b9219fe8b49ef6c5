namespace AptHandler.Debian;

/// <summary>How far a package is installed: the third word of <c>Status</c>, "package states" in dpkg(1).</summary>
public enum PackageState
{
    /// <summary>Not on the machine; dpkg only keeps its wanted state.</summary>
    NotInstalled,

    /// <summary>Removed, but its configuration files are still there.</summary>
    ConfigFiles,

    /// <summary>The installation was started and not finished.</summary>
    HalfInstalled,

    /// <summary>Unpacked, not configured.</summary>
    Unpacked,

    /// <summary>The configuration was started and not finished.</summary>
    HalfConfigured,

    /// <summary>Waits for another package to process a trigger.</summary>
    TriggersAwaited,

    /// <summary>Has been triggered and has not processed the trigger yet.</summary>
    TriggersPending,

    /// <summary>Unpacked and configured.</summary>
    Installed,
}
