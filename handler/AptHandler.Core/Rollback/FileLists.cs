using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;

namespace AptHandler.Rollback;

/// <summary>The files of dpkg about packages in <c>info</c>, above all the lists of their files.</summary>
internal static class FileLists
{
    /// <summary>The paths of a package; none where dpkg has no list of it.</summary>
    public static IEnumerable<string> Of(AptSystem system, StatusEntry package) =>
        InfoFile(system, package, "list") is { } list ? File.ReadLines(list).Where(line => line.Length > 0) : [];

    /// <summary>A file that dpkg keeps about a package: a list, or a maintainer script. Null where there is none.</summary>
    public static string? InfoFile(AptSystem system, StatusEntry package, string kind) =>
        InfoNames(package).Select(name => Path.Combine(system.AdminFolder, "info", $"{name}.{kind}")).FirstOrDefault(File.Exists);

    /// <summary>All files that dpkg keeps about a package.</summary>
    public static IReadOnlyList<string> InfoFiles(AptSystem system, StatusEntry package)
    {
        string info = Path.Combine(system.AdminFolder, "info");
        foreach (string name in InfoNames(package))
        {
            // No kind has a dot in its name. Names of packages may have dots.
            string[] files =
            [
                .. Directory.EnumerateFiles(info, $"{name}.*").Where(file => Path.GetFileName(file).LastIndexOf('.') == name.Length),
            ];
            if (files.Length > 0)
                return files;
        }

        return [];
    }

    /// <summary>
    /// Finds the packages that own some existing files. A package may list a file under another path: for example, where <c>/bin</c> is a
    /// link to <c>/usr/bin</c>. That counts, too.
    /// </summary>
    /// <returns>For each path that has an owner, the name of dpkg's list of it without its ending.</returns>
    public static Dictionary<string, string> Owners(AptSystem system, RootTree tree, IEnumerable<string> candidates)
    {
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);

        // A sorted array. A table of names with their paths would take several times the memory.
        string[] byName = [.. candidates];
        Array.Sort(byName, CompareNames);
        if (byName.Length == 0)
            return owners;
        foreach (string list in Directory.EnumerateFiles(Path.Combine(system.AdminFolder, "info"), "*.list"))
        {
            string owner = Path.GetFileNameWithoutExtension(list);
            foreach (string line in File.ReadLines(list))
            {
                for (int at = FirstOf(byName, line); at < byName.Length && CompareNames(byName[at], line) == 0; at++)
                {
                    string candidate = byName[at];
                    if (candidate == line || tree.Canonical(candidate) == tree.Canonical(line))
                        owners[candidate] = owner;
                }
            }
        }

        return owners;
    }

    // The place of the first path with the same file name, or where such a path would be.
    private static int FirstOf(string[] byName, string path)
    {
        int low = 0;
        for (int high = byName.Length; low < high; )
        {
            int middle = (low + high) / 2;
            if (CompareNames(byName[middle], path) < 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private static int CompareNames(string left, string right) =>
        Path.GetFileName(left.AsSpan()).SequenceCompareTo(Path.GetFileName(right.AsSpan()));

    // The name has the architecture where packages of the same name can be installed side by side (Multi-Arch: same).
    private static string[] InfoNames(StatusEntry package) => [$"{package.Name}:{package.Architecture}", package.Name];
}
