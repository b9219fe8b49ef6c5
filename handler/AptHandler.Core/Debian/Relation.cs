namespace AptHandler.Debian;

/// <summary>How a relation limits the version of the other package (Policy 7.1).</summary>
public enum VersionBound
{
    /// <summary>Every version.</summary>
    Any,

    /// <summary><c>&lt;&lt;</c></summary>
    Earlier,

    /// <summary><c>&lt;=</c></summary>
    EarlierOrEqual,

    /// <summary><c>=</c></summary>
    Equal,

    /// <summary><c>&gt;=</c></summary>
    LaterOrEqual,

    /// <summary><c>&gt;&gt;</c></summary>
    Later,
}

/// <summary>One relation to another package: <c>name[:arch] [(op version)]</c> (Policy 7.1).</summary>
/// <param name="Name">The name of the other package, without the architecture qualifier.</param>
/// <param name="Bound">How its version is limited.</param>
/// <param name="Version">The version of the bound; empty for <see cref="VersionBound.Any"/>.</param>
/// <param name="IsAlternative">Whether it is one of several alternatives separated by <c>|</c>.</param>
public sealed record Relation(string Name, VersionBound Bound, string Version, bool IsAlternative)
{
    /// <summary>Reads the value of a relationship field. Text that is not a relation is left out.</summary>
    public static IEnumerable<Relation> ParseAll(string field) => ParseGroups(field).SelectMany(group => group);

    /// <summary>Reads the value of a relationship field, with alternatives in one group. One relation of each group has to hold.</summary>
    public static IEnumerable<IReadOnlyList<Relation>> ParseGroups(string field)
    {
        foreach (string group in field.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] alternatives = group.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            var relations = new List<Relation>(alternatives.Length);
            foreach (string alternative in alternatives)
            {
                if (Parse(alternative, alternatives.Length > 1) is { } relation)
                    relations.Add(relation);
            }

            if (relations.Count > 0)
                yield return relations;
        }
    }

    /// <summary>
    /// Whether a provided name satisfies this relation. A provided name without a version satisfies no bound (Policy 7.5).
    /// </summary>
    /// <param name="provided">A relation of the other package's field <c>Provides</c>.</param>
    public bool IsProvidedBy(Relation provided) =>
        provided.Name == Name && (Bound == VersionBound.Any || (provided.Bound == VersionBound.Equal && Admits(provided.Version)));

    /// <summary>Whether the bound admits a version.</summary>
    public bool Admits(string version)
    {
        if (Bound == VersionBound.Any)
            return true;
        int order = DebianVersion.Compare(version, Version);
        return Bound switch
        {
            VersionBound.Earlier => order < 0,
            VersionBound.EarlierOrEqual => order <= 0,
            VersionBound.Equal => order == 0,
            VersionBound.LaterOrEqual => order >= 0,
            _ => order > 0,
        };
    }

    /// <summary>The relation as a control file writes it: <c>name (&gt;= version)</c>.</summary>
    public override string ToString() =>
        Bound switch
        {
            VersionBound.Any => Name,
            VersionBound.Earlier => $"{Name} (<< {Version})",
            VersionBound.EarlierOrEqual => $"{Name} (<= {Version})",
            VersionBound.Equal => $"{Name} (= {Version})",
            VersionBound.LaterOrEqual => $"{Name} (>= {Version})",
            _ => $"{Name} (>> {Version})",
        };

    private static Relation? Parse(string text, bool isAlternative)
    {
        int open = text.IndexOf('(', StringComparison.Ordinal);
        string name = (open < 0 ? text : text[..open]).Split('[')[0].Split(':')[0].Trim();
        if (name.Length == 0)
            return null;
        if (open < 0)
            return new Relation(name, VersionBound.Any, "", isAlternative);

        int close = text.IndexOf(')', open);
        if (close < 0)
            return null;
        string inside = text[(open + 1)..close].Trim();
        string sign = inside[..(inside.LastIndexOfAny(['<', '>', '=']) + 1)];
        VersionBound bound = sign switch
        {
            "<<" => VersionBound.Earlier,
            "<=" or "<" => VersionBound.EarlierOrEqual, // the single signs are deprecated, and mean this (Policy 7.1)
            "=" => VersionBound.Equal,
            ">=" or ">" => VersionBound.LaterOrEqual,
            ">>" => VersionBound.Later,
            _ => VersionBound.Any,
        };
        string version = inside[sign.Length..].Trim();
        return bound != VersionBound.Any && version.Length > 0 ? new Relation(name, bound, version, isAlternative) : null;
    }
}
