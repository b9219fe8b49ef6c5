namespace AptHandler.Rollback;

/// <summary>
/// Finds entries by their paths. It is a sorted array and not a hash table: an update can have hundreds of thousands of files, and a device
/// has little memory.
/// </summary>
internal sealed class EntryTable
{
    private readonly SnapshotEntry[] _entries;

    /// <summary>Makes a table of entries. No two of them have the same path.</summary>
    public EntryTable(IEnumerable<SnapshotEntry> entries)
    {
        _entries = [.. entries];
        Array.Sort(_entries, (left, right) => string.CompareOrdinal(left.Path, right.Path));
    }

    /// <summary>How many there are.</summary>
    public int Count => _entries.Length;

    /// <summary>The entry at a place of the table.</summary>
    public SnapshotEntry this[int place] => _entries[place];

    /// <summary>The entry of a path, or null.</summary>
    public SnapshotEntry? Find(string path) => PlaceOf(path) is >= 0 and var place ? _entries[place] : null;

    /// <summary>Whether there is an entry of a path.</summary>
    public bool Contains(string path) => PlaceOf(path) >= 0;

    /// <summary>The place of a path in the table; negative where it is not there.</summary>
    public int PlaceOf(string path)
    {
        for (int low = 0, high = _entries.Length - 1; low <= high; )
        {
            int middle = (low + high) / 2;
            int order = string.CompareOrdinal(_entries[middle].Path, path);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return -1;
    }
}
