using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Rollback.WayBack;

/// <summary>How an update ends, so that the device goes back.</summary>
public enum Ending
{
    /// <summary>A package that is unpacked last has a preinst that fails: the others are unpacked, and not configured.</summary>
    PreinstFails,

    /// <summary>A package that is configured last has a postinst that fails.</summary>
    PostinstFails,

    /// <summary>All is installed, and the device builder's own check says no.</summary>
    HealthCheckFails,

    /// <summary>Cancelled while dpkg runs, which comes to its end first.</summary>
    Cancelled,

    /// <summary>A success, and then <c>du-apt restore</c>.</summary>
    Restored,
}

/// <summary>A device, an update of it, and what may be different when it has gone back.</summary>
internal sealed record Row
{
    /// <summary>The packages that are installed before the update, and published.</summary>
    public IReadOnlyList<Package> Old { get; init; } = [];

    /// <summary>The packages that are published besides, in place of old ones of the same name, version and architecture.</summary>
    public IReadOnlyList<Package> New { get; init; } = [];

    /// <summary>Shell commands on the device before anything is installed there; see <see cref="DeviceShell"/>.</summary>
    public string First { get; init; } = "";

    /// <summary>The same after the old packages are installed.</summary>
    public string Prepared { get; init; } = "";

    /// <summary>The same between the end of a successful update and <c>du-apt restore</c>.</summary>
    public string Since { get; init; } = "";

    /// <summary>Mounts something on the device before the update.</summary>
    public Func<PrivateRoot, IDisposable>? Mounted { get; init; }

    /// <summary>The manifest: "app=2", "app" (the newest), "app-" (a removal).</summary>
    public required IReadOnlyList<string> Update { get; init; }

    /// <summary>
    /// Paths that must be there in the end and were not before, with what they hold. The result names each, or a folder above it that is
    /// one of them.
    /// </summary>
    public IReadOnlyList<string> LeftOver { get; init; } = [];

    /// <summary>The same, but of an application that is there before and after the update: the result need not name them.</summary>
    public IReadOnlyList<string> Written { get; init; } = [];

    /// <summary>Files of old packages that were changed since the update: what they held is beside them, and named.</summary>
    public IReadOnlyList<string> Saved { get; init; } = [];

    /// <summary>Configuration files that were changed since the update: they stay so, and are named.</summary>
    public IReadOnlyList<string> Edited { get; init; } = [];
}
