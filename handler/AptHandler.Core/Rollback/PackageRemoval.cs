using AptHandler.Apt;
using AptHandler.Debian;

namespace AptHandler.Rollback;

/// <summary>Lets dpkg remove packages that a set does not have.</summary>
/// <param name="dpkg">Removes them.</param>
internal sealed class PackageRemoval(DpkgCommand dpkg)
{
    /// <summary>Removes packages, and keeps their configuration files.</summary>
    /// <param name="packages">The packages; may be empty.</param>
    /// <param name="status">The installed packages.</param>
    /// <returns>The failure, or null.</returns>
    public AptFailure? Run(IEnumerable<KeptPackage> packages, DpkgStatus status)
    {
        KeptPackage[] going = [.. packages];
        if (going.Length == 0)
            return null;
        bool areProtected = Array.Exists(going, package => package.Find(status) is { Protected: true });
        return dpkg.Remove(Array.ConvertAll(going, package => NameFor(package, status)), areProtected);
    }

    // dpkg calls a name ambiguous when the package is installed for several architectures.
    private static string NameFor(KeptPackage package, DpkgStatus status) =>
        package.Find(status) is { Architecture.Length: > 0 } entry ? $"{entry.Name}:{entry.Architecture}" : package.Name;
}
