using System.Runtime.CompilerServices;
using AptHandler.Logging;

namespace AptHandler.Debian;

/// <summary>The fields of one stanza that decide what is installed.</summary>
/// <remarks>
/// A field starts a line, and continuation lines start with white space. dpkg writes the names of the fields in one spelling only, although
/// deb-control(5) lets their case vary. It also writes them in one order: Package, Essential, Protected, Status, …, Architecture, …,
/// Version, and then most of the stanza. So reading can mostly stop early.
/// </remarks>
internal static class Stanza
{
    // dpkg names files after packages, and a file name has at most 255 bytes. Versions and architectures are far shorter.
    private const int LongestValue = 255;

    /// <summary>Reads a stanza.</summary>
    /// <param name="stanza">Its lines, with a line feed before the first and after the last one.</param>
    /// <param name="texts">Keeps the texts of the entry.</param>
    /// <param name="entry">The content of the stanza.</param>
    /// <returns>Null, or the fault: something that dpkg always writes is missing, or something that it never writes is there.</returns>
    public static string? Read(ReadOnlySpan<byte> stanza, StanzaTexts texts, out StatusEntry entry)
    {
        entry = default;
        ReadOnlySpan<byte> name = default;
        ReadOnlySpan<byte> status = default;
        ReadOnlySpan<byte> architecture = default;
        ReadOnlySpan<byte> version = default;
        ReadOnlySpan<byte> essential = default;
        ReadOnlySpan<byte> isProtected = default;

        var lines = new Lines(stanza);
        bool mayBeSpecial = true;
        for (int number = 1; lines.MoveNext(); number++)
        {
            ReadOnlySpan<byte> line = lines.Current;
            switch (line[0])
            {
                case (byte)'P':
                    _ = Take(line, "Package:"u8, ref name) || Take(line, "Protected:"u8, ref isProtected);
                    break;
                case (byte)'E':
                    Take(line, "Essential:"u8, ref essential);
                    break;
                case (byte)'S':
                    // Nearly every package is neither essential nor protected. Then Status follows the name directly.
                    if (Take(line, "Status:"u8, ref status))
                        mayBeSpecial = number != 2;
                    break;
                case (byte)'A':
                    Take(line, "Architecture:"u8, ref architecture);
                    break;
                case (byte)'V':
                    Take(line, "Version:"u8, ref version);
                    break;
            }

            if (!mayBeSpecial && !version.IsEmpty && !architecture.IsEmpty && !status.IsEmpty && !name.IsEmpty)
                break;
        }

        if (name.IsEmpty)
            return "the field Package is missing";
        if (status.IsEmpty)
            return "the field Status is missing";
        if (!StatusWords.TryRead(status, out StatusWords words))
            return $"the field Status holds {Quotation.Of(status)}, which dpkg never writes";
        if (Math.Max(Math.Max(name.Length, architecture.Length), version.Length) > LongestValue)
            return $"a name, a version or an architecture has more than {LongestValue} bytes, and dpkg writes none that long";

        entry = new StatusEntry(
            texts,
            name,
            architecture,
            version,
            words,
            essential.SequenceEqual("yes"u8),
            isProtected.SequenceEqual("yes"u8)
        );
        return null;
    }

    // The first line of a field counts. Inlining lets the name of the field be compared as a few whole words, without a call.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Take(ReadOnlySpan<byte> line, ReadOnlySpan<byte> field, ref ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty || !line.StartsWith(field))
            return false;

        value = line[field.Length..];

        // dpkg writes one space before a value and none behind it. Trim would be slower for that case.
        if (value.Length > 1 && value[0] == ' ' && value[1] != ' ' && value[^1] != ' ')
            value = value[1..];
        else
            value = value.Trim((byte)' ');
        return true;
    }
}
