namespace AptHandler.Manifests;

/// <summary>The members of an object that were read so far. An object without unknown members needs only a few bits.</summary>
internal struct SeenMembers
{
    private uint _known;
    private HashSet<string>? _unknown;

    /// <summary>Whether the known member of this index was read.</summary>
    public readonly bool Contains(int member) => (_known & (1u << member)) != 0;

    /// <summary>Notes a known member.</summary>
    /// <returns>False when it was noted before.</returns>
    public bool Add(int member)
    {
        bool isNew = !Contains(member);
        _known |= 1u << member;
        return isNew;
    }

    /// <summary>Notes an unknown member.</summary>
    /// <returns>False when it was noted before.</returns>
    public bool Add(string unknown) => (_unknown ??= new(StringComparer.Ordinal)).Add(unknown);
}
