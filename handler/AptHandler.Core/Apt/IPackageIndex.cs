using AptHandler.Debian;

namespace AptHandler.Apt;

/// <summary>
/// What the sources of a machine and its dpkg say of packages. Names and versions in the answers are the words of repositories: nobody has
/// checked them.
/// </summary>
public interface IPackageIndex
{
    /// <summary>The versions of packages that the sources have, and what the preferences make of them.</summary>
    /// <param name="names">Package names, with or without architecture.</param>
    /// <param name="cancellation">Ends the query.</param>
    RepositoryVersions Versions(IEnumerable<string> names, CancellationToken cancellation);

    /// <summary>The control paragraphs of packages in all versions, newest first.</summary>
    /// <param name="names">Names of packages that the sources have, with or without architecture.</param>
    /// <param name="cancellation">Ends the query.</param>
    IReadOnlyList<ControlParagraph> ShowAll(IEnumerable<string> names, CancellationToken cancellation);

    /// <summary>The names of packages that provide one of these names in some version.</summary>
    /// <param name="names">Names, with or without architecture, of packages or virtual ones.</param>
    /// <param name="cancellation">Ends the query.</param>
    IReadOnlyList<string> Providers(IEnumerable<string> names, CancellationToken cancellation);

    /// <summary>What dpkg's status file says of packages, all fields of each.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    IReadOnlyList<ControlParagraph> Installed();
}
