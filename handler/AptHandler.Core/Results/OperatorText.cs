using System.Text;
using AptHandler.Logging;

namespace AptHandler.Results;

/// <summary>The one line that an operator sees in the cloud.</summary>
public static class OperatorText
{
    /// <summary>The longest text in bytes of UTF-8. The agent's own limit is 1,023.</summary>
    public const int LongestBytes = 1000;

    private const string Ellipsis = " …";

    // It looks like the sign that it stands for, and is none to printf.
    private const string FullWidthPercent = "％";

    /// <summary>
    /// Makes a text fit for the agent: one line, no control characters, none that hide others or their order, the full-width sign for each
    /// <c>%</c> (the agent passes the text on as a printf format), and cut at a character when it is too long.
    /// </summary>
    /// <param name="text">The text; parts of it may come from apt, a maintainer script or a manifest.</param>
    /// <param name="end">What follows it, and is there whatever is cut.</param>
    public static string Clean(string text, string end = "")
    {
        // As it will be shown: the full-width sign is longer than the one that it stands for.
        int wanted = end.Length > 0 ? Encoding.UTF8.GetByteCount(Cut(text, LongestBytes)) : 0;
        string last = Cut(end, Math.Max(LongestBytes / 2, LongestBytes - wanted));
        return Cut(text, LongestBytes - Encoding.UTF8.GetByteCount(last)) + last;
    }

    private static string Cut(string text, int longest)
    {
        text = string.Join(' ', text.Split(' ').Select(Decoded));
        var clean = new StringBuilder(Math.Min(text.Length, longest));
        int bytes = 0;
        int lengthBeforeCut = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            string shown =
                rune.Value == '%' ? FullWidthPercent
                : Rune.IsControl(rune) ? " "
                : ForeignText.Line(rune.ToString());
            bytes += Encoding.UTF8.GetByteCount(shown);
            if (bytes > longest)
                return clean.ToString(0, lengthBeforeCut) + Ellipsis;
            clean.Append(shown);
            if (bytes <= longest - Encoding.UTF8.GetByteCount(Ellipsis))
                lengthBeforeCut = clean.Length;
        }

        return clean.ToString();
    }

    // As apt writes them in the names of archives, and only there: elsewhere somebody may have written these very signs.
    private static string Decoded(string word) =>
        word.Contains(".deb", StringComparison.Ordinal)
            ? word.Replace("%3a", ":", StringComparison.OrdinalIgnoreCase)
                .Replace("%2b", "+", StringComparison.OrdinalIgnoreCase)
                .Replace("%5f", "_", StringComparison.OrdinalIgnoreCase)
            : word;
}
