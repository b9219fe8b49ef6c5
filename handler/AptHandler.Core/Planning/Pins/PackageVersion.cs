using AptHandler.Apt;
using AptHandler.Debian;

namespace AptHandler.Planning.Pins;

/// <summary>A package in one version, as its control paragraph describes it, for <see cref="PinSearch"/>.</summary>
internal sealed class PackageVersion
{
    // More relations than any package has; apt itself handles those beyond the limit.
    private const int MostRelations = 5_000;

    private static readonly OfferedVersion FromDpkg = new("", 0);

    /// <param name="paragraph">The control paragraph. Its name and version are valid.</param>
    /// <param name="native">The architecture of the machine.</param>
    /// <param name="offer">What the sources offer; null where only dpkg has the version.</param>
    public PackageVersion(ControlParagraph paragraph, string native, OfferedVersion? offer)
    {
        Name = paragraph["Package"];
        Version = paragraph["Version"];
        Architecture = ArchitectureOf(paragraph, native);
        Key = KeyOf(paragraph, native);
        IsSameEverywhere = paragraph["Multi-Arch"] == "same";
        ServesEveryArchitecture = paragraph["Multi-Arch"] is "foreign" or "allowed";
        Needs = [.. Relation.ParseGroups($"{paragraph["Pre-Depends"]},{paragraph["Depends"]}").Take(MostRelations)];
        Breaks = [.. paragraph.Relations("Breaks").Take(MostRelations)];
        Conflicts = [.. paragraph.Relations("Conflicts").Take(MostRelations)];
        Provides = [.. paragraph.Relations("Provides").Take(MostRelations)];
        Offer = offer ?? FromDpkg;
    }

    /// <summary>The name of the package.</summary>
    public string Name { get; }

    /// <summary>The version.</summary>
    public string Version { get; }

    /// <summary>Its architecture; the machine's architecture for a package of <c>all</c>.</summary>
    public string Architecture { get; }

    /// <summary>The name as apt spells it. Only one version with this name can be installed.</summary>
    public string Key { get; }

    /// <summary>Whether it can be installed for several architectures at once, in the same version.</summary>
    public bool IsSameEverywhere { get; }

    /// <summary>Whether packages of other architectures may depend on it.</summary>
    public bool ServesEveryArchitecture { get; }

    /// <summary>The dependencies: of each group, one must be installed.</summary>
    public IReadOnlyList<IReadOnlyList<Relation>> Needs { get; }

    /// <summary>The packages that it breaks.</summary>
    public IReadOnlyList<Relation> Breaks { get; }

    /// <summary>The packages that it conflicts with.</summary>
    public IReadOnlyList<Relation> Conflicts { get; }

    /// <summary>The names that it provides besides its own.</summary>
    public IReadOnlyList<Relation> Provides { get; }

    /// <summary>The version as the sources offer it, with apt's priority.</summary>
    public OfferedVersion Offer { get; }

    /// <summary>Whether apt would choose it by itself.</summary>
    public bool IsCandidate { get; init; }

    /// <summary>Whether it is the installed version.</summary>
    public bool IsInstalled { get; init; }

    /// <summary>Whether it is installed and must stay as it is.</summary>
    public bool IsHeld { get; init; }

    /// <summary>The name as apt spells it.</summary>
    public static string KeyOf(string name, string architecture, string native) => architecture == native ? name : $"{name}:{architecture}";

    /// <summary>The name as apt spells it.</summary>
    public static string KeyOf(ControlParagraph paragraph, string native) =>
        KeyOf(paragraph["Package"], ArchitectureOf(paragraph, native), native);

    /// <summary>Whether a relation means this package, by its own name or by a name that it provides.</summary>
    public bool IsMeantBy(Relation relation)
    {
        if (relation.Name == Name && relation.Admits(Version))
            return true;
        foreach (Relation provided in Provides)
        {
            if (relation.IsProvidedBy(provided))
                return true;
        }

        return false;
    }

    /// <summary>
    /// Whether it can satisfy a dependency of another package: it has the same architecture, or serves every architecture.
    /// </summary>
    public bool Serves(PackageVersion other) => ServesEveryArchitecture || Architecture == other.Architecture;

    /// <summary>Why both cannot be installed together, in words; null where they can.</summary>
    public string? ObstacleTo(PackageVersion other) => Exclusion(this, other) ?? Exclusion(other, this);

    /// <summary>Whether its own Breaks or Conflicts exclude the other package.</summary>
    public bool Excludes(PackageVersion other) => Name != other.Name && Exclusion(this, other) is not null;

    /// <inheritdoc/>
    public override string ToString() => $"{Key} {Version}";

    private static string ArchitectureOf(ControlParagraph paragraph, string native) =>
        paragraph["Architecture"] is var architecture and not ("all" or "") ? architecture : native;

    private static string? Exclusion(PackageVersion one, PackageVersion other)
    {
        // A package excludes neither itself nor the same name for another architecture. The latter has its own rule.
        if (one.Name == other.Name)
        {
            bool isTogether = one.IsSameEverywhere && other.IsSameEverywhere && DebianVersion.Compare(one.Version, other.Version) == 0;
            return isTogether || one.Key == other.Key ? null : $"{one} needs {other.Key} in the same version";
        }

        foreach (Relation relation in one.Breaks)
        {
            if (other.IsMeantBy(relation))
                return $"{one} breaks {In(relation)}";
        }

        foreach (Relation relation in one.Conflicts)
        {
            if (other.IsMeantBy(relation))
                return $"{one} conflicts with {In(relation)}";
        }

        return null;

        string In(Relation relation) => relation.Name == other.Name ? $"{relation}" : $"{relation} ({other})";
    }
}
