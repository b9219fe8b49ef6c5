using AptHandler.Files;

namespace AptHandler.Apt;

/// <summary>The folders that apt reads many small files from: sources.list.d, preferences.d, apt.conf.d.</summary>
internal static class AptParts
{
    /// <summary>Those files of a folder that apt reads: the names of others have other characters, or lead to no file (apt.conf(5), "-parts").</summary>
    /// <param name="folder">The folder; it need not be there.</param>
    /// <param name="extension">The extension of their names, with its dot.</param>
    /// <param name="otherExtension">Another one; empty for names without.</param>
    public static List<string> In(string folder, string extension, string otherExtension)
    {
        var files = new List<string>();
        foreach (string path in Directory.Exists(folder) ? Directory.GetFileSystemEntries(folder) : [])
        {
            string own = Path.GetExtension(path);
            bool isRead = (own == extension || own == otherExtension) && Path.GetFileName(path).All(each => char.IsAsciiLetterOrDigit(each) || each is '-' or '_' or '.');
            if (isRead && IsFile(path))
                files.Add(path);
        }

        files.Sort(StringComparer.Ordinal);
        return files;
    }

    /// <summary>Whether a path is a file, or leads to one.</summary>
    public static bool IsFile(string path) => Descriptor.StatusOf(path, followLinks: true) is { IsRegular: true };
}
