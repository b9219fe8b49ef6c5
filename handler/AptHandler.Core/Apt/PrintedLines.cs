namespace AptHandler.Apt;

/// <summary>Finds lines, words and paths in what apt, dpkg and maintainer scripts print.</summary>
internal static class PrintedLines
{
    // More of a line than this tells nobody anything, and output without line ends must not become a message of megabytes.
    private const int LongestLine = 4096;

    /// <summary>The line around a place, without the letter that apt puts before errors and warnings.</summary>
    public static string LineAt(string text, int at)
    {
        int start = at == 0 ? 0 : text.LastIndexOf('\n', at - 1) + 1;
        if (at - start > LongestLine / 2)
            start = at;
        int length = Math.Min(text.Length - start, LongestLine);
        int end = text.IndexOf('\n', at, length - (at - start));
        string line = text[start..(end < 0 ? start + length : end)].Trim();
        return line.StartsWith("E: ", StringComparison.Ordinal) || line.StartsWith("W: ", StringComparison.Ordinal) ? line[3..] : line;
    }

    /// <summary>The line below the first one with a mark, or null where there is none.</summary>
    public static string? LineBelow(string text, string mark)
    {
        int at = text.IndexOf(mark, StringComparison.Ordinal);
        return at < 0 ? null : LineBelow(text, at);
    }

    /// <summary>The line below the one around a place, or null where there is none.</summary>
    public static string? LineBelow(string text, int at)
    {
        int end = text.IndexOf('\n', at);
        return end < 0 || end + 1 >= text.Length ? null : LineAt(text, end + 1);
    }

    /// <summary>The first error of apt. Where it reported none, the first line; null where that is empty, too.</summary>
    public static string? FirstError(string output)
    {
        int error = output.StartsWith("E: ", StringComparison.Ordinal) ? 0 : output.IndexOf("\nE: ", StringComparison.Ordinal) + 1;
        return output.Length > 0 && LineAt(output, error) is { Length: > 0 } said ? said : null;
    }

    /// <summary>
    /// The first dependency that apt says is not met: <c>edge : Depends: ident (= 1.0-1) but 2.0-1 is to be installed</c>. It is the line
    /// below the one that announces it. Null where that line is cut off or empty.
    /// </summary>
    public static string? UnmetDependency(string output) =>
        LineBelow(output, "have unmet dependencies:") is { Length: > 0 } line
            ? string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            : null;

    /// <summary>The word after a mark, without punctuation, or null where there is none.</summary>
    public static string? WordAfter(string line, string mark)
    {
        int at = line.IndexOf(mark, StringComparison.Ordinal);
        if (at < 0)
            return null;
        string word = line[(at + mark.Length)..].Split(' ')[0].Trim('\'', ',', '.', ':');
        return word.Length > 0 ? word : null;
    }

    /// <summary>
    /// The first path of a line, without punctuation, or null where there is none: <c>/var/lib/dpkg/lock.</c> or
    /// <c>(/var/lib/dpkg/lock),</c>.
    /// </summary>
    public static string? PathIn(string line)
    {
        string? word = Array.Find(line.Split(' '), each => each.TrimStart('(').StartsWith('/'));
        return word?.Trim('(', ')', ',', '.', ':');
    }

    /// <summary>What is in single quotes first, or null where nothing is.</summary>
    public static string? Quoted(string line)
    {
        string[] parts = line.Split('\'');
        return parts.Length > 2 ? parts[1] : null;
    }
}
