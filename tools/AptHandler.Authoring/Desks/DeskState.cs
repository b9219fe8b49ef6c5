namespace AptHandler.Authoring.Desks;

/// <summary>Which packages a plan at a desk begins with.</summary>
public sealed class DeskState
{
    private DeskState()
    {
    }

    /// <summary>What is installed on this machine, or in the private root that the configuration names.</summary>
    public static DeskState Installed { get; } = new();

    /// <summary>No package at all.</summary>
    public static DeskState Empty { get; } = new();

    /// <summary>The status file of a device; null for the other two.</summary>
    internal string? File { get; private init; }

    /// <summary>What dpkg's status file of a device says: its <c>/var/lib/dpkg/status</c>.</summary>
    public static DeskState Of(string file) => new() { File = Path.GetFullPath(file) };
}
