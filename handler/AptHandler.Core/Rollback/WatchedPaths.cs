using AptHandler.Files;

namespace AptHandler.Rollback;

/// <summary>
/// Collects the paths that an update can touch. Their number is limited: here, and on the way back, all are in memory.
/// </summary>
/// <param name="tree">The machine.</param>
internal sealed class WatchedPaths(RootTree tree)
{
    // Twice as many as the largest package of Debian has, and several times what all packages of a device ship.
    private const int MostPaths = 200_000;
    private const int LongestText = 14_000_000;

    private readonly HashSet<string> _inReach = new(StringComparer.Ordinal);

    // Paths that belong neither to packages nor to their scripts.
    private readonly HashSet<string> _outOfReach = new(StringComparer.Ordinal);
    private readonly HashSet<string> _services = new(StringComparer.Ordinal);
    private int _length;

    /// <summary>The services that the paths belong to.</summary>
    public IReadOnlyCollection<string> Services => _services;

    /// <summary>All paths, sorted.</summary>
    public IEnumerable<string> InOrder => _inReach.Concat(_outOfReach).Order(StringComparer.Ordinal);

    /// <summary>Whether a path belongs to packages or to their scripts.</summary>
    public bool IsInReach(string path) => _inReach.Contains(path);

    /// <summary>Adds paths.</summary>
    /// <exception cref="IOException">There are too many paths for a way back.</exception>
    public void Add(IEnumerable<string> paths)
    {
        foreach (string path in paths)
            Add(path);
    }

    /// <summary>Adds a path.</summary>
    /// <exception cref="IOException">There are too many paths for a way back.</exception>
    public void Add(string path) => Add(path, _inReach);

    /// <summary>Adds services by other names than those of their units.</summary>
    public void AddServices(IEnumerable<string> services) => _services.UnionWith(services);

    /// <summary>Adds the paths beside configuration files: copies that dpkg and ucf(1) make.</summary>
    public void AddBesideConffiles(IEnumerable<string> conffiles)
    {
        foreach (string path in _inReach.Where(path => path.StartsWith("/etc/", StringComparison.Ordinal)).Concat(conffiles).ToArray())
            Add(Conffiles.SuffixesBeside.Select(suffix => path + suffix));
    }

    /// <summary>Adds the links that enable the services.</summary>
    public void AddEnablement() => Add(Enablement.Paths(tree, _services));

    /// <summary>
    /// Adds existing files of the kind that dpkg and its tools put beside a file while they replace it. They come from an update that was
    /// cut off long ago, or are somebody's copies.
    /// </summary>
    public void AddOnTheWay()
    {
        string[] suffixes = [.. MachineSnapshot.OnTheWay, MachineSnapshot.FolderBackup];
        foreach (string place in _inReach.Select(path => Path.GetDirectoryName(path)!).Distinct(StringComparer.Ordinal).ToArray())
        {
            IReadOnlyList<string> names = tree.NamesIn(
                place,
                name => Array.Exists(suffixes, suffix => name.EndsWith(suffix, StringComparison.Ordinal))
            );
            Add(names.Select(name => Path.Combine(place, name)));
        }
    }

    /// <summary>Adds paths that belong neither to packages nor to their scripts, and the folders above all paths.</summary>
    public void AddOutOfReach(IEnumerable<string> paths)
    {
        foreach (string path in paths.Where(path => !_inReach.Contains(path)))
            Add(path, _outOfReach);
        foreach (string path in _inReach.Concat(_outOfReach.ToArray()))
        {
            string? above = Path.GetDirectoryName(path);
            for (; above is { Length: > 1 } && !_inReach.Contains(above) && _outOfReach.Add(above); above = Path.GetDirectoryName(above))
                Bound(above);
        }
    }

    private void Add(string path, HashSet<string> paths)
    {
        // dpkg's list of a package begins with "/.".
        if (path is "/" or "/." || !path.StartsWith('/') || !paths.Add(path))
            return;
        Bound(path);
        if (Enablement.ServiceOf(path) is { } service)
            _services.Add(service);
    }

    private void Bound(string path)
    {
        _length += path.Length;
        if (_inReach.Count + _outOfReach.Count > MostPaths || _length > LongestText)
        {
            throw new IOException(
                $"cannot keep the way back: the update touches more than {MostPaths} files, or such with very long names; "
                    + "update fewer packages at once"
            );
        }
    }
}
