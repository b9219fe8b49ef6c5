using System.Text;
using AptHandler.Logging;

namespace AptHandler.Results;

/// <summary>The one line that an operator sees in the cloud.</summary>
public static class OperatorText
{
    /// <summary>The longest text in bytes of UTF-8. The agent's own limit is 1,023.</summary>
    public const int LongestBytes = 1000;

    private const string Ellipsis = " …";

    // It looks like a percent sign, but printf treats it as an ordinary character.
    private const string FullWidthPercent = "％";

    /// <summary>
    /// Makes a text fit for the agent. The result is one line, without control characters and without characters that hide others or change
    /// their order. Each <c>%</c> becomes a full-width percent sign, because the agent passes the text on as a printf format. A text that
    /// is too long is cut between two characters.
    /// </summary>
    /// <param name="text">The text; parts of it may come from apt, a maintainer script or a manifest.</param>
    /// <param name="end">A text to append. The text before it is cut first, to leave room for it.</param>
    public static string Clean(string text, string end = "")
    {
        // The size is counted as shown: the full-width sign is longer than the percent sign.
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

    // apt writes these codes in the names of archives. Elsewhere they may be meant literally, so they stay as they are.
    private static string Decoded(string word) =>
        word.Contains(".deb", StringComparison.Ordinal)
            ? word.Replace("%3a", ":", StringComparison.OrdinalIgnoreCase)
                .Replace("%2b", "+", StringComparison.OrdinalIgnoreCase)
                .Replace("%5f", "_", StringComparison.OrdinalIgnoreCase)
            : word;
}
