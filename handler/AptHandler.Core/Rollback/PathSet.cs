using System.Collections;

namespace AptHandler.Rollback;

/// <summary>A set of paths. Most of them are known beforehand, and each of these takes one bit.</summary>
/// <param name="known">The known paths, sorted.</param>
internal sealed class PathSet(string[] known) : IEnumerable<string>
{
    private readonly BitArray _bits = new(known.Length);
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
        for (int place = 0; place < known.Length; place++)
        {
            if (_bits[place])
                yield return known[place];
        }

        foreach (string path in _others)
            yield return path;
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int PlaceOf(string path) => Array.BinarySearch(known, path, StringComparer.Ordinal);
}
