namespace AptHandler.Debian;

/// <summary>Walks over the stanzas of a dpkg status file or journal file.</summary>
/// <remarks>
/// Reads the file piece by piece through one small buffer, which stays in the processor's cache. A buffer for the whole file would need new
/// memory, and that costs more time than all the rest of the reading.
/// </remarks>
internal ref struct StanzaReader
{
    private const int PieceLength = 64 * 1024;

    // The longest part of a real stanza is its list of configuration files, about ten thousand bytes.
    private const int LongestStanza = 4 << 20;

    // Debian has about 65,000 packages. A machine knows a few thousand of them.
    private const int MostStanzas = 150_000;

    private readonly RegularFile _file;
    private readonly string _remedy;
    private readonly StanzaTexts _texts;
    private byte[] _buffer;

    // The position of the line feed before the next stanza, and the end of the bytes that were read.
    private int _at;
    private int _end;
    private long _offsetOfEnd;
    private bool _isAtEndOfFile;
    private int _count;

    /// <summary>Makes a reader that stands before the first stanza.</summary>
    /// <param name="file">The file.</param>
    /// <param name="remedy">What to do about a torn file, for the end of the message.</param>
    public StanzaReader(RegularFile file, string remedy)
    {
        _file = file;
        _remedy = remedy;
        _texts = new StanzaTexts(file.Length);
        _buffer = GC.AllocateUninitializedArray<byte>(Math.Min(file.Length + 2, PieceLength));

        // This gives every field a line feed before it, also the first one of the file.
        _buffer[0] = (byte)'\n';
        _end = 1;
    }

    /// <summary>Where the last stanza starts in the file, and how many bytes it has without the line feed at its end.</summary>
    public (long Offset, int Length) Place { get; private set; }

    /// <summary>Reads the next stanza.</summary>
    /// <param name="entry">The content of the stanza.</param>
    /// <returns>False at the end of the file.</returns>
    /// <exception cref="DpkgStatusException">
    /// The stanza has no name, no status or an unknown one. Or it has a zero byte, or is too long. Or there are too many stanzas, or the
    /// file ends in the middle of a line.
    /// </exception>
    public bool TryRead(out StatusEntry entry)
    {
        int length;
        while ((length = LengthOfStanza()) < 0)
            ReadOn();

        ReadOnlySpan<byte> stanza = _buffer.AsSpan(_at, length);
        entry = default;
        if (length == 1)
            return false;

        string? problem = ++_count > MostStanzas ? $"it has more than {MostStanzas} stanzas" : Stanza.Read(stanza, _texts, out entry);
        if (problem is not null)
            throw Torn(problem, _at + 1);

        Place = (_offsetOfEnd - _end + _at + 1, length - 2);
        _at += length - 1;
        return true;
    }

    // From the line feed before the stanza to the one that ends it; -1 where the end has not been read yet, 1 where no stanza is left.
    private int LengthOfStanza()
    {
        while (_at + 1 < _end && _buffer[_at + 1] == '\n')
            _at++;

        ReadOnlySpan<byte> rest = _buffer.AsSpan(_at, _end - _at);
        int found = StanzaEnd.IndexIn(rest);

        // After a power cut, a file system may leave zero bytes in place of blocks that were not written. They may hide stanzas.
        if (found >= 0)
            return rest[found] != 0 ? found + 1 : throw Torn("a zero byte stands there", _at + found);
        if (!_isAtEndOfFile)
            return -1;

        // dpkg refuses such a file as well. If it were read, every package behind the tear would look removed.
        return rest[^1] == '\n' ? rest.Length : throw Torn("the file ends in the middle of a line", _end);
    }

    private void ReadOn()
    {
        ReadOnlySpan<byte> rest = _buffer.AsSpan(_at, _end - _at);
        if (rest.Length > LongestStanza)
            throw Torn($"the stanza is longer than {LongestStanza} bytes", _at + 1);
        byte[] target = rest.Length > _buffer.Length / 2 ? GC.AllocateUninitializedArray<byte>(_buffer.Length * 2) : _buffer;
        rest.CopyTo(target);
        _buffer = target;
        _at = 0;
        _end = rest.Length;

        int count = _file.Read(_buffer.AsSpan(_end), _offsetOfEnd);
        _offsetOfEnd += count;
        _end += count;
        _isAtEndOfFile = count == 0;
    }

    private readonly DpkgStatusException Torn(string problem, int position) =>
        new($"cannot read '{_file.Path}' from line {LineOf(_offsetOfEnd - _end + position)} on: {problem}; {_remedy}");

    // The line is needed only for a message. It is counted by reading the file again.
    private readonly int LineOf(long offset)
    {
        byte[] piece = new byte[PieceLength];
        int line = 1;
        for (long at = 0; at < offset; )
        {
            int count = _file.Read(piece.AsSpan(0, (int)Math.Min(piece.Length, offset - at)), at);
            if (count == 0)
                break;
            line += piece.AsSpan(0, count).Count((byte)'\n');
            at += count;
        }

        return line;
    }
}
