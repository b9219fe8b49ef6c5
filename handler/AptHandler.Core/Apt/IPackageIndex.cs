using AptHandler.Debian;

namespace AptHandler.Apt;

/// <summary>
/// What the sources of a machine and its dpkg say about packages. The names and versions in the answers come from repositories, and nobody
/// has checked them.
/// </summary>
public interface IPackageIndex
{
    /// <summary>The versions of packages that the sources have, with the priorities that the preferences give them.</summary>
    /// <param name="names">Package names, with or without architecture.</param>
    /// <param name="cancellation">Ends the query.</param>
    RepositoryVersions Versions(IEnumerable<string> names, CancellationToken cancellation);

    /// <summary>The control paragraphs of packages in all versions, newest first.</summary>
    /// <param name="names">Names of packages that the sources have, with or without architecture.</param>
    /// <param name="cancellation">Ends the query.</param>
    IReadOnlyList<ControlParagraph> ShowAll(IEnumerable<string> names, CancellationToken cancellation);

    /// <summary>The names of packages that provide one of these names in some version.</summary>
    /// <param name="names">Names of real or virtual packages, with or without architecture.</param>
    /// <param name="cancellation">Ends the query.</param>
    IReadOnlyList<string> Providers(IEnumerable<string> names, CancellationToken cancellation);

    /// <summary>The packages in dpkg's status file, with all fields.</summary>
    /// <exception cref="IOException">The status file cannot be read.</exception>
    IReadOnlyList<ControlParagraph> Installed();
}
