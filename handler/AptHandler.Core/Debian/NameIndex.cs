namespace AptHandler.Debian;

/// <summary>
/// Finds the entries of a name: a hash table over the bytes of the file. So it need not make a string of every name.
/// </summary>
internal sealed class NameIndex
{
    private const int None = -1;

    private readonly List<StatusEntry> _entries;
    private readonly int[] _first;
    private readonly int[] _next;
    private readonly uint _mask;

    /// <summary>Indexes entries, which must not change afterwards.</summary>
    public NameIndex(List<StatusEntry> entries)
    {
        int size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(entries.Count, 1));
        _entries = entries;
        _mask = (uint)size - 1;
        _next = new int[entries.Count];
        _first = new int[size];
        Array.Fill(_first, None);

        for (int i = 0; i < entries.Count; i++)
        {
            ref int first = ref _first[HashOf(entries[i].NameBytes) & _mask];
            _next[i] = first;
            first = i;
        }
    }

    /// <summary>The position of the last entry of a name, or -1.</summary>
    public int Last(ReadOnlySpan<byte> name) => SameName(_first[HashOf(name) & _mask], name);

    /// <summary>The position of the entry of the same name before the one at a position, or -1.</summary>
    public int Previous(ReadOnlySpan<byte> name, int position) => SameName(_next[position], name);

    private int SameName(int position, ReadOnlySpan<byte> name)
    {
        while (position != None && !_entries[position].NameBytes.SequenceEqual(name))
            position = _next[position];
        return position;
    }

    // FNV-1a: the code is short, and so are names.
    private static uint HashOf(ReadOnlySpan<byte> name)
    {
        uint hash = 2166136261;
        foreach (byte b in name)
            hash = (hash ^ b) * 16777619;
        return hash;
    }
}
