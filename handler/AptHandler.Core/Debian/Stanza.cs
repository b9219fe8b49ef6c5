using System.Text;

namespace AptHandler.Debian;

/// <summary>The fields of one stanza that decide what is installed.</summary>
/// <remarks>
/// A field begins a line, and continuation lines begin with white space: so a line feed, the name and a colon are the field and nothing
/// else, and can be searched for. dpkg writes the names in one spelling only, although deb-control(5) lets their case vary, and in one
/// order: Package, Essential, Protected, Status, …, Architecture, …, Version, and then what makes up most of the stanza. Each search begins
/// where the one before ended, and so stays short.
/// </remarks>
internal static class Stanza
{
    /// <summary>Reads a stanza.</summary>
    /// <param name="stanza">Its lines, with a line feed before the first and after the last one.</param>
    /// <param name="entry">What it says.</param>
    /// <returns>Null, or what no stanza written by dpkg lacks or holds.</returns>
    public static string? Read(ReadOnlySpan<byte> stanza, out StatusEntry entry)
    {
        entry = default;
        int at = 0;
        ReadOnlySpan<byte> name = ValueOf(stanza, "\nPackage:"u8, ref at);
        if (name.IsEmpty)
            return "the field Package is missing";

        // Nearly every package is neither essential nor protected, and then Status follows the name at once.
        bool mayBeSpecial = !stanza[at..].StartsWith("\nStatus:"u8);
        ReadOnlySpan<byte> status = ValueOf(stanza, "\nStatus:"u8, ref at);
        if (status.IsEmpty)
            return "the field Status is missing";
        if (!StatusWords.TryRead(status, out StatusWords words))
            return $"the field Status holds '{Encoding.UTF8.GetString(status)}', which dpkg never writes";

        ReadOnlySpan<byte> architecture = ValueOf(stanza, "\nArchitecture:"u8, ref at);
        ReadOnlySpan<byte> version = ValueOf(stanza, "\nVersion:"u8, ref at);
        bool isEssential = mayBeSpecial && SaysYes(stanza, "\nEssential:"u8);
        bool isProtected = mayBeSpecial && SaysYes(stanza, "\nProtected:"u8);
        entry = new StatusEntry(name, architecture, version, words, isEssential, isProtected);
        return null;
    }

    private static bool SaysYes(ReadOnlySpan<byte> stanza, ReadOnlySpan<byte> field)
    {
        int at = 0;
        return ValueOf(stanza, field, ref at).SequenceEqual("yes"u8);
    }

    // Looks behind a position first, and before it only where the order is not dpkg's. Moves the position to the end of the line.
    private static ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> stanza, ReadOnlySpan<byte> field, scoped ref int at)
    {
        ReadOnlySpan<byte> behind = stanza[at..];
        int found = behind.StartsWith(field) ? 0 : behind.IndexOf(field);
        int start = found >= 0 ? at + found : stanza[..at].IndexOf(field);
        if (start < 0)
            return default;

        start += field.Length;
        int length = stanza[start..].IndexOf((byte)'\n');
        if (length < 0)
            return default;

        at = start + length;
        return stanza.Slice(start, length).Trim((byte)' ');
    }
}
