using AptHandler.Native;

namespace AptHandler.Files;

/// <summary>
/// Where the folders below a root really are, when links to folders are followed as the root's own programs do. It tells, too, whether
/// others than root can change a folder. Below a folder of another user no link is followed.
/// </summary>
/// <param name="root">The top, which is trusted.</param>
/// <remarks>The answers are remembered. Call <see cref="Forget()"/> when another program may have changed folders.</remarks>
internal sealed class RootFolders(string root)
{
    private const int MostLinks = 40;

    // In characters of paths.
    private const int MostRemembered = 2_000_000;

    private readonly string _root = root.TrimEnd('/');
    private readonly Dictionary<string, Folder?> _known = new(StringComparer.Ordinal);
    private int _remembered;

    /// <summary>A folder below the root.</summary>
    /// <param name="Path">Its path without links; null where a link on the way must not be followed.</param>
    /// <param name="IsRoots">Whether only root can change it and the folders above it.</param>
    public sealed record Folder(string? Path, bool IsRoots)
    {
        /// <summary>A folder behind a link that must not be followed.</summary>
        public static Folder Strange { get; } = new(null, IsRoots: false);
    }

    /// <summary>Forgets all folders.</summary>
    public void Forget()
    {
        _known.Clear();
        _remembered = 0;
    }

    /// <summary>Forgets one folder, which has changed.</summary>
    public void Forget(string path) => _known.Remove(path);

    /// <summary>The folder at a path, or null where there is none.</summary>
    public Folder? Find(string path) => Find(path, 0);

    /// <summary>Where a path below the root lies for this process.</summary>
    public string PlaceOf(string path) => _root + path;

    /// <summary>Opens a folder.</summary>
    /// <param name="path">Its path without links. Where a link has been put there since, it is not followed.</param>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public Descriptor Open(string path)
    {
        Descriptor folder = Descriptor.Open(PlaceOf("/"), Libc.O_RDONLY | Libc.O_DIRECTORY);
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            using Descriptor parent = folder;
            folder = FolderEntry.Open(parent, name, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW, path);
        }

        return folder;
    }

    /// <summary>The path of what has a name in a folder.</summary>
    public static string Join(string folder, string name) => folder == "/" ? "/" + name : $"{folder}/{name}";

    private Folder? Find(string path, int links)
    {
        if (path == "/")
            return new Folder("/", IsRoots: true);
        if (_known.TryGetValue(path, out Folder? known))
            return known;
        Folder? found = Look(path, links);
        _remembered += path.Length;
        if (_remembered > MostRemembered)
            Forget();
        _known[path] = found;
        return found;
    }

    private Folder? Look(string path, int links)
    {
        Folder? parent = Find(Path.GetDirectoryName(path)!, links);
        if (parent is not { Path: { } real })
            return parent;
        string here = Join(real, Path.GetFileName(path));
        Libc.FileStatus? there = Descriptor.StatusOf(PlaceOf(here));
        if (there is { IsFolder: true } folder)
        {
            bool isRoots = parent.IsRoots && folder.User == Libc.EffectiveUser() && !folder.IsWritableByOthers;
            return new Folder(here == path ? path : here, isRoots);
        }

        if (there is not { IsLink: true })
            return null;
        if (!parent.IsRoots || links > MostLinks)
            return Folder.Strange;
        string target = new FileInfo(PlaceOf(here)).LinkTarget ?? "";
        return Follow(target, parent, links + 1);
    }

    private Folder? Follow(string target, Folder parent, int links)
    {
        Folder? at = target.StartsWith('/') ? Find("/", 0) : parent;
        foreach (string name in target.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (at is not { Path: { } reached })
                return at;
            at = name switch
            {
                "." => at,
                ".." => Find(reached == "/" ? "/" : Path.GetDirectoryName(reached)!, links),
                _ => Find(Join(reached, name), links),
            };
        }

        return at;
    }
}
