using System.Text;

namespace AptHandler.CommandLine.Manual;

/// <summary>
/// Writes a manual page with the macros of man(7). Text in backquotes is something to type, and is set in bold.
/// </summary>
internal sealed class Roff
{
    private readonly StringBuilder _page = new();

    /// <summary>Starts a page.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="section">Its section of the manual.</param>
    /// <param name="date">When it was made.</param>
    /// <param name="source">The package and version that it belongs to.</param>
    public Roff(string name, int section, DateTimeOffset date, string source)
    {
        Command($".TH \"{Escaped(name.ToUpperInvariant())}\" {section} \"{date.UtcDateTime:yyyy-MM-dd}\" \"{Escaped(source)}\"");

        // Turn off hyphenation: the many names of programs and members must not be divided. Macros turn it on again, unless HY is 0.
        Command(".nh");
        Command(".nr HY 0");
    }

    /// <summary>A word to be typed.</summary>
    public static string Bold(string text) => $"\\fB{Escaped(text)}\\fR";

    /// <summary>A word to be replaced.</summary>
    public static string Italic(string text) => $"\\fI{Escaped(text)}\\fR";

    /// <summary>Text that roff prints as it is. A hyphen is written so that it can be copied and pasted as a hyphen.</summary>
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

    /// <summary>The first paragraph below a heading. It needs no macro of its own.</summary>
    public Roff Lead(string text) => Text(Marked(text));

    /// <summary>Lines of roff that are not joined into a paragraph.</summary>
    public Roff Lines(IEnumerable<string> lines) => Text(string.Join("\n.br\n", lines));

    /// <summary>An item of a list.</summary>
    /// <param name="term">The term to explain, in roff.</param>
    /// <param name="text">Its explanation.</param>
    public Roff Item(string term, string text) => Command(".TP").Text(term).Text(Marked(text));

    /// <summary>Lines to copy and paste.</summary>
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

    // A line that starts with a dot would be a command. So would one that starts with an apostrophe, but those are escaped already.
    private Roff Text(string line) => Command(line.StartsWith('.') ? $"\\&{line}" : line);
}
