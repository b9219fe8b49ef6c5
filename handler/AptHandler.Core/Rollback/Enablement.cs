using AptHandler.Files;

namespace AptHandler.Rollback;

/// <summary>
/// The links that start services, and the notes of Debian's tools about them. Scripts of packages make them through deb-systemd-helper(1p)
/// and update-rc.d(8). No package ships them.
/// </summary>
internal static class Enablement
{
    private static readonly string[] ServiceFolders =
    [
        "/lib/systemd/system/",
        "/usr/lib/systemd/system/",
        "/lib/systemd/user/",
        "/usr/lib/systemd/user/",
        "/etc/init.d/",
    ];

    private static readonly string[] Folders =
    [
        "/etc/systemd/system",
        "/etc/systemd/user",
        "/var/lib/systemd/deb-systemd-helper-enabled",
        "/var/lib/systemd/deb-systemd-helper-masked",
        "/var/lib/systemd/deb-systemd-user-helper-enabled",
        "/var/lib/systemd/deb-systemd-user-helper-masked",
        "/etc/rc0.d",
        "/etc/rc1.d",
        "/etc/rc2.d",
        "/etc/rc3.d",
        "/etc/rc4.d",
        "/etc/rc5.d",
        "/etc/rc6.d",
        "/etc/rcS.d",
    ];

    /// <summary>The name of the service that a path belongs to, or null where it belongs to none.</summary>
    public static string? ServiceOf(string path) =>
        Array.Find(ServiceFolders, folder => path.StartsWith(folder, StringComparison.Ordinal)) is { } folder
        && path.IndexOf('/', folder.Length) < 0
            ? path[folder.Length..]
            : null;

    /// <summary>The additional names of a unit: <c>Alias=</c> of systemd.unit(5).</summary>
    public static IEnumerable<string> AliasesIn(byte[] unit) =>
        from line in System.Text.Encoding.UTF8.GetString(unit).Split('\n')
        where line.StartsWith("Alias=", StringComparison.Ordinal)
        from name in line["Alias=".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        select name;

    /// <summary>The existing paths that enable, disable or mask services.</summary>
    public static IEnumerable<string> Paths(RootTree tree, HashSet<string> services)
    {
        if (services.Count == 0)
            yield break;
        foreach (string folder in Folders)
        {
            foreach (string path in Below(tree, folder, depth: 0))
            {
                string name = Path.GetFileName(path);
                bool isForMany = name.EndsWith(".wants", StringComparison.Ordinal) || name.EndsWith(".requires", StringComparison.Ordinal);
                if (isForMany || services.Contains(name) || services.Contains(WithoutSuffix(name)) || services.Contains(WithoutOrder(name)))
                    yield return path;
            }
        }
    }

    // "multi-user.target.wants" is one level below the folder. These tools make no deeper folders.
    private static IEnumerable<string> Below(RootTree tree, string folder, int depth)
    {
        foreach (string name in tree.NamesIn(folder))
        {
            string path = $"{folder}/{name}";
            yield return path;
            if (depth == 0 && tree.StatusOf(path) is { IsFolder: true })
            {
                foreach (string below in Below(tree, path, depth + 1))
                    yield return below;
            }
        }
    }

    private static string WithoutSuffix(string name) => name.EndsWith(".dsh-also", StringComparison.Ordinal) ? name[..^9] : name;

    // The names are like "S01ssh" and "K01ssh".
    private static string WithoutOrder(string name) => name.Length > 3 && name[0] is 'S' or 'K' ? name[3..] : name;
}
