using System.Text;

namespace AptHandler.Debian;

/// <summary>A paragraph of a control file: fields with values, continued on lines that begin with white space (Policy 5.1, deb822(5)).</summary>
public sealed class ControlParagraph
{
    private readonly Dictionary<string, string> _fields = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads paragraphs that are separated by empty lines. A line that is no field is passed over.</summary>
    public static IReadOnlyList<ControlParagraph> ParseAll(string text)
    {
        var paragraphs = new List<ControlParagraph>();
        ControlParagraph? current = null;
        string? field = null;
        var value = new StringBuilder();
        foreach (string line in text.Split('\n'))
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                End();
                current = null;
            }
            else if (char.IsWhiteSpace(line[0]))
            {
                value.Append('\n').Append(line.AsSpan().Trim());
            }
            else if (line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
            {
                End();
                if (current is null)
                    paragraphs.Add(current = new ControlParagraph());
                field = line[..colon];
                value.Append(line.AsSpan(colon + 1).Trim());
            }
        }

        End();
        return paragraphs;

        // Set once it is whole: a value of very many lines is not copied for each of them.
        void End()
        {
            if (current is not null && field is not null)
                current._fields[field] = value.ToString();
            field = null;
            value.Clear();
        }
    }

    /// <summary>The value of a field, without the white space around it, or an empty string.</summary>
    public string this[string field] => _fields.GetValueOrDefault(field, "");

    /// <summary>The relations that a field such as <c>Depends</c> or <c>Conflicts</c> lists.</summary>
    public IEnumerable<Relation> Relations(string field) => Relation.ParseAll(this[field]);

    /// <summary>A field that counts, such as <c>Size</c> (bytes) or <c>Installed-Size</c> (KiB); 0 where it is missing or no number.</summary>
    public long Number(string field) =>
        long.TryParse(this[field], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out long value) ? value : 0;
}
