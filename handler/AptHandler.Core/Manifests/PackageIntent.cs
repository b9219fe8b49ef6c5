using AptHandler.Debian;
using AptHandler.Logging;

namespace AptHandler.Manifests;

/// <summary>What to do with a package.</summary>
public enum PackageIntentKind
{
    /// <summary>Install one exact version. It may be newer or older than the installed one.</summary>
    InstallPinned,

    /// <summary>Install the newest version that its repository offers.</summary>
    InstallNewest,

    /// <summary>Remove the package. Its configuration and its dependencies stay.</summary>
    Remove,
}

/// <summary>One entry of an apt manifest: a package, what to do with it, and the place in the file.</summary>
public sealed record PackageIntent
{
    /// <summary>Stands for a version that the manifest leaves open.</summary>
    public const string AnyVersion = "any";

    private PackageIntent(PackageName package, PackageIntentKind kind, DebianVersion? version, int index, int line, int column) =>
        (Package, Kind, Version, Index, Line, Column) = (package, kind, version, index, line, column);

    /// <summary>The package, without the minus sign that asks for a removal.</summary>
    public PackageName Package { get; }

    /// <summary>What to do with the package.</summary>
    public PackageIntentKind Kind { get; }

    /// <summary>The exact version of an <see cref="PackageIntentKind.InstallPinned"/>; null for the other kinds.</summary>
    public DebianVersion? Version { get; }

    /// <summary>The index of the entry in the manifest's list of packages. Repeated entries count, although they are no intents.</summary>
    public int Index { get; }

    /// <summary>The place of the entry as a JSON path, such as <c>$.packages[3]</c>.</summary>
    public string Path => JsonPath.Package(Index).ToString();

    /// <summary>The line of the entry in the file, counted from 1.</summary>
    public int Line { get; }

    /// <summary>The column of the entry in its line, counted from 1 as <see cref="ManifestProblem.Column"/> is.</summary>
    public int Column { get; }

    /// <summary>Makes an intent to install one exact version.</summary>
    /// <param name="package">The package.</param>
    /// <param name="version">The version.</param>
    /// <param name="index">The index of the entry, from 0.</param>
    /// <param name="line">The line of the entry, from 1.</param>
    /// <param name="column">The column of the entry, from 1.</param>
    public static PackageIntent InstallPinned(PackageName package, DebianVersion version, int index, int line, int column) =>
        new(package, PackageIntentKind.InstallPinned, version, index, line, column);

    /// <summary>Makes an intent to install the newest available version.</summary>
    /// <param name="package">The package.</param>
    /// <param name="index">The index of the entry, from 0.</param>
    /// <param name="line">The line of the entry, from 1.</param>
    /// <param name="column">The column of the entry, from 1.</param>
    public static PackageIntent InstallNewest(PackageName package, int index, int line, int column) =>
        new(package, PackageIntentKind.InstallNewest, version: null, index, line, column);

    /// <summary>Makes an intent to remove a package.</summary>
    /// <param name="package">The package.</param>
    /// <param name="index">The index of the entry, from 0.</param>
    /// <param name="line">The line of the entry, from 1.</param>
    /// <param name="column">The column of the entry, from 1.</param>
    public static PackageIntent Remove(PackageName package, int index, int line, int column) =>
        new(package, PackageIntentKind.Remove, version: null, index, line, column);

    /// <summary>Whether two entries ask for the same, in any place of the file. Versions are compared by Debian's order.</summary>
    /// <param name="other">The other entry.</param>
    public bool WishesTheSameAs(PackageIntent other) => Package == other.Package && AsksTheSameAs(other);

    /// <summary>The same check for two entries that are known to mean one package, even if they spell its name differently.</summary>
    /// <param name="other">The other entry.</param>
    internal bool AsksTheSameAs(PackageIntent other) => Kind == other.Kind && Nullable.Equals(Version, other.Version);

    /// <summary>The wanted version of the package: an exact version, <c>any</c>, or null where the package should be removed.</summary>
    public string? Desired =>
        Kind switch
        {
            PackageIntentKind.Remove => null,
            PackageIntentKind.InstallPinned => Version.GetValueOrDefault().Text,
            _ => AnyVersion,
        };

    /// <summary>The intent in words, for a message: <c>version 1.0</c>, <c>its newest version</c> or <c>its removal</c>.</summary>
    internal string Wish =>
        Kind switch
        {
            PackageIntentKind.InstallPinned => $"version {Quotation.Of(Version.GetValueOrDefault().Text)}",
            PackageIntentKind.InstallNewest => "its newest version",
            _ => "its removal",
        };
}
