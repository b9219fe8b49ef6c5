using System.Text;

namespace AptHandler.CommandLine.Manual;

/// <summary>
/// Writes a manual page with the macros of man(7). In texts, what stands in backquotes is set in bold: it is to be typed.
/// </summary>
internal sealed class Roff
{
    private readonly StringBuilder _page = new();

    /// <summary>Begins a page.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="section">Its section of the manual.</param>
    /// <param name="date">When it was made.</param>
    /// <param name="source">The package and version that it belongs to.</param>
    public Roff(string name, int section, DateTimeOffset date, string source)
    {
        Command($".TH \"{Escaped(name.ToUpperInvariant())}\" {section} \"{date.UtcDateTime:yyyy-MM-dd}\" \"{Escaped(source)}\"");

        // Names of programs and members, of which there are many, must not be divided: from here on, and not where a macro begins anew
        // either.
        Command(".nh");
        Command(".nr HY 0");
    }

    /// <summary>A word to be typed.</summary>
    public static string Bold(string text) => $"\\fB{Escaped(text)}\\fR";

    /// <summary>A word to be replaced.</summary>
    public static string Italic(string text) => $"\\fI{Escaped(text)}\\fR";

    /// <summary>Text without meaning for roff. A hyphen is written so that it can be pasted as one.</summary>
    public static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            _ = c switch
            {
                '\\' => escaped.Append("\\e"),
                '-' => escaped.Append("\\-"),
                '\'' => escaped.Append("\\(aq"),
                '`' => escaped.Append("\\(ga"),
                '^' => escaped.Append("\\(ha"),
                '~' => escaped.Append("\\(ti"),
                '"' => escaped.Append("\\(dq"),
                _ => escaped.Append(c),
            };
        }

        return escaped.ToString();
    }

    /// <summary>A heading.</summary>
    public Roff Section(string title) => Command($".SH \"{Escaped(title)}\"");

    /// <summary>A paragraph.</summary>
    public Roff Paragraph(string text) => Command(".PP").Text(Marked(text));

    /// <summary>The first paragraph below a heading, which needs no sign of its own.</summary>
    public Roff Lead(string text) => Text(Marked(text));

    /// <summary>Lines of roff that stay lines.</summary>
    public Roff Lines(IEnumerable<string> lines) => Text(string.Join("\n.br\n", lines));

    /// <summary>An item of a list.</summary>
    /// <param name="term">What is explained, in roff.</param>
    /// <param name="text">Its explanation.</param>
    public Roff Item(string term, string text) => Command(".TP").Text(term).Text(Marked(text));

    /// <summary>Lines to be pasted.</summary>
    public Roff Example(string lines)
    {
        Command(".PP").Command(".RS 4").Command(".EX");
        foreach (string line in lines.Split('\n'))
            Text(Escaped(line));
        return Command(".EE").Command(".RE");
    }

    /// <inheritdoc/>
    public override string ToString() => _page.ToString();

    private static string Marked(string text)
    {
        string[] parts = text.Split('`');
        for (int i = 0; i < parts.Length; i++)
            parts[i] = i % 2 == 0 ? Escaped(parts[i]) : Bold(parts[i]);
        return string.Concat(parts);
    }

    private Roff Command(string line)
    {
        _page.Append(line).Append('\n');
        return this;
    }

    // A line that begins with a point would be a command. One that begins with an apostrophe, too, but those are escaped.
    private Roff Text(string line) => Command(line.StartsWith('.') ? $"\\&{line}" : line);
}
