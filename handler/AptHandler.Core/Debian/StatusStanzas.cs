using System.Text;
using AptHandler.Files;

namespace AptHandler.Debian;

/// <summary>
/// The stanzas of dpkg's status file as they stand there, so that single ones can be put back as they were. To be used while dpkg cannot run,
/// and only where it has left no journal.
/// </summary>
internal sealed class StatusStanzas
{
    private const int LargestFile = 256 << 20;

    private readonly string _path;
    private readonly List<Entry> _stanzas;
    private bool _isChanged;

    private readonly string _nativeArchitecture;

    private StatusStanzas(string path, List<Entry> stanzas, string nativeArchitecture) =>
        (_path, _stanzas, _nativeArchitecture) = (path, stanzas, nativeArchitecture);

    /// <summary>Reads the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="nativeArchitecture">Debian's name of the machine's architecture.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static StatusStanzas Read(string path, string nativeArchitecture)
    {
        // Byte for byte: what is not UTF-8 is kept as well.
        string text = Encoding.Latin1.GetString(BoundedFile.Read(path, LargestFile, followLinks: true));
        var stanzas = new List<Entry>();
        for (int at = 0; at < text.Length;)
        {
            int end = text.IndexOf("\n\n", at, StringComparison.Ordinal);
            string stanza = end < 0 ? text[at..].TrimEnd('\n') : text[at..end];
            if (stanza.Length > 0)
                stanzas.Add(new Entry(Field(stanza, "Package"), Field(stanza, "Architecture"), stanza));
            at = end < 0 ? text.Length : end + 2;
        }

        return new StatusStanzas(path, stanzas, nativeArchitecture);
    }

    /// <summary>The stanza of a package; null where there is none. The native architecture stands for <c>all</c> as well.</summary>
    public string? this[string name, string architecture] => Find(name, architecture) is >= 0 and var at ? _stanzas[at].Text : null;

    /// <summary>Replaces the stanza of a package, or takes it out.</summary>
    public void Set(string name, string architecture, string? text)
    {
        int at = Find(name, architecture);
        if (text is null ? at < 0 : at >= 0 && _stanzas[at].Text == text)
            return;
        _isChanged = true;
        if (at >= 0 && text is not null)
            _stanzas[at] = new Entry(name, architecture, text);
        else if (at >= 0)
            _stanzas.RemoveAt(at);
        else
            _stanzas.Add(new Entry(name, architecture, text!));
    }

    /// <summary>Writes the file, if anything was changed.</summary>
    /// <exception cref="IOException">It cannot be written; the old one is as it was.</exception>
    public void Save()
    {
        if (!_isChanged)
            return;
        var text = new StringBuilder();
        foreach (Entry stanza in _stanzas)
            text.Append(stanza.Text).Append("\n\n");
        WholeFile.Replace(_path, Encoding.Latin1.GetBytes(text.ToString()), WholeFile.ReadableByAll);
        _isChanged = false;
    }

    private int Find(string name, string architecture) =>
        _stanzas.FindIndex(each => each.Name == name && ForeignOf(each.Architecture) == ForeignOf(architecture));

    // A package can change from one architecture to all of them: it stays the same package.
    private string? ForeignOf(string architecture) => architecture == "all" || architecture == _nativeArchitecture || architecture.Length == 0 ? null : architecture;

    private static string Field(string stanza, string name)
    {
        int start = stanza.StartsWith(name + ":", StringComparison.Ordinal) ? 0 : stanza.IndexOf($"\n{name}:", StringComparison.Ordinal) + 1;
        if (start == 0 && !stanza.StartsWith(name + ":", StringComparison.Ordinal))
            return "";
        int end = stanza.IndexOf('\n', start);
        return stanza[(start + name.Length + 1)..(end < 0 ? stanza.Length : end)].Trim();
    }

    private sealed record Entry(string Name, string Architecture, string Text);
}
