using System.Text;

namespace AptHandler.Debian;

/// <summary>Walks over the stanzas of a dpkg status file or journal file.</summary>
/// <remarks>
/// dpkg writes the fields of a stanza in an order of its own, in which all that is looked for here comes within the first dozen lines. Once it is found,
/// the rest (dependencies, configuration files, the description: most of the file) is jumped over to the next empty line.
/// </remarks>
internal ref struct StanzaReader
{
    private readonly byte[] _file;
    private readonly string _path;
    private readonly string _remedy;
    private int _at;

    /// <summary>Begins before the first stanza.</summary>
    /// <param name="file">The content of the file.</param>
    /// <param name="path">The name of the file, for messages.</param>
    /// <param name="remedy">What to do about a torn file.</param>
    /// <exception cref="DpkgStatusException">The file is torn: it does not end with a line, or holds what dpkg never writes.</exception>
    public StanzaReader(byte[] file, string path, string remedy)
    {
        _file = file;
        _path = path;
        _remedy = remedy;

        // dpkg refuses such a file as well. Reading what there is would make every package behind the tear look removed.
        if (file.Length > 0 && file[^1] != '\n')
            throw Torn(file.Length, "the file ends in the middle of a line");

        // What a file system leaves in place of blocks that were not written when the power went.
        int zero = file.AsSpan().IndexOf((byte)0);
        if (zero >= 0)
            throw Torn(zero, "a zero byte stands there");
    }

    /// <summary>Reads the next stanza.</summary>
    /// <param name="entry">What the stanza says.</param>
    /// <returns>False at the end of the file.</returns>
    /// <exception cref="DpkgStatusException">The stanza has no name, no status or an unknown one.</exception>
    public bool TryRead(out StatusEntry entry)
    {
        while (_at < _file.Length && _file[_at] == '\n')
            _at++;

        if (_at == _file.Length)
        {
            entry = default;
            return false;
        }

        int start = _at;
        StanzaFields fields = ReadFields();
        if (fields.Package.Length == 0)
            throw Torn(start, "the stanza has no field Package");
        if (!fields.HasStatus)
            throw Torn(start, "the stanza has no field Status");

        entry = new StatusEntry(_file, fields);
        return true;
    }

    // Leaves _at behind the stanza.
    private StanzaFields ReadFields()
    {
        StanzaFields fields = default;
        while (_at < _file.Length && _file[_at] != '\n')
        {
            ReadOnlySpan<byte> rest = _file.AsSpan(_at);
            ReadOnlySpan<byte> line = rest[..rest.IndexOf((byte)'\n')];
            ReadLine(line, ref fields);
            _at += line.Length + 1;

            if (fields.IsComplete)
            {
                int length = _file.AsSpan(_at - 1).IndexOf("\n\n"u8);
                _at = length < 0 ? _file.Length : _at + length;
            }
        }

        return fields;
    }

    private readonly void ReadLine(ReadOnlySpan<byte> line, ref StanzaFields fields)
    {
        switch (line[0] | 0x20)
        {
            case 'p' when Is(line, "Package"u8):
                fields.Package = ValueOf(line, "Package"u8.Length);
                break;
            case 'p' when Is(line, "Protected"u8):
                fields.Protected = IsYes(line, "Protected"u8.Length);
                break;
            case 'e' when Is(line, "Essential"u8):
                fields.Essential = IsYes(line, "Essential"u8.Length);
                break;
            case 's' when Is(line, "Status"u8):
                ReadStatus(ValueOf(line, "Status"u8.Length), ref fields);
                break;
            case 'a' when Is(line, "Architecture"u8):
                fields.Architecture = ValueOf(line, "Architecture"u8.Length);
                break;
            case 'v' when Is(line, "Version"u8):
                fields.Version = ValueOf(line, "Version"u8.Length);
                break;
        }
    }

    private readonly void ReadStatus(FieldValue value, ref StanzaFields fields)
    {
        ReadOnlySpan<byte> status = _file.AsSpan(value.Start, value.Length);
        fields.HasStatus = true;
        if (status.SequenceEqual("install ok installed"u8))
        {
            fields.Wanted = PackageSelection.Install;
            fields.State = PackageState.Installed;
            return;
        }

        int first = status.IndexOf((byte)' ');
        int last = status.LastIndexOf((byte)' ');
        bool isKnown = first < last
            && StatusWords.TryRead(status[..first], out fields.Wanted)
            && StatusWords.TryRead(status[(first + 1)..last], out fields.ReinstallRequired)
            && StatusWords.TryRead(status[(last + 1)..], out fields.State);
        if (!isKnown)
            throw Torn(value.Start, $"the field Status holds '{Encoding.UTF8.GetString(status)}', which dpkg never writes");
    }

    // deb-control(5): the case of field names does not matter.
    private static bool Is(ReadOnlySpan<byte> line, ReadOnlySpan<byte> field) =>
        line.Length > field.Length && line[field.Length] == ':' && Ascii.EqualsIgnoreCase(line[..field.Length], field);

    private static bool IsYes(ReadOnlySpan<byte> line, int nameLength) => line[(nameLength + 1)..].Trim(" \t"u8).SequenceEqual("yes"u8);

    private readonly FieldValue ValueOf(ReadOnlySpan<byte> line, int nameLength)
    {
        ReadOnlySpan<byte> value = line[(nameLength + 1)..];
        ReadOnlySpan<byte> withoutIndent = value.TrimStart(" \t"u8);
        int start = _at + line.Length - withoutIndent.Length;
        return new FieldValue(start, withoutIndent.TrimEnd(" \t"u8).Length);
    }

    private readonly DpkgStatusException Torn(int offset, string reason)
    {
        int lineNumber = _file.AsSpan(0, offset).Count((byte)'\n') + 1;
        return new DpkgStatusException($"cannot read '{_path}': in line {lineNumber}, {reason}; {_remedy}");
    }
}
