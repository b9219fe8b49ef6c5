using System.Text;
using AptHandler.Native;

namespace AptHandler.Files;

/// <summary>
/// The file system below a root, as its own programs see it: a symbolic link to a folder leads where it leads there. What others than root
/// can change is never followed: below a folder of another user no link counts, so that nobody can lead root to a file of the system.
/// </summary>
/// <param name="root">The top, which is trusted.</param>
/// <remarks>Where folders lead is remembered. Call <see cref="Forget"/> when another program may have changed them.</remarks>
internal sealed unsafe class RootTree(string root)
{
    private const int MostLinks = 40;
    private const int LongestTarget = 4096;

    // In characters of paths.
    private const int MostRemembered = 2_000_000;

    private readonly string _root = root.TrimEnd('/');
    private readonly Dictionary<string, Folder?> _folders = new(StringComparer.Ordinal);
    private int _remembered;

    /// <summary>Forgets where folders lead.</summary>
    public void Forget()
    {
        _folders.Clear();
        _remembered = 0;
    }

    /// <summary>
    /// The same path without links to folders on the way; null where there is no such folder, or where the way is not to be trusted.
    /// </summary>
    public string? Canonical(string path) => FolderOf(path) is { Path: { } folder } ? Join(folder, Path.GetFileName(path)) : null;

    /// <summary>Whether a link on the way to a path belongs to somebody else, so that nothing there may be looked at or changed.</summary>
    public bool IsStrange(string path) => FolderOf(path) is { Path: null };

    /// <summary>
    /// Where a file lies for programs that open it by its name; null where others than root can change what that leads to.
    /// </summary>
    public string? SafePath(string path) =>
        FolderOf(path) is { Path: { } folder, IsRoots: true } ? _root + Join(folder, Path.GetFileName(path)) : null;

    /// <summary>What the kernel says of a path; of a link, not of what it leads to. Null where there is nothing.</summary>
    public Libc.FileStatus? StatusOf(string path) =>
        path == "/"
            ? Descriptor.StatusOf(_root + "/")
            : FolderOf(path) switch
            {
                null or { Path: null } => null,
                { IsRoots: true } folder => Descriptor.StatusOf(_root + Join(folder.Path, Path.GetFileName(path))),
                { Path: var folder } => StatusIn(folder, Path.GetFileName(path)),
            };

    /// <summary>Where a symbolic link leads.</summary>
    public string TargetOf(string path)
    {
        string target = "";
        In(path, (folder, name) => target = ReadLink(folder, name));
        return target;
    }

    /// <summary>Opens a file for reading, not through a link and without waiting for a pipe.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public Descriptor Open(string path)
    {
        Descriptor file = default;
        In(path, (folder, name) => file = OpenAt(folder, name, Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_NOFOLLOW, path));
        return file;
    }

    /// <summary>The names in a folder; none where it is no folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="isMeant">Which names are wanted; null for all.</param>
    /// <param name="most">How many are wanted at most: a folder can have more than fit into memory.</param>
    public IReadOnlyList<string> NamesIn(string path, Func<string, bool>? isMeant = null, int most = int.MaxValue)
    {
        if (Find(path) is not { Path: { } real })
            return [];
        using Descriptor folder = OpenFolder(real);
        IEnumerable<string> entries = Directory.EnumerateFileSystemEntries($"/proc/self/fd/{folder.Number}");
        return [.. entries.Select(entry => Path.GetFileName(entry)).Where(isMeant ?? (_ => true)).Take(most)];
    }

    /// <summary>Deletes a file or a link.</summary>
    /// <exception cref="IOException">It cannot be deleted.</exception>
    public void Delete(string path) => Do(path, (folder, name) => Libc.UnlinkAt(folder.Number, name, 0), "delete", except: Libc.ENOENT);

    /// <summary>Deletes a folder.</summary>
    /// <returns>False where something is in it.</returns>
    public bool TryDeleteFolder(string path)
    {
        _folders.Remove(path);
        bool isDone = false;
        In(path, (folder, name) => isDone = Libc.UnlinkAt(folder.Number, name, Libc.AT_REMOVEDIR) == 0);
        return isDone;
    }

