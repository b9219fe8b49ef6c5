using System.Runtime.InteropServices;
using AptHandler.Native;

namespace AptHandler.Files;

/// <summary>
/// The file system below a root, as its own programs see it: a symbolic link to a folder leads where it leads for them. Below a folder of
/// another user no link is followed, so that nobody can lead root to a file of the system.
/// </summary>
/// <param name="root">The top, which is trusted.</param>
/// <remarks>Where folders lead is remembered. Call <see cref="Forget"/> when another program may have changed them.</remarks>
internal sealed class RootTree(string root)
{
    private readonly RootFolders _folders = new(root);

    /// <summary>Forgets where folders lead.</summary>
    public void Forget() => _folders.Forget();

    /// <summary>
    /// The same path without links to folders on the way; null where there is no such folder, or where the way cannot be trusted.
    /// </summary>
    public string? Canonical(string path) =>
        FolderOf(path) is { Path: { } folder } ? RootFolders.Join(folder, Path.GetFileName(path)) : null;

    /// <summary>Whether a link on the way to a path belongs to somebody else, so that nothing there may be looked at or changed.</summary>
    public bool IsStrange(string path) => FolderOf(path) is { Path: null };

    /// <summary>
    /// Where a file lies for programs that open it by its name; null where others than root can change what that leads to.
    /// </summary>
    public string? SafePath(string path) =>
        FolderOf(path) is { Path: { } folder, IsRoots: true } ? _folders.PlaceOf(RootFolders.Join(folder, Path.GetFileName(path))) : null;

    /// <summary>What the kernel says of a path; of a link, not of what it leads to. Null where there is nothing.</summary>
    public Libc.FileStatus? StatusOf(string path)
    {
        if (path == "/")
            return Descriptor.StatusOf(_folders.PlaceOf("/"));
        if (FolderOf(path) is not { Path: { } real } folder)
            return null;
        string name = Path.GetFileName(path);
        if (folder.IsRoots)
            return Descriptor.StatusOf(_folders.PlaceOf(RootFolders.Join(real, name)));
        using Descriptor open = _folders.Open(real);
        return FolderEntry.StatusOf(open, name);
    }

    /// <summary>Where a symbolic link leads.</summary>
    public string TargetOf(string path)
    {
        string target = "";
        In(path, (folder, name) => target = FolderEntry.TargetOf(folder, name));
        return target;
    }

    /// <summary>Opens a file for reading, not through a link and without waiting for a pipe.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public Descriptor Open(string path)
    {
        Descriptor file = default;
        In(path, (folder, name) => file = FolderEntry.Open(folder, name, Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_NOFOLLOW, path));
        return file;
    }

    /// <summary>The names in a folder; none where it is no folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="isMeant">Which names are wanted; null for all.</param>
    /// <param name="most">How many are wanted at most: a folder can have more than fit into memory.</param>
    public IReadOnlyList<string> NamesIn(string path, Func<string, bool>? isMeant = null, int most = int.MaxValue)
    {
        if (_folders.Find(path) is not { Path: { } real })
            return [];
        using Descriptor folder = _folders.Open(real);
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
        _folders.Forget(path);
        bool isDone = false;
        In(path, (folder, name) => isDone = Libc.UnlinkAt(folder.Number, name, Libc.AT_REMOVEDIR) == 0);
        return isDone;
    }

    /// <summary>Makes a folder.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public void MakeFolder(string path, uint mode, uint user, uint group)
    {
        const uint ForOwner = 0x1C0; // 0700
        Do(path, (folder, name) => Libc.MakeFolderAt(folder.Number, name, ForOwner), "make the folder");
        _folders.Forget(path);
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
        _folders.Forget(path);
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
                using Descriptor file = FolderEntry.Open(folder, temporary, Flags | Libc.O_NOFOLLOW, path);
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
        _folders.Forget(path);
        _folders.Forget(newPath);
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
                using Descriptor file = FolderEntry.Open(folder, name, Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_NOFOLLOW, path);
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

    private void Replace(string path, Action<Descriptor, string> make) =>
        In(path, (folder, name) => FolderEntry.Replace(folder, name, path, make));

    private void Do(string path, Func<Descriptor, string, int> call, string verb, int except = 0) =>
        In(
            path,
            (folder, name) =>
            {
                if (call(folder, name) != 0 && (except == 0 || Marshal.GetLastPInvokeError() != except))
                    throw FileFailure.Of(verb, path);
            }
        );

    private void In(string path, Action<Descriptor, string> use)
    {
        if (FolderOf(path) is not { Path: { } real })
            throw new IOException(
                $"cannot reach {path}: {(IsStrange(path) ? "a link on the way is not root's" : "its folder is missing")}"
            );
        using Descriptor folder = _folders.Open(real);
        use(folder, Path.GetFileName(path));
    }

    private RootFolders.Folder? FolderOf(string path) => _folders.Find(Path.GetDirectoryName(path)!);
}
