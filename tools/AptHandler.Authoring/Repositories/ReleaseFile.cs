using System.Globalization;
using System.Text;
using AptHandler.Files;

namespace AptHandler.Authoring.Repositories;

/// <summary>A file that a Release lists.</summary>
/// <param name="Path">Its path, relative to the Release.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Sha256">Its SHA-256.</param>
internal sealed record ReleaseEntry(string Path, long Size, string Sha256);

/// <summary>The text of a Release file, as aptly writes it, signed or not.</summary>
internal static class ReleaseFile
{
    private const string DateField = "Date: ";
    private const string HashesField = "SHA256:";
    private const string DateFormat = "ddd, d MMM yyyy HH:mm:ss 'UTC'";

    /// <summary>Its date; null where there is none.</summary>
    public static DateTimeOffset? DateIn(string text)
    {
        foreach (string line in Pieces.LinesOf(text))
        {
            if (
                line.StartsWith(DateField, StringComparison.Ordinal)
                && DateTimeOffset.TryParseExact(
                    line[DateField.Length..],
                    DateFormat,
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal,
                    out DateTimeOffset date
                )
            )
                return date;
        }

        return null;
    }

    /// <summary>The same text with another date.</summary>
    public static string WithDate(string text, DateTimeOffset date)
    {
        var dated = new StringBuilder(text.Length);
        foreach (string line in Pieces.LinesOf(text.TrimEnd('\n')))
            dated
                .Append(
                    line.StartsWith(DateField, StringComparison.Ordinal)
                        ? DateField + date.UtcDateTime.ToString(DateFormat, CultureInfo.InvariantCulture)
                        : line
                )
                .Append('\n');
        return dated.ToString();
    }

    /// <summary>The by-hash names of the listed files, for every kind of hash in the Release: clients choose one of them.</summary>
    public static IReadOnlyList<ReleaseEntry> ByHashIn(string text)
    {
        var byPath = new Dictionary<string, ReleaseEntry>(StringComparer.Ordinal);
        foreach (ReleaseEntry entry in EntriesIn(text))
            byPath[entry.Path] = entry;
        var entries = new List<ReleaseEntry>();
        string kind = "";
        foreach (string line in Pieces.LinesOf(text))
        {
            if (!line.StartsWith(' '))
                kind = line.Split(':')[0];
            else if (
                line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var hash, _, var path]
                && byPath.TryGetValue(path, out ReleaseEntry? entry)
            )
                entries.Add(entry with { Path = $"{Path.GetDirectoryName(path)}/by-hash/{kind}/{hash}" });
        }

        return entries;
    }

    /// <summary>All files that it lists, with their SHA-256.</summary>
    public static IReadOnlyList<ReleaseEntry> EntriesIn(string text)
    {
        var entries = new List<ReleaseEntry>();
        bool isInside = false;
        foreach (string line in Pieces.LinesOf(text))
        {
            if (!line.StartsWith(' '))
                isInside = line.StartsWith(HashesField, StringComparison.Ordinal);
            else if (
                isInside
                && line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var hash, var size, var path]
                && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes)
            )
                entries.Add(new ReleaseEntry(path, bytes, hash));
        }

        return entries;
    }
}
