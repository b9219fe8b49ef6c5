namespace AptHandler.Manifests;

/// <summary>Which members of an object have been met. Well-formed objects cost nothing but a few bits.</summary>
internal struct SeenMembers
{
    private uint _known;
    private HashSet<string>? _unknown;

    /// <summary>Whether the known member of this index has been met.</summary>
    public readonly bool Contains(int member) => (_known & (1u << member)) != 0;

    /// <summary>Notes a known member.</summary>
    /// <returns>False when it was met before.</returns>
    public bool Add(int member)
    {
        bool isNew = !Contains(member);
        _known |= 1u << member;
        return isNew;
    }

    /// <summary>Notes an unknown member.</summary>
    /// <returns>False when it was met before.</returns>
    public bool Add(string unknown) => (_unknown ??= new(StringComparer.Ordinal)).Add(unknown);
}
