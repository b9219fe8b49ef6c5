using System.Globalization;
using System.Text;
using System.Text.Json;

namespace AptHandler.Authoring.Linting;

/// <summary>A part of a text, by the offsets of its start and its end in bytes.</summary>
internal sealed record TextSpan(int Start, int End);

/// <summary>One object of the list of packages.</summary>
internal sealed class OutlineEntry
{
    /// <summary>The object with its braces.</summary>
    public required TextSpan Whole { get; init; }

    /// <summary>The value of the member <c>name</c>, with its quotation marks.</summary>
    public TextSpan? Name { get; set; }

    /// <summary>The value of the member <c>version</c>.</summary>
    public TextSpan? Version { get; set; }

    /// <summary>Whether one of its members occurs twice, so that it is unclear which one is meant.</summary>
    public bool IsAmbiguous { get; init; }

    /// <summary>From the comma or brace before the member <c>version</c> to the end of its value.</summary>
    public TextSpan? VersionMember { get; set; }
}

/// <summary>
/// The places of the parts of a manifest in its text. A manifest does not keep them, but lint needs them to point at the parts and to
/// change them. If a file is not valid JSON, the outline covers the text before the fault.
/// </summary>
internal sealed class ManifestOutline
{
    private ManifestOutline(byte[] text) => Text = text;

    /// <summary>The text, without a byte-order mark.</summary>
    public byte[] Text { get; }

    /// <summary>The value of the manifest's name, where it has one.</summary>
    public TextSpan? Name { get; private set; }

    /// <summary>The value of the manifest's version, where it has one.</summary>
    public TextSpan? Version { get; private set; }

    /// <summary>The list of packages from bracket to bracket, where it has one.</summary>
    public TextSpan? Packages { get; private set; }

    /// <summary>The value of the manifest's sources, where it has any.</summary>
    public TextSpan? Sources { get; private set; }

    /// <summary>The complete objects of the list.</summary>
    public List<OutlineEntry> Entries { get; } = [];

    /// <summary>Reads the outline of a file.</summary>
    public static ManifestOutline Of(byte[] utf8)
    {
        ReadOnlySpan<byte> all = utf8;
        var outline = new ManifestOutline(all.StartsWith(Encoding.UTF8.Preamble) ? utf8[Encoding.UTF8.Preamble.Length..] : utf8);
        try
        {
            var reader = new Utf8JsonReader(outline.Text);
            outline.Read(ref reader);
        }
        catch (JsonException)
        {
            // The parts before the fault are known by now. The reader of manifests reports the fault itself.
        }

        return outline;
    }

    /// <summary>The entry at a JSON path such as <c>$.packages[3].version</c>, or null.</summary>
    public OutlineEntry? EntryOf(string path)
    {
        const string Start = "$.packages[";
        int close = path.IndexOf(']', StringComparison.Ordinal);
        return
            path.StartsWith(Start, StringComparison.Ordinal)
            && int.TryParse(path.AsSpan(Start.Length, close - Start.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            && index < Entries.Count
            ? Entries[index]
            : null;
    }

    /// <summary>The offset of a place, with line and column counted from 1.</summary>
    public int OffsetOf(int line, int column)
    {
        int offset = 0;
        for (; line > 1; line--)
            offset += Text.AsSpan(offset).IndexOf((byte)'\n') + 1;
        for (int units = column - 1; units > 0 && offset < Text.Length; )
        {
            Rune.DecodeFromUtf8(Text.AsSpan(offset), out Rune rune, out int length);
            offset += length;
            units -= rune.Utf16SequenceLength;
        }

        return offset;
    }

    /// <summary>The bytes of a part.</summary>
    public ReadOnlySpan<byte> this[TextSpan span] => Text.AsSpan(span.Start, span.End - span.Start);

    /// <summary>The text of a part that is a string.</summary>
    public string StringAt(TextSpan span)
    {
        var reader = new Utf8JsonReader(this[span]);
        return reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";
    }

    private void Read(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isName = IsAt(ref reader, "name"u8),
                isVersion = IsAt(ref reader, "version"u8),
                isPackages = IsAt(ref reader, "packages"u8);
            bool isSources = IsAt(ref reader, "sources"u8);
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            if (isPackages && Packages is null && reader.TokenType == JsonTokenType.StartArray)
                ReadEntries(ref reader);
            else
                reader.Skip();
            var value = new TextSpan(start, (int)reader.BytesConsumed);

            // If a member occurs twice, the reader of manifests uses the first one, and so does this outline.
            if (isName)
                Name ??= value;
            else if (isVersion)
                Version ??= value;
            else if (isPackages)
                Packages ??= value;
            else if (isSources)
                Sources ??= value;
        }
    }

    private void ReadEntries(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            int start = (int)reader.TokenStartIndex;
            TextSpan? name = null,
                version = null,
                versionMember = null;
            bool isAmbiguous = false;
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                for (
                    int end = (int)reader.BytesConsumed;
                    reader.Read() && reader.TokenType == JsonTokenType.PropertyName;
                    end = (int)reader.BytesConsumed
                )
                {
                    bool isName = IsAt(ref reader, "name"u8),
                        isVersion = IsAt(ref reader, "version"u8);
                    reader.Read();
                    int valueStart = (int)reader.TokenStartIndex;
                    reader.Skip();
                    var value = new TextSpan(valueStart, (int)reader.BytesConsumed);
                    isAmbiguous |= (isName && name is not null) || (isVersion && version is not null);
                    if (isName)
                        name ??= value;
                    else if (isVersion && version is null)
                        (version, versionMember) = (value, new TextSpan(end, value.End));
                }
            }
            else
            {
                reader.Skip();
            }

            Entries.Add(
                new OutlineEntry
                {
                    Whole = new TextSpan(start, (int)reader.BytesConsumed),
                    Name = name,
                    Version = version,
                    VersionMember = versionMember,
                    IsAmbiguous = isAmbiguous,
                }
            );
        }
    }

    // The parser accepts half of a surrogate pair in a name. The reader of manifests reports it. No known member has such a name.
    private static bool IsAt(ref readonly Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        try
        {
            return reader.ValueTextEquals(name);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
