using AptHandler.Files;

namespace AptHandler.Rollback;

/// <summary>What lies at a path.</summary>
public enum EntryKind
{
    /// <summary>Nothing.</summary>
    Absent,

    /// <summary>A regular file.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link.</summary>
    Link,

    /// <summary>A device, a named pipe or a socket.</summary>
    Other,
}

/// <summary>What lay at a path at one moment.</summary>
/// <param name="Path">The absolute path, seen from the root of the machine.</param>
/// <param name="Kind">What it was.</param>
/// <param name="Mode">Its permission bits; 0 of a link.</param>
/// <param name="User">Its owner.</param>
/// <param name="Group">Its group.</param>
public sealed record SnapshotEntry(string Path, EntryKind Kind, uint Mode, uint User, uint Group)
{
    private const long Nowhere = -1;

    // Small: there is one for each file of an update.
    private byte[]? _hash;
    private long _content = Nowhere;
    private OtherNames? _names;

    /// <summary>Where a symbolic link led.</summary>
    public string? Target { get; init; }

    /// <summary>The length of a file, in bytes.</summary>
    public long Size { get; init; }

    /// <summary>When content or attributes were last changed, in nanoseconds: while this is the same, all of it is.</summary>
    public long Changed { get; init; }

    /// <summary>The SHA-256 of a file's content, in hexadecimal digits; null where it was not computed.</summary>
    public string? Hash
    {
        get => _hash is null ? null : Convert.ToHexStringLower(_hash);
        set => _hash = value is null ? null : Convert.FromHexString(value);
    }

    /// <summary>Where the content lies among the kept ones; null where an archive has it, or nobody.</summary>
    public long? Content
    {
        get => _content == Nowhere ? null : _content;
        set => _content = value ?? Nowhere;
    }

    /// <summary>Another path of the snapshot that was the same file under another name.</summary>
    public string? SameFileAs
    {
        get => _names?.SameFileAs;
        init => _names = value is null && _names is null ? null : new OtherNames(value, KeptName);
    }

    /// <summary>The name under which the file itself is kept, because it had names outside of the snapshot, too.</summary>
    public string? KeptName
    {
        get => _names?.Kept;
        set => _names = value is null && _names is null ? null : new OtherNames(SameFileAs, value);
    }

    /// <summary>Whether dpkg treated it as a configuration file of a package that was there.</summary>
    public bool IsConffile { get; init; }

    /// <summary>Whether packages of the plan, or their scripts, have it. Of the rest only links are put back.</summary>
    public bool IsInReach { get; init; }

    /// <summary>Looks at a path.</summary>
    /// <exception cref="IOException">A folder on the way may not be entered.</exception>
    internal static SnapshotEntry Of(RootTree tree, string path, bool isConffile = false)
    {
        if (tree.StatusOf(path) is not { } status)
            return new SnapshotEntry(path, EntryKind.Absent, 0, 0, 0) { IsConffile = isConffile };
        EntryKind kind = status switch
        {
            { IsRegular: true } => EntryKind.File,
            { IsFolder: true } => EntryKind.Folder,
            { IsLink: true } => EntryKind.Link,
            _ => EntryKind.Other,
        };
        return new SnapshotEntry(path, kind, kind == EntryKind.Link ? 0 : status.Permissions, status.User, status.Group)
        {
            Target = kind == EntryKind.Link ? tree.TargetOf(path) : null,
            Size = kind == EntryKind.File ? (long)status.Size : 0,
            Changed = status.Changed,
            IsConffile = isConffile,
        };
    }

    /// <summary>Whether kind, owner, mode and target are the same. What a file holds is not looked at.</summary>
    public bool IsLike(SnapshotEntry other) =>
        (Kind, Mode, User, Group, Target) == (other.Kind, other.Mode, other.User, other.Group, other.Target);

    // Few files have any.
    private sealed record OtherNames(string? SameFileAs, string? Kept);
}
