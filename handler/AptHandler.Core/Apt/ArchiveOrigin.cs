using System.Globalization;

namespace AptHandler.Apt;

/// <summary>Where an archive comes from, and what it has to be: a line of <c>apt-get --print-uris</c>.</summary>
/// <param name="Uri">Its address.</param>
/// <param name="ArchiveName">What apt calls it in its own folder.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Sha256">Its SHA-256 in lower-case hexadecimal digits; empty where its source does not tell.</param>
public sealed record ArchiveOrigin(string Uri, string ArchiveName, long Size, string Sha256)
{
    private const string FileScheme = "file:";
    private const string HashKind = "SHA256:";

    /// <summary>The file, where apt takes the archive from its source without a copy; else null.</summary>
    public string? LocalFile => Uri.StartsWith(FileScheme, StringComparison.Ordinal)
        ? $"/{System.Uri.UnescapeDataString(Uri[FileScheme.Length..]).TrimStart('/')}"
        : null;

    /// <summary>Reads the lines <c>'address' name size hash</c>; others are passed over.</summary>
    internal static IReadOnlyList<ArchiveOrigin> ParseAll(string output)
    {
        var origins = new List<ArchiveOrigin>();
        foreach (string line in output.Split('\n'))
        {
            int end = line.StartsWith('\'') ? line.IndexOf("' ", 1, StringComparison.Ordinal) : -1;
            string[] words = end > 0 ? line[(end + 2)..].Split(' ') : [];
            if (words.Length >= 2 && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out long size))
                origins.Add(new ArchiveOrigin(line[1..end], words[0], size, words.Length > 2 && words[2].StartsWith(HashKind, StringComparison.Ordinal) ? words[2][HashKind.Length..] : ""));
        }

        return origins;
    }
}
