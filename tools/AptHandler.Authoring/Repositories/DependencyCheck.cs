using AptHandler.Debian;

namespace AptHandler.Authoring.Repositories;

/// <summary>Checks whether packages satisfy all their dependencies themselves, as apt sees it on a device without others.</summary>
internal static class DependencyCheck
{
    /// <summary>What is missing: <c>foo 1.0 (amd64) needs bar (>= 2)</c>.</summary>
    /// <param name="packages">The packages, from an index.</param>
    /// <param name="foreign">
    /// The packages of other architectures in the same set. They satisfy a dependency that names their architecture.
    /// </param>
    public static IReadOnlyList<string> Missing(IReadOnlyList<ControlParagraph> packages, IReadOnlyList<ControlParagraph> foreign)
    {
        Dictionary<string, List<ControlParagraph>> own = ByName(packages),
            others = ByName(foreign);
        var missing = new List<string>();
        foreach (ControlParagraph package in packages)
        {
            foreach (
                string group in $"{package["Pre-Depends"]},{package["Depends"]}".Split(
                    ',',
                    StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries
                )
            )
            {
                if (!IsThere(group, package))
                    missing.Add($"{package["Package"]} {package["Version"]} ({package["Architecture"]}) needs {group}");
            }
        }

        return missing;

        bool IsThere(string group, ControlParagraph package)
        {
            foreach (string alternative in group.Split('|'))
            {
                string qualifier = QualifierOf(alternative);
                foreach (Relation relation in Relation.ParseAll(alternative))
                {
                    if (
                        Serves(own, package, qualifier, relation)
                        || (qualifier is not ("" or "any") && Serves(others, package, qualifier, relation))
                    )
                        return true;
                }
            }

            return false;
        }
    }

    private static Dictionary<string, List<ControlParagraph>> ByName(IReadOnlyList<ControlParagraph> packages)
    {
        var byName = new Dictionary<string, List<ControlParagraph>>(StringComparer.Ordinal);
        foreach (ControlParagraph package in packages)
        {
            Name(package["Package"], package);
            foreach (Relation provided in package.Relations("Provides"))
                Name(provided.Name, package);
        }

        return byName;

        void Name(string name, ControlParagraph package)
        {
            if (!byName.TryGetValue(name, out List<ControlParagraph>? all))
                byName.Add(name, all = []);
            all.Add(package);
        }
    }

    private static bool Serves(
        Dictionary<string, List<ControlParagraph>> byName,
        ControlParagraph package,
        string qualifier,
        Relation relation
    )
    {
        foreach (ControlParagraph other in byName.GetValueOrDefault(relation.Name) ?? [])
        {
            if (Fits(package, qualifier, other) && Satisfies(other, relation))
                return true;
        }

        return false;
    }

    // The part after the name: "any", an architecture, or nothing.
    private static string QualifierOf(string alternative)
    {
        string name = alternative.Split('(', '[')[0].Trim();
        return name[(name + ":").IndexOf(':', StringComparison.Ordinal)..].TrimStart(':');
    }

    // Policy 7, and the specification of multi-arch: a package of another architecture satisfies a dependency only if the package allows
    // that, or the dependency names the architecture. apt treats "all" as the machine's own architecture. That is usually the one of the
    // dependent.
    private static bool Fits(ControlParagraph package, string qualifier, ControlParagraph other) =>
        qualifier is "" or "any"
            ? other["Architecture"] == package["Architecture"]
                || other["Architecture"] == "all"
                || package["Architecture"] == "all"
                || other["Multi-Arch"] == "foreign"
                || (qualifier == "any" && other["Multi-Arch"] == "allowed")
            : other["Architecture"] == qualifier
                || (other["Architecture"] == "all" && (package["Architecture"] == qualifier || package["Architecture"] == "all"));

    private static bool Satisfies(ControlParagraph other, Relation relation)
    {
        if (other["Package"] == relation.Name && relation.Admits(other["Version"]))
            return true;
        foreach (Relation provided in other.Relations("Provides"))
        {
            if (relation.IsProvidedBy(provided))
                return true;
        }

        return false;
    }
}
