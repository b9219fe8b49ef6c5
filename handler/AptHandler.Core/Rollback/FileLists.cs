using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;

namespace AptHandler.Rollback;

/// <summary>What dpkg keeps about packages in <c>info</c>, above all the lists of their files.</summary>
internal static class FileLists
{
    /// <summary>The paths of a package; none where dpkg has no list of it.</summary>
    public static IReadOnlyList<string> Of(AptSystem system, StatusEntry package)
    {
        string? list = InfoFile(system, package, "list");
        return list is null ? [] : Array.FindAll(File.ReadAllLines(list), line => line.Length > 0);
    }

    /// <summary>A file that dpkg keeps about a package: a list, or a maintainer script. Null where there is none.</summary>
    public static string? InfoFile(AptSystem system, StatusEntry package, string kind) =>
        InfoNames(package).Select(name => Path.Combine(system.AdminFolder, "info", $"{name}.{kind}")).FirstOrDefault(File.Exists);

    /// <summary>All files that dpkg keeps about a package.</summary>
    public static IReadOnlyList<string> InfoFiles(AptSystem system, StatusEntry package)
    {
        string info = Path.Combine(system.AdminFolder, "info");
        foreach (string name in InfoNames(package))
        {
            // No kind has a dot in its name, and names of packages may have.
            string[] files = [.. Directory.EnumerateFiles(info, $"{name}.*").Where(file => Path.GetFileName(file).LastIndexOf('.') == name.Length)];
            if (files.Length > 0)
                return files;
        }

        return [];
    }

    /// <summary>
    /// The packages that own some existing files, by their paths, or by the same file under another path, which is how packages meet where
    /// <c>/bin</c> is a link to <c>/usr/bin</c>.
    /// </summary>
    /// <returns>For each path that has an owner, the name of dpkg's list of it without its ending.</returns>
    public static Dictionary<string, string> Owners(AptSystem system, RootTree tree, IEnumerable<string> candidates)
    {
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        ILookup<string, string> byName = candidates.ToLookup(path => Path.GetFileName(path), StringComparer.Ordinal);
        if (byName.Count == 0)
            return owners;
        foreach (string list in Directory.EnumerateFiles(Path.Combine(system.AdminFolder, "info"), "*.list"))
        {
            foreach (string line in File.ReadLines(list))
            {
                foreach (string candidate in byName[Path.GetFileName(line)])
                {
                    if (candidate == line || tree.Canonical(candidate) == tree.Canonical(line))
                        owners[candidate] = Path.GetFileNameWithoutExtension(list);
                }
            }
        }

        return owners;
    }

    // With its architecture where others of the same name can be there beside it (Multi-Arch: same).
    private static string[] InfoNames(StatusEntry package) => [$"{package.Name}:{package.Architecture}", package.Name];
}
