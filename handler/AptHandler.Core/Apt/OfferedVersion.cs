namespace AptHandler.Apt;

/// <summary>A version of a package that sources have.</summary>
/// <param name="version">The version, in the repository's spelling.</param>
/// <param name="priority">
/// The priority that apt gives it. A version with a priority below zero is never chosen (apt_preferences(5)).
/// </param>
public sealed class OfferedVersion(string version, int priority)
{
    private readonly List<VersionSource> _sources = [];

    /// <summary>The version, in the repository's spelling.</summary>
    public string Version { get; } = version;

    /// <summary>The priority that apt gives it: the highest of its sources, or that of the version itself.</summary>
    public int Priority { get; } = priority;

    /// <summary>The sources that have it, in the order in which apt asks them.</summary>
    public IReadOnlyList<VersionSource> Sources => _sources;

    /// <summary>
    /// Whether preferences refuse the version, or one of its sources: apt may fetch it from any of them, whatever its priority is.
    /// </summary>
    public bool IsRefused => Priority < 0 || _sources.Exists(source => source.Priority < 0);

    /// <summary>The refused priority and its source: <c>at -1 (https://one.example stable/main amd64)</c>.</summary>
    public string Refusal
    {
        get
        {
            VersionSource source = _sources.Find(each => each.Priority < 0) ?? _sources[0];
            return $"at {(source.Priority < 0 ? source.Priority : Priority)} ({source.Where})";
        }
    }

    internal void Add(VersionSource source) => _sources.Add(source);
}

/// <summary>A source that has a version.</summary>
/// <param name="Where">Its address, suite, component and architecture.</param>
/// <param name="Priority">The priority of the source.</param>
public sealed record VersionSource(string Where, int Priority);
