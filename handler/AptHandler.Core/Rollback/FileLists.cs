using AptHandler.Apt;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Rollback;

/// <summary>What dpkg keeps about packages in <c>info</c>, above all the lists of their files.</summary>
internal static class FileLists
{
    /// <summary>The paths of a package; none where dpkg has no list of it.</summary>
    public static IReadOnlyList<string> Of(AptSystem system, string package)
    {
        string? list = InfoFile(system, package, "list");
        return list is null ? [] : Array.FindAll(File.ReadAllLines(list), line => line.Length > 0);
    }

    /// <summary>A file that dpkg keeps about a package: a list, or a maintainer script. Null where there is none.</summary>
    public static string? InfoFile(AptSystem system, string package, string kind)
    {
        string info = Path.Combine(system.AdminFolder, "info");
        string[] names = package.Contains(':', StringComparison.Ordinal) ? [package] : [package, $"{package}:{Debian.DebianArchitecture.OfThisProcess}"];
        return names.Select(name => Path.Combine(info, $"{name}.{kind}")).FirstOrDefault(File.Exists);
    }

    /// <summary>
    /// Those of some existing files that no package has: by their paths, or by the same file under another path, which is how packages meet where
    /// <c>/bin</c> is a link to <c>/usr/bin</c>.
    /// </summary>
    public static List<string> Unowned(AptSystem system, IEnumerable<string> candidates)
    {
        ILookup<string, string> byName = candidates.ToLookup(path => Path.GetFileName(path), StringComparer.Ordinal);
        HashSet<string> unowned = [.. byName.SelectMany(group => group)];
        if (unowned.Count == 0)
            return [];
        foreach (string list in Directory.EnumerateFiles(Path.Combine(system.AdminFolder, "info"), "*.list"))
        {
            foreach (string line in File.ReadLines(list))
            {
                foreach (string candidate in byName[Path.GetFileName(line)])
                {
                    if (candidate == line || IsSame(system, candidate, line))
                        unowned.Remove(candidate);
                }
            }
        }

        return [.. unowned];
    }

    private static bool IsSame(AptSystem system, string one, string other) =>
        Descriptor.StatusOf(system.PathOf(one)) is { } first && Descriptor.StatusOf(system.PathOf(other)) is { } second
        && first.Inode == second.Inode && first.DeviceMajor == second.DeviceMajor && first.DeviceMinor == second.DeviceMinor;
}
