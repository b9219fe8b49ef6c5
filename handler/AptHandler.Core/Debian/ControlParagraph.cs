using System.Globalization;
using System.Text;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Debian;

/// <summary>
/// A paragraph of a control file: fields with values, continued on lines that start with white space (Policy 5.1, deb822(5)). Only the
/// fields that decide which packages fit together are kept. The rest, above all descriptions and lists of configuration files, is most of a
/// file.
/// </summary>
public sealed class ControlParagraph
{
    private static readonly string[] Fields =
    [
        "Package",
        "Version",
        "Architecture",
        "Multi-Arch",
        "Status",
        "Pre-Depends",
        "Depends",
        "Breaks",
        "Conflicts",
        "Provides",
        "Size",
        "Installed-Size",
        "Filename",
        "SHA256",
        "SHA512",
    ];

    private readonly string?[] _values = new string?[Fields.Length];

    /// <summary>Reads paragraphs that are separated by empty lines. A line that is not a field is skipped.</summary>
    public static IReadOnlyList<ControlParagraph> ParseAll(string text) => ParseAll(Pieces.LinesOf(text));

    /// <summary>Reads the paragraphs of a file. The whole file need not fit into memory.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IReadOnlyList<ControlParagraph> ReadAll(string path)
    {
        using var file = Descriptor.Open(path, Libc.O_RDONLY | Libc.O_NONBLOCK);
        return file.Status().IsRegular ? ReadAll(file) : throw new IOException($"cannot read {path}: it is not a regular file");
    }

    /// <summary>Reads the paragraphs of an open file.</summary>
    internal static IReadOnlyList<ControlParagraph> ReadAll(Descriptor file) => ParseAll(Pieces.Of(file, (byte)'\n'));

    private static List<ControlParagraph> ParseAll(IEnumerable<string> lines)
    {
        var paragraphs = new List<ControlParagraph>();
        ControlParagraph? current = null;
        int field = -1;
        var value = new StringBuilder();
        foreach (string line in lines)
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                End();
                current = null;
            }
            else if (char.IsWhiteSpace(line[0]))
            {
                if (field >= 0)
                    value.Append('\n').Append(line.AsSpan().Trim());
            }
            else if (line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
            {
                End();
                if (current is null)
                    paragraphs.Add(current = new ControlParagraph());
                field = NumberOf(line.AsSpan(0, colon));
                if (field >= 0)
                    value.Append(line.AsSpan(colon + 1).Trim());
            }
        }

        End();
        return paragraphs;

        // The value is set once it is complete. So a value of very many lines is not copied for each line.
        void End()
        {
            if (current is not null && field >= 0)
                current._values[field] = value.ToString();
            field = -1;
            value.Clear();
        }
    }

    /// <summary>The value of a field, without the white space around it, or an empty string.</summary>
    /// <exception cref="ArgumentOutOfRangeException">This field is not kept.</exception>
    public string this[string field] =>
        NumberOf(field) is >= 0 and var number
            ? _values[number] ?? ""
            : throw new ArgumentOutOfRangeException(nameof(field), field, "this field is not kept");

    /// <summary>The relations that a field such as <c>Depends</c> or <c>Conflicts</c> lists.</summary>
    public IEnumerable<Relation> Relations(string field) => Relation.ParseAll(this[field]);

    /// <summary>
    /// The value of a numeric field, such as <c>Size</c> (bytes) or <c>Installed-Size</c> (KiB); 0 where it is missing or not a number.
    /// </summary>
    public long Number(string field) =>
        long.TryParse(this[field], NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : 0;

    private static int NumberOf(ReadOnlySpan<char> field)
    {
        for (int i = 0; i < Fields.Length; i++)
        {
            if (field.Equals(Fields[i], StringComparison.OrdinalIgnoreCase))
                return i;
        }

        return -1;
    }
}
