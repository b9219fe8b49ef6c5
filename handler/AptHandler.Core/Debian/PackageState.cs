namespace AptHandler.Debian;

/// <summary>How far the installation of a package has got: the third word of <c>Status</c>, "package states" in dpkg(1).</summary>
public enum PackageState
{
    /// <summary>Not on the machine; dpkg only remembers that something is wanted of it.</summary>
    NotInstalled,

    /// <summary>Removed, but its configuration files are still there.</summary>
    ConfigFiles,

    /// <summary>The installation was begun and not finished.</summary>
    HalfInstalled,

    /// <summary>Unpacked, not configured.</summary>
    Unpacked,

    /// <summary>The configuration was begun and not finished.</summary>
    HalfConfigured,

    /// <summary>Waits for another package to process a trigger.</summary>
    TriggersAwaited,

    /// <summary>Has been triggered and has not processed the trigger yet.</summary>
    TriggersPending,

    /// <summary>Unpacked and configured.</summary>
    Installed,
}
