namespace AptHandler.DeviceTests.WayBack;

/// <summary>How an update of packages of Debian ends, so that the device goes back.</summary>
public enum Ending
{
    /// <summary>A package that is configured after all others has a postinst that fails.</summary>
    PostinstFails,

    /// <summary>In the middle of it a file system is full.</summary>
    NoSpace,

    /// <summary>A success, and then <c>du-apt restore</c>.</summary>
    Restored,
}

/// <summary>What maintainer scripts of Debian leave behind.</summary>
/// <param name="Why">Who does it.</param>
/// <param name="Paths">Each path; a * stands for a part of a name that is another one on each machine.</param>
internal sealed record Trace(string Why, params string[] Paths);

/// <summary>A device, an update of it, and what may be different when it has gone back.</summary>
internal sealed record Row
{
    /// <summary>Shell commands on the device before the update; see <see cref="RealPackageWayBackTests"/>.</summary>
    public string Prepared { get; init; } = "";

    /// <summary>The manifest: "app" (the newest), "app-" (a removal).</summary>
    public required IReadOnlyList<string> Update { get; init; }

    /// <summary>How it ends.</summary>
    public required Ending Ending { get; init; }

    /// <summary>Shell commands between the end of a successful update and <c>du-apt restore</c>.</summary>
    public string Since { get; init; } = "";

    /// <summary>What is left over, and named in the result, each path or a folder above it.</summary>
    public IReadOnlyList<Trace> Named { get; init; } = [];

    /// <summary>Users and groups that are left over, as the result names them.</summary>
    public IReadOnlyList<string> Accounts { get; init; } = [];

    /// <summary>What is left over where nobody can tell whose it is: in folders of no package, and until the next boot.</summary>
    public IReadOnlyList<Trace> Unseen { get; init; } = [];
}
