using AptHandler.Debian;

namespace AptHandler.Apt;

/// <summary>A package that apt would unpack.</summary>
/// <param name="QualifiedName">Its name as apt spells it: with the architecture where that is a foreign one.</param>
/// <param name="Architecture">The architecture of the package file.</param>
/// <param name="OldVersion">The version that is installed, or null.</param>
/// <param name="NewVersion">The version that apt would unpack.</param>
public sealed record PlannedInstallation(string QualifiedName, string Architecture, string? OldVersion, string NewVersion)
{
    /// <summary>Its name, without architecture.</summary>
    public string Name => PackageName.Known(QualifiedName).Name;

    /// <summary>What apt calls the archive in its own folder.</summary>
    public string ArchiveName => ArchiveNameOf(Name, NewVersion, Architecture);

    /// <summary>
    /// <see cref="ArchiveName"/> for any package: in its parts <c>:</c> is written <c>%3a</c>, and <c>_</c> is written <c>%5f</c>.
    /// </summary>
    public static string ArchiveNameOf(string name, string version, string architecture) =>
        $"{Quoted(name)}_{Quoted(version)}_{Quoted(architecture)}.deb";

    private static string Quoted(string part) =>
        part.Replace(":", "%3a", StringComparison.Ordinal).Replace("_", "%5f", StringComparison.Ordinal);
}

/// <summary>A package that apt would remove.</summary>
/// <param name="QualifiedName">Its name as apt spells it: with the architecture where that is a foreign one.</param>
/// <param name="OldVersion">The version that is installed.</param>
public sealed record PlannedRemoval(string QualifiedName, string OldVersion)
{
    /// <summary>Its name, without architecture.</summary>
    public string Name => PackageName.Known(QualifiedName).Name;
}

/// <summary>What apt would do, as <c>apt-get -s</c> prints it.</summary>
public sealed class AptPlan : IEquatable<AptPlan>
{
    private AptPlan(
        IReadOnlyList<PlannedInstallation> installations,
        IReadOnlyList<PlannedRemoval> removals,
        IReadOnlyList<PlannedInstallation> configurations
    )
    {
        Configurations = configurations;
        Installations = installations;
        Removals = removals;
    }

    /// <summary>The packages to install, in apt's order.</summary>
    public IReadOnlyList<PlannedInstallation> Installations { get; }

    /// <summary>The packages to remove, in apt's order.</summary>
    public IReadOnlyList<PlannedRemoval> Removals { get; }

    /// <summary>
    /// The packages to configure, in apt's order: a package comes after its dependencies, unless they depend on each other. Packages that
    /// an earlier run left unpacked are included.
    /// </summary>
    public IReadOnlyList<PlannedInstallation> Configurations { get; }

    /// <summary>Whether no package is installed or removed.</summary>
    public bool IsEmpty => Installations.Count == 0 && Removals.Count == 0;

    /// <summary>
    /// Reads the lines <c>Inst name[:arch] [old] (new Origin:Suite [arch])</c>, <c>Conf name[:arch] (new Origin:Suite [arch])</c> and
    /// <c>Remv name[:arch] [old]</c> (and <c>Purg</c>) of a simulation.
    /// </summary>
    /// <param name="text">Standard output of <c>apt-get -s</c>.</param>
    /// <returns>
    /// The plan, or null when a line that installs or removes cannot be understood: a plan that is not understood must not be followed.
    /// </returns>
    public static AptPlan? TryParse(string text)
    {
        var installations = new List<PlannedInstallation>();
        var removals = new List<PlannedRemoval>();
        var configurations = new List<PlannedInstallation>();
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("Inst ", StringComparison.Ordinal))
            {
                if (TryParseInstallation(line[5..]) is not { } installation)
                    return null;
                installations.Add(installation);
            }
            else if (line.StartsWith("Conf ", StringComparison.Ordinal))
            {
                // apt prints "Conf foo broken" together with an error.
                if (TryParseInstallation(line[5..]) is { } configuration)
                    configurations.Add(configuration);
            }
            else if (line.StartsWith("Remv ", StringComparison.Ordinal) || line.StartsWith("Purg ", StringComparison.Ordinal))
            {
                if (TryParseRemoval(line[5..]) is not { } removal)
                    return null;
                removals.Add(removal);
            }
        }

        return new AptPlan(installations, removals, configurations);
    }

    /// <summary>Whether two plans do the same, in the same order.</summary>
    public bool Equals(AptPlan? other) =>
        other is not null && Installations.SequenceEqual(other.Installations) && Removals.SequenceEqual(other.Removals);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AptPlan);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Installations.Count, Removals.Count);

    // name[:arch] [old] (new Origin:Suite [arch]) and perhaps more brackets, with packages that are broken for a while
    private static PlannedInstallation? TryParseInstallation(ReadOnlySpan<char> line)
    {
        int open = line.IndexOf('(');
        int close = line.LastIndexOf(')');
        if (open < 2 || line[open - 1] != ' ' || close < open)
            return null;
        ReadOnlySpan<char> incoming = line[(open + 1)..close];
        int versionEnd = incoming.IndexOf(' ');
        int architecture = incoming.LastIndexOf('[');
        if (versionEnd <= 0 || architecture < versionEnd || incoming[^1] != ']' || architecture == incoming.Length - 2)
            return null;
        ReadOnlySpan<char> head = line[..(open - 1)];
        return TryParseHead(head, out string name, out string? old)
            ? new PlannedInstallation(name, incoming[(architecture + 1)..^1].ToString(), old, incoming[..versionEnd].ToString())
            : null;
    }

    private static PlannedRemoval? TryParseRemoval(ReadOnlySpan<char> line) =>
        TryParseHead(line, out string name, out string? old) && old is not null ? new PlannedRemoval(name, old) : null;

    // name[:arch] or name[:arch] [old]
    private static bool TryParseHead(ReadOnlySpan<char> head, out string name, out string? old)
    {
        int space = head.IndexOf(' ');
        name = (space < 0 ? head : head[..space]).ToString();
        old = null;
        if (space >= 0)
        {
            ReadOnlySpan<char> rest = head[(space + 1)..];
            int end = rest.IndexOf(']');
            if (rest.IsEmpty || rest[0] != '[' || end <= 1)
                return false;
            old = rest[1..end].ToString();
        }

        return PackageName.Known(name) is { Name.Length: > 0, Architecture: not "" };
    }
}
