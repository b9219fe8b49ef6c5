using System.Text;
using AptHandler.Files;

namespace AptHandler.Debian;

/// <summary>
/// The stanzas of dpkg's status file, byte for byte, so that single ones can be put back as they were. Use it only while dpkg cannot run,
/// and where dpkg has left no journal. The file stays open, and a stanza is read when it is needed.
/// </summary>
internal sealed class StatusStanzas : IDisposable
{
    private const string Remedy = "run 'dpkg --audit'";

    private readonly RegularFile _file;
    private readonly List<Entry> _stanzas = [];
    private readonly string _nativeArchitecture;
    private bool _isChanged;

    private StatusStanzas(RegularFile file, string nativeArchitecture)
    {
        (_file, _nativeArchitecture) = (file, nativeArchitecture);
        var reader = new StanzaReader(file, Remedy);
        while (reader.TryRead(out StatusEntry entry))
            _stanzas.Add(new Entry(entry.Name, entry.Architecture, reader.Place.Offset, reader.Place.Length));
    }

    /// <summary>Reads the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="nativeArchitecture">Debian's name of the machine's architecture.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="DpkgStatusException">The file cannot be read, or is torn.</exception>
    public static StatusStanzas Read(string path, string nativeArchitecture)
    {
        RegularFile file = RegularFile.Open(path) ?? throw new FileNotFoundException($"cannot find {path}", path);
        try
        {
            return new StatusStanzas(file, nativeArchitecture);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The stanza of a package; null where there is none. The native architecture also matches <c>all</c>.</summary>
    public string? this[string name, string architecture] => Find(name, architecture) is >= 0 and var at ? TextOf(_stanzas[at]) : null;

    /// <summary>Replaces the stanza of a package. Null removes it.</summary>
    public void Set(string name, string architecture, string? text)
    {
        int at = Find(name, architecture);
        if (text is null ? at < 0 : at >= 0 && TextOf(_stanzas[at]) == text)
            return;
        _isChanged = true;
        if (text is null)
            _stanzas.RemoveAt(at);
        else if (at >= 0)
            _stanzas[at].Text = text;
        else
            _stanzas.Add(new Entry(name, architecture) { Text = text });
    }

    /// <summary>Writes the file, if anything was changed.</summary>
    /// <exception cref="IOException">The file cannot be written; the old one is as it was.</exception>
    public void Save()
    {
        if (!_isChanged)
            return;
        WholeFile.Replace(_file.Path, Write, WholeFile.ReadableByAll);
        _isChanged = false;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    // Bytes that are not UTF-8 are kept as they are.
    private void Write(Stream stream)
    {
        foreach (Entry stanza in _stanzas)
        {
            stream.Write(stanza.Text is { } text ? Encoding.Latin1.GetBytes(text) : BytesOf(stanza));
            stream.Write("\n\n"u8);
        }
    }

    private string TextOf(Entry stanza) => stanza.Text ?? Encoding.Latin1.GetString(BytesOf(stanza));

    private byte[] BytesOf(Entry stanza)
    {
        var bytes = new byte[stanza.Length];
        for (int length = 0, count; length < bytes.Length; length += count)
        {
            count = _file.Read(bytes.AsSpan(length), stanza.Offset + length);
            if (count == 0)
                throw new IOException($"cannot read {_file.Path}: it is shorter than it was");
        }

        return bytes;
    }

    private int Find(string name, string architecture) =>
        _stanzas.FindIndex(each => each.Name == name && ForeignOf(each.Architecture) == ForeignOf(architecture));

    // A package can change between one architecture and all architectures. It stays the same package.
    private string? ForeignOf(string architecture) =>
        architecture == "all" || architecture == _nativeArchitecture || architecture.Length == 0 ? null : architecture;

    private sealed record Entry(string Name, string Architecture, long Offset = 0, int Length = 0)
    {
        /// <summary>The new text of the stanza; null where it is as in the file.</summary>
        public string? Text { get; set; }
    }
}
