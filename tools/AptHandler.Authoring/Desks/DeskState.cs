using AptHandler.Debian;

namespace AptHandler.Authoring.Desks;

/// <summary>The packages that are installed before a plan at a desk.</summary>
public sealed class DeskState
{
    private DeskState() { }

    /// <summary>What is installed on this machine, or in the private root that the configuration names.</summary>
    public static DeskState Installed { get; } = new();

    /// <summary>No package at all.</summary>
    public static DeskState Empty { get; } = new();

    /// <summary>The status file of a device; null for the other two.</summary>
    internal string? File { get; private init; }

    /// <summary>The packages in dpkg's status file of a device: its <c>/var/lib/dpkg/status</c>.</summary>
    public static DeskState Of(string file) => new() { File = file };

    /// <summary>
    /// Reads the status file of a device. Its architecture is that of the package dpkg, which is on every device and never a foreign
    /// package.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="architecture">The architecture of the device where the file has no dpkg.</param>
    /// <exception cref="InputException">It cannot be read.</exception>
    public static DpkgStatus Read(string file, string architecture)
    {
        if (file.Length == 0)
            throw new InputException("cannot read a status file without a name; name a copy of a device's /var/lib/dpkg/status");
        try
        {
            var status = DpkgStatus.Read(file, architecture);
            return ArchitectureOf(status) is { } own && own != architecture ? DpkgStatus.Read(file, own) : status;
        }
        catch (DpkgStatusException e)
        {
            // The remedy in that message is for the machine's own file, so it is replaced.
            throw new InputException($"{e.Message.Split(';')[0]}; name a copy of a device's /var/lib/dpkg/status");
        }
    }

    private static string? ArchitectureOf(DpkgStatus status)
    {
        foreach (StatusEntry entry in status.Entries)
        {
            if (entry is { Name: "dpkg", HoldsFiles: true } && entry.Architecture is not ("" or "all"))
                return entry.Architecture;
        }

        return null;
    }
}
