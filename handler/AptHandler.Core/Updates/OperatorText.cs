using System.Text;

namespace AptHandler.Updates;

/// <summary>The one line that an operator sees in the cloud.</summary>
public static class OperatorText
{
    /// <summary>The longest text in bytes of UTF-8. The agent's own limit is 1,023.</summary>
    public const int LongestBytes = 1000;

    private const string Ellipsis = " …";

    /// <summary>
    /// Makes a text fit for the agent: one line, no control characters, no <c>%</c> (the agent passes the text on as a printf format),
    /// and cut at a character when it is too long.
    /// </summary>
    /// <param name="text">The text; parts of it may come from apt, a maintainer script or a manifest.</param>
    /// <param name="end">What follows it, and is there whatever is cut.</param>
    public static string Clean(string text, string end = "")
    {
        string last = end.Length > 0 ? Cut(end, Math.Max(LongestBytes / 2, LongestBytes - Encoding.UTF8.GetByteCount(text))) : "";
        return Cut(text, LongestBytes - Encoding.UTF8.GetByteCount(last)) + last;
    }

    private static string Cut(string text, int longest)
    {
        // As apt writes them in the names of files.
        text = text.Replace("%3a", ":", StringComparison.OrdinalIgnoreCase).Replace("%2b", "+", StringComparison.OrdinalIgnoreCase)
            .Replace("%5f", "_", StringComparison.OrdinalIgnoreCase);
        var clean = new StringBuilder(Math.Min(text.Length, longest));
        int bytes = 0;
        int lengthBeforeCut = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            Rune shown = rune.Value == '%' ? new Rune('_') : Rune.IsControl(rune) ? new Rune(' ') : rune;
            bytes += shown.Utf8SequenceLength;
            if (bytes > longest)
                return clean.ToString(0, lengthBeforeCut) + Ellipsis;
            clean.Append(shown);
            if (bytes <= longest - Encoding.UTF8.GetByteCount(Ellipsis))
                lengthBeforeCut = clean.Length;
        }

        return clean.ToString();
    }
}