    /// <summary>Makes a folder.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public void MakeFolder(string path, uint mode, uint user, uint group)
    {
        Do(
            path,
            (folder, name) =>
                Libc.MakeFolderAt(
                    folder.Number,
                    name,
                    0x1C0 /* 0700 */
                ),
            "make the folder"
        );
        _folders.Remove(path);
        SetAttributes(path, mode, user, group);
    }

    /// <summary>Makes a symbolic link. A file or link of that name is replaced.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public void MakeLink(string path, string target, uint user, uint group)
    {
        Replace(
            path,
            (folder, temporary) =>
            {
                if (
                    Libc.MakeLinkAt(target, folder.Number, temporary) != 0
                    || Libc.ChangeOwnerAt(folder.Number, temporary, user, group, Libc.AT_SYMLINK_NOFOLLOW) != 0
                )
                    throw FileFailure.Of("make the link", path);
            }
        );
        _folders.Remove(path);
    }

    /// <summary>Gives a file a second name. A file or link of that name is replaced.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public void MakeHardLink(string path, string existing) =>
        In(
            existing,
            (other, name) =>
            {
                Replace(
                    path,
                    (folder, temporary) =>
                    {
                        if (Libc.Link(other.Number, name, folder.Number, temporary, 0) != 0)
                            throw FileFailure.Of("make the second name", path);
                    }
                );
            }
        );

    /// <summary>Gives a file outside of the root a name in it. A file or link of that name is replaced.</summary>
    /// <exception cref="IOException">It cannot have one.</exception>
    public void MakeName(string path, string outside) =>
        Replace(
            path,
            (folder, temporary) =>
            {
                if (Libc.Link(Libc.AT_FDCWD, outside, folder.Number, temporary, 0) != 0)
                    throw FileFailure.Of("make the second name", path);
            }
        );

    /// <summary>Writes a file whole. A file or link of that name is replaced.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="mode">Its permission bits.</param>
    /// <param name="user">Its owner.</param>
    /// <param name="group">Its group.</param>
    /// <exception cref="IOException">It cannot be written; the old one is as it was.</exception>
    public void Write(string path, Action<Descriptor> write, uint mode, uint user, uint group) =>
        Replace(
            path,
            (folder, temporary) =>
            {
                const int Flags = Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL;
                using Descriptor file = OpenAt(folder, temporary, Flags | Libc.O_NOFOLLOW, path);
                file.SetOwner(user, group, path);
                write(file);
                file.SetMode(mode, path);
            }
        );

    /// <summary>Renames in the same folder. What has the new name is replaced.</summary>
    /// <exception cref="IOException">It cannot be renamed.</exception>
    public void Rename(string path, string newPath)
    {
        In(
            path,
            (folder, name) =>
                In(
                    newPath,
                    (other, newName) =>
                    {
                        if (Libc.RenameAt(folder.Number, name, other.Number, newName) != 0)
                            throw FileFailure.Of("rename", path);
                    }
                )
        );
        _folders.Remove(path);
        _folders.Remove(newPath);
    }

    /// <summary>
    /// Sets owner and permission bits of a file or folder. Of a file with several names they are not changed where others than root could
    /// have given it one of them: it could be any file of the system.
    /// </summary>
    /// <exception cref="IOException">They cannot be set.</exception>
    public void SetAttributes(string path, uint mode, uint user, uint group) =>
        In(
            path,
            (folder, name) =>
            {
                using Descriptor file = OpenAt(folder, name, Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_NOFOLLOW, path);
                if (file.Status() is { IsFolder: false, Links: > 1 } && SafePath(path) is null)
                    throw new IOException(
                        $"cannot set the owner of {path}: it has several names in a folder that others than root can change"
                    );
                file.SetOwner(user, group, path);
                file.SetMode(mode, path);
            }
        );

    /// <summary>Sets the owner of a symbolic link.</summary>
    public void SetLinkOwner(string path, uint user, uint group) =>
        Do(path, (folder, name) => Libc.ChangeOwnerAt(folder.Number, name, user, group, Libc.AT_SYMLINK_NOFOLLOW), "set the owner of");

    private static string Join(string folder, string name) => folder == "/" ? "/" + name : $"{folder}/{name}";

    private Libc.FileStatus? StatusIn(string path, string name)
    {
        using Descriptor folder = OpenFolder(path);
        Libc.FileStatus status = default;
        int error = Libc.Status(folder.Number, name, Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_BASIC_STATS, &status);
        return error == 0 ? status : null;
    }

