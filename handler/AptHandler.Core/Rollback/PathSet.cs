using System.Collections;

namespace AptHandler.Rollback;

/// <summary>A set of paths, most of which a snapshot has: of those it needs a bit each.</summary>
/// <param name="known">The snapshot's table of what was there.</param>
/// <param name="absent">Its paths at which there was nothing, in their order.</param>
internal sealed class PathSet(EntryTable known, string[] absent) : IEnumerable<string>
{
    private readonly BitArray _bits = new(known.Count + absent.Length);
    private readonly HashSet<string> _others = new(StringComparer.Ordinal);

    /// <summary>Adds a path.</summary>
    public void Add(string path)
    {
        if (PlaceOf(path) is >= 0 and var place)
            _bits[place] = true;
        else
            _others.Add(path);
    }

    /// <summary>Whether a path is in the set.</summary>
    public bool Contains(string path) => PlaceOf(path) is >= 0 and var place ? _bits[place] : _others.Contains(path);

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator()
    {
        for (int place = 0; place < _bits.Length; place++)
        {
            if (_bits[place])
                yield return place < known.Count ? known[place].Path : absent[place - known.Count];
        }

        foreach (string path in _others)
            yield return path;
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int PlaceOf(string path)
    {
        if (known.PlaceOf(path) is >= 0 and var place)
            return place;
        int at = Array.BinarySearch(absent, path, StringComparer.Ordinal);
        return at < 0 ? -1 : known.Count + at;
    }
}
