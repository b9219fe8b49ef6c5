namespace AptHandler.Rollback;

/// <summary>dpkg's checksums of the files of a snapshot: sixteen bytes for each, in one array.</summary>
/// <param name="entries">The files.</param>
internal sealed class Md5Table(EntryTable entries)
{
    private const int Length = 16;

    private readonly byte[] _sums = new byte[entries.Count * Length];
    private readonly bool[] _isKnown = new bool[entries.Count];

    /// <summary>Whether the checksum of a file is known.</summary>
    public bool Knows(string path) => entries.PlaceOf(path) is >= 0 and var place && _isKnown[place];

    /// <summary>Whether a file has a given checksum, in hexadecimal digits.</summary>
    public bool Is(string path, string sum) => Knows(path) && SumAt(entries.PlaceOf(path)).SequenceEqual(Convert.FromHexString(sum));

    /// <summary>Reads a file <c>md5sums</c>.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public void Read(string file)
    {
        using var reader = new StreamReader(file);
        foreach (Md5Line line in Md5Line.ReadAll(reader))
        {
            if (entries.PlaceOf(line.Path) is not (>= 0 and var place) || !line.Sum.All(char.IsAsciiHexDigit))
                continue;
            Convert.FromHexString(line.Sum).CopyTo(SumAt(place));
            _isKnown[place] = true;
        }
    }

    private Span<byte> SumAt(int place) => _sums.AsSpan(place * Length, Length);
}