    private static string ReadLink(Descriptor folder, string name)
    {
        byte[] target = new byte[LongestTarget];
        nint length;
        fixed (byte* start = target)
            length = Libc.ReadLinkAt(folder.Number, name, start, LongestTarget);
        return length >= 0 ? Encoding.UTF8.GetString(target, 0, (int)length) : throw FileFailure.Of("read the link", name);
    }

    private static Descriptor OpenAt(Descriptor folder, string name, int flags, string what)
    {
        int descriptor = Libc.OpenAt(
            folder.Number,
            name,
            flags | Libc.O_CLOEXEC,
            0x180 /* 0600 */
        );
        return descriptor >= 0 ? new Descriptor(descriptor) : throw FileFailure.Of("open", what);
    }

    private static void Replace(Descriptor folder, string name, string path, Action<Descriptor, string> make)
    {
        string temporary = $".{name}.new";
        _ = Libc.UnlinkAt(folder.Number, temporary, 0);
        try
        {
            make(folder, temporary);
            if (Libc.RenameAt(folder.Number, temporary, folder.Number, name) != 0)
                throw FileFailure.Of("replace", path);
        }
        finally
        {
            // Still there after a failure, and after renaming one of two names of a file to the other.
            _ = Libc.UnlinkAt(folder.Number, temporary, 0);
        }
    }

    private void Replace(string path, Action<Descriptor, string> make) => In(path, (folder, name) => Replace(folder, name, path, make));

    private void Do(string path, Func<Descriptor, string, int> call, string verb, int except = 0) =>
        In(
            path,
            (folder, name) =>
            {
                if (call(folder, name) != 0 && (except == 0 || System.Runtime.InteropServices.Marshal.GetLastPInvokeError() != except))
                    throw FileFailure.Of(verb, path);
            }
        );

    private void In(string path, Action<Descriptor, string> use)
    {
        if (FolderOf(path) is not { Path: { } real })
            throw new IOException(
                $"cannot reach {path}: {(IsStrange(path) ? "a link on the way is not root's" : "its folder is missing")}"
            );
        using Descriptor folder = OpenFolder(real);
        use(folder, Path.GetFileName(path));
    }

    // The path has no links. Where one has been put since, it is not followed.
    private Descriptor OpenFolder(string path)
    {
        Descriptor folder = Descriptor.Open(_root + "/", Libc.O_RDONLY | Libc.O_DIRECTORY);
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            using Descriptor parent = folder;
            folder = OpenAt(parent, name, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW, path);
        }

        return folder;
    }

    private Folder? FolderOf(string path) => Find(Path.GetDirectoryName(path)!);

    private Folder? Find(string path, int links = 0)
    {
        if (path == "/")
            return new Folder("/", IsRoots: true);
        if (_folders.TryGetValue(path, out Folder? known))
            return known;
        Folder? found = Look(path, links);
        _remembered += path.Length;
        if (_remembered > MostRemembered)
            Forget();
        _folders[path] = found;
        return found;
    }

    private Folder? Look(string path, int links)
    {
        Folder? parent = Find(Path.GetDirectoryName(path)!, links);
        if (parent is not { Path: { } real })
            return parent;
        string here = Join(real, Path.GetFileName(path));
        Libc.FileStatus? there = Descriptor.StatusOf(_root + here);
        if (there is { IsFolder: true } folder)
        {
            bool isRoots = parent.IsRoots && folder.User == Libc.EffectiveUser() && !folder.IsWritableByOthers;
            return new Folder(here == path ? path : here, isRoots);
        }

        if (there is not { IsLink: true } link)
            return null;
        if (!parent.IsRoots || links > MostLinks)
            return Folder.Strange;

        string target = new FileInfo(_root + here).LinkTarget ?? "";
        Folder? at = target.StartsWith('/') ? Find("/") : parent;
        foreach (string name in target.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (at is not { Path: { } reached })
                return at;
            at = name switch
            {
                "." => at,
                ".." => Find(reached == "/" ? "/" : Path.GetDirectoryName(reached)!, links + 1),
                _ => Find(Join(reached, name), links + 1),
            };
        }

        return at;
    }

    // A path without links, or null for one that must not be followed.
    private sealed record Folder(string? Path, bool IsRoots)
    {
        public static Folder Strange { get; } = new(null, IsRoots: false);
    }
}
