using AptHandler.Files;

namespace AptHandler.Rollback;

/// <summary>
/// Files and folders that maintainer scripts make and no package ships, in the folders of configuration and data, and users and groups.
/// Only a person can tell who owns them. So the way back never deletes them, and only reports them.
/// </summary>
internal static class UnshippedNames
{
    // Scripts do not fill a folder with more entries than this.
    private const int MostInFolder = 10_000;

    // Folders in which scripts make files even when no package of the plan has the folder.
    private static readonly string[] Always =
    [
        "/etc",
        "/etc/default",
        "/etc/cron.d",
        "/etc/apt/apt.conf.d",
        "/etc/apt/sources.list.d",
        "/etc/apt/trusted.gpg.d",
        "/etc/apt/keyrings",
        "/var/lib",
        "/var/spool",
        "/home",
        "/opt",
        "/srv",
    ];

    private static readonly string[] Roots =
    [
        "/etc",
        "/var/lib",
        "/var/spool",
        "/var/www",
        "/home",
        "/opt",
        "/srv",
        "/root",
        "/boot",
        "/usr/local",
    ];

    // Folders whose files come and go by themselves, or are compared as a database.
    private static readonly string[] NotIn =
    [
        "/etc/alternatives",
        "/var/lib/dpkg",
        "/var/lib/apt",
        "/var/lib/du-apt-handler",
        "/var/lib/systemd/timers",
        "/var/lib/adu",
    ];

    /// <summary>The existing names of this kind: paths, and <c>user NAME</c> and <c>group NAME</c>.</summary>
    /// <param name="tree">The machine.</param>
    /// <param name="entries">The files before an update. Their folders are searched.</param>
    /// <exception cref="IOException">A folder cannot be read.</exception>
    public static HashSet<string> Look(RootTree tree, IEnumerable<SnapshotEntry> entries)
    {
        IEnumerable<string> folders = entries.Where(entry => entry.Kind is EntryKind.Folder or EntryKind.Link).Select(entry => entry.Path);
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (string folder in folders.Concat(Always).Where(IsWatched).Distinct(StringComparer.Ordinal))
        {
            // A folder in which others than root can make files is left out: most of its files are theirs.
            IReadOnlyList<string> names = tree.SafePath(folder + "/name") is null ? [] : tree.NamesIn(folder, most: MostInFolder + 1);
            if (names.Count > MostInFolder)
                continue;
            foreach (string name in names)
            {
                if (!IsCopy(name))
                    found.Add($"{folder}/{name}");
            }
        }

        foreach (string name in NamesOf(tree, "/etc/passwd"))
            found.Add($"user {name}");
        foreach (string name in NamesOf(tree, "/etc/group"))
            found.Add($"group {name}");
        return found;
    }

    private static bool IsWatched(string folder) =>
        Array.Exists(Roots, root => IsOrIsBelow(folder, root)) && !Array.Exists(NotIn, root => IsOrIsBelow(folder, root));

    private static bool IsOrIsBelow(string path, string folder) =>
        path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal);

    // Tools leave the last state of a file that they change, and locks. ucf(1) numbers its copies.
    private static bool IsCopy(string name) =>
        name.EndsWith('-')
        || name.EndsWith('~')
        || name.EndsWith(".lock", StringComparison.Ordinal)
        || name.StartsWith("hashfile.", StringComparison.Ordinal)
        || name.StartsWith("registry.", StringComparison.Ordinal);

    private static IEnumerable<string> NamesOf(RootTree tree, string path)
    {
        if (tree.StatusOf(path) is not { IsRegular: true } || tree.SafePath(path) is null)
            yield break;
        using Descriptor file = tree.Open(path);
        foreach (string line in Pieces.Of(file, (byte)'\n').Where(line => line.Length > 0))
            yield return line.Split(':')[0];
    }
}
