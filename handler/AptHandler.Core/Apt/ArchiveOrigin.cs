using System.Globalization;
using AptHandler.Files;

namespace AptHandler.Apt;

/// <summary>Where an archive comes from, and which size and hash it must have: a line of <c>apt-get --print-uris</c>.</summary>
/// <param name="Uri">Its address.</param>
/// <param name="ArchiveName">What apt calls it in its own folder.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Hash">
/// Its SHA-256 or its SHA-512 in lower-case hexadecimal digits; empty where its source gives neither. apt does not fetch such an archive.
/// </param>
public sealed record ArchiveOrigin(string Uri, string ArchiveName, long Size, string Hash)
{
    private const string FileScheme = "file:";

    /// <summary>The names of the kinds of hash that apt trusts.</summary>
    internal static readonly string[] HashKinds = ["SHA256", "SHA512"];

    /// <summary>The file, where apt takes the archive from its source without a copy; else null.</summary>
    public string? LocalFile =>
        Uri.StartsWith(FileScheme, StringComparison.Ordinal)
            ? $"/{System.Uri.UnescapeDataString(Uri[FileScheme.Length..]).TrimStart('/')}"
            : null;

    /// <summary>The address without the name and the password of a user, for messages and records.</summary>
    public string PublicUri => WithoutUser(Uri);

    /// <summary>An address without the name and the password of a user.</summary>
    internal static string WithoutUser(string uri)
    {
        int start = uri.IndexOf("://", StringComparison.Ordinal) + "://".Length;
        int end = start < "://".Length ? -1 : uri.IndexOf('/', start);
        int at = end < 0 ? -1 : uri.LastIndexOf('@', end);
        return at < start ? uri : uri.Remove(start, at + 1 - start);
    }

    /// <summary>Reads the lines <c>'address' name size hash</c>; other lines are ignored.</summary>
    internal static IReadOnlyList<ArchiveOrigin> ParseAll(string output)
    {
        var origins = new List<ArchiveOrigin>();
        foreach (string line in Pieces.LinesOf(output))
        {
            int end = line.StartsWith('\'') ? line.IndexOf("' ", 1, StringComparison.Ordinal) : -1;
            string[] words = end > 0 ? line[(end + 2)..].Split(' ') : [];
            if (words.Length >= 2 && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out long size))
                origins.Add(new ArchiveOrigin(line[1..end], words[0], size, words.Length > 2 ? HashIn(words[2]) : ""));
        }

        return origins;
    }

    private static string HashIn(string word) => word.Split(':') is [var kind, var hash] && HashKinds.AsSpan().Contains(kind) ? hash : "";
}
