using System.Buffers;
using AptHandler.Files;

namespace AptHandler.Apt;

/// <summary>The folders that apt reads many small files from: sources.list.d, preferences.d, apt.conf.d.</summary>
internal static class AptParts
{
    private static readonly SearchValues<char> Signs = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
    );

    /// <summary>
    /// The files of a folder that apt reads. Names with other characters, and names that lead to no file, are left out (apt.conf(5),
    /// "-parts").
    /// </summary>
    /// <param name="folder">The folder; it need not be there.</param>
    /// <param name="extension">The extension of their names, with its dot.</param>
    /// <param name="otherExtension">Another extension; empty for names without one.</param>
    public static string[] In(string folder, string extension, string otherExtension)
    {
        string[] files = Directory.Exists(folder) ? Directory.GetFileSystemEntries(folder) : [];
        files = Array.FindAll(
            files,
            path =>
                Path.GetExtension(path) is var own
                && (own == extension || own == otherExtension)
                && !Path.GetFileName(path.AsSpan()).ContainsAnyExcept(Signs)
                && IsFile(path)
        );
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }

    /// <summary>Whether a path is a file, or leads to one.</summary>
    public static bool IsFile(string path) => Descriptor.StatusOf(path, followLinks: true) is { IsRegular: true };
}
