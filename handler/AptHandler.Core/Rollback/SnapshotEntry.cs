using AptHandler.Files;

namespace AptHandler.Rollback;

/// <summary>What kind of file is at a path.</summary>
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

/// <summary>The state of a path at one moment.</summary>
/// <param name="Path">The absolute path, seen from the root of the machine.</param>
/// <param name="Kind">What kind of file it was.</param>
/// <param name="Mode">Its permission bits; 0 for a link.</param>
/// <param name="User">Its owner.</param>
/// <param name="Group">Its group.</param>
public sealed record SnapshotEntry(string Path, EntryKind Kind, uint Mode, uint User, uint Group)
{
    private const long Nowhere = -1;

    // These fields are small, because there is an entry for each file of an update.
    private byte[]? _hash;
    private long _content = Nowhere;
    private OtherNames? _names;

    /// <summary>The target of a symbolic link.</summary>
    public string? Target { get; init; }

    /// <summary>The length of a file, in bytes.</summary>
    public long Size { get; init; }

    /// <summary>When content or attributes were last changed, in nanoseconds. While this is the same, the file is unchanged.</summary>
    public long Changed { get; init; }

    /// <summary>The SHA-256 of a file's content, in hexadecimal digits; null where it was not computed.</summary>
    public string? Hash
    {
        get => _hash is null ? null : Convert.ToHexStringLower(_hash);
        set => _hash = value is null ? null : Convert.FromHexString(value);
    }

    /// <summary>The offset of the content in the kept contents; null where the content is in an archive, or is not kept.</summary>
    public long? Content
    {
        get => _content == Nowhere ? null : _content;
        set => _content = value ?? Nowhere;
    }

    /// <summary>Another path of the snapshot with the same file, as a hard link.</summary>
    public string? SameFileAs
    {
        get => _names?.SameFileAs;
        init => _names = value is null && _names is null ? null : new OtherNames(value, KeptName);
    }

    /// <summary>The name under which the file itself is kept, because it also had names outside of the snapshot.</summary>
    public string? KeptName
    {
        get => _names?.Kept;
        set => _names = value is null && _names is null ? null : new OtherNames(SameFileAs, value);
    }

    /// <summary>Whether the path was a configuration file of an installed package for dpkg.</summary>
    public bool IsConffile { get; init; }

    /// <summary>
    /// Whether the path belongs to packages of the plan, or to their scripts. Of the other paths only links are restored.
    /// </summary>
    public bool IsInReach { get; init; }

    /// <summary>Reads the state of a path.</summary>
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

    /// <summary>Whether kind, owner, group, mode and target are the same. The content of a file is not compared.</summary>
    public bool IsLike(SnapshotEntry other) =>
        (Kind, Mode, User, Group, Target) == (other.Kind, other.Mode, other.User, other.Group, other.Target);

    // A separate object, because few files have other names.
    private sealed record OtherNames(string? SameFileAs, string? Kept);
}
