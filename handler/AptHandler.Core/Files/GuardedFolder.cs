using System.Runtime.InteropServices;
using AptHandler.Native;

namespace AptHandler.Files;

/// <summary>
/// A folder in a place that another user can change. It is opened step by step, without following a symbolic link, and stays open. So all
/// work is done in exactly this folder, even if another one has its name meanwhile. This lets root work there safely.
/// </summary>
internal sealed class GuardedFolder : IDisposable
{
    private readonly Descriptor _folder;

    private GuardedFolder(string path, Descriptor folder)
    {
        Path = path;
        _folder = folder;
    }

    /// <summary>The name under which it was opened.</summary>
    public string Path { get; }

    /// <summary>Who owns the folder, and what its mode is.</summary>
    public Libc.FileStatus Status => _folder.Status();

    /// <summary>
    /// Opens a folder that only root can have put in its place. Links are followed. Open folders in it with <see cref="Enter"/>.
    /// </summary>
    /// <returns>The folder, or null where there is none.</returns>
    /// <exception cref="IOException">The path is not a folder, or may not be entered.</exception>
    public static GuardedFolder? Open(string trusted)
    {
        try
        {
            return new GuardedFolder(trusted, Descriptor.Open(trusted, Libc.O_RDONLY | Libc.O_DIRECTORY));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Opens a folder in this one.</summary>
    /// <returns>The folder, or null where there is none.</returns>
    /// <exception cref="IOException">The name is a symbolic link or not a folder, or may not be entered.</exception>
    public GuardedFolder? Enter(string name) =>
        TryOpen(name, Libc.O_RDONLY | Libc.O_DIRECTORY) is { } folder ? new GuardedFolder(PathOf(name), folder) : null;

    /// <summary>Opens a folder in this one. A missing folder is made, with the owner and the mode of this folder.</summary>
    /// <exception cref="IOException">The folder cannot be made, or the name is a symbolic link or not a folder.</exception>
    public GuardedFolder EnterOrMake(string name)
    {
        if (Enter(name) is { } there)
            return there;

        string path = PathOf(name);
        if (
            Libc.MakeFolderAt(
                _folder.Number,
                name,
                0x1C0 /* 0700 */
            ) != 0
        )
            throw FileFailure.Of("make", path);
        GuardedFolder made = Enter(name) ?? throw new IOException($"cannot make {path}: somebody removes it at the same time");
        try
        {
            // A user who can change the parent could have moved another folder there meanwhile. That folder must not get the owner of the
            // parent.
            if (made.Status is var status && (status.User != Libc.EffectiveUser() || (status.Mode & 0x1FF) != 0x1C0))
                throw new IOException($"cannot make {path}: somebody puts another folder there");
            Libc.FileStatus like = Status;
            made._folder.SetOwner(like.User, like.Group, path);
            made._folder.SetMode(like.Mode, path);
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file in this folder for reading. It may be of any kind except a symbolic link. Opening never waits.</summary>
    /// <returns>The file, or null where there is none.</returns>
    /// <exception cref="IOException">The name is a symbolic link, or cannot be opened.</exception>
    public Descriptor? OpenFile(string name) => TryOpen(name, Libc.O_RDONLY | Libc.O_NONBLOCK);

    /// <summary>Reads a whole file in this folder, as <see cref="BoundedFile.Read(string, int, bool)"/> does.</summary>
    /// <returns>The bytes, or null where there is no such file.</returns>
    /// <exception cref="IOException">
    /// The name is a symbolic link or not a regular file, the file is larger, or it cannot be read.
    /// </exception>
    public byte[]? Read(string name, int maximum)
    {
        if (OpenFile(name) is not { } opened)
            return null;
        using Descriptor file = opened;
        return BoundedFile.Read(file, PathOf(name), maximum);
    }

    /// <summary>Replaces a whole file in this folder. The new file gets the owner of the folder.</summary>
    /// <exception cref="IOException">The file could not be replaced; the old one is as it was.</exception>
    public void Replace(string name, ReadOnlySpan<byte> content, int mode) =>
        WholeFile.Replace(_folder, PathOf(name), content, mode, durable: true);

    /// <summary>Removes a file in this folder. A missing file is no error.</summary>
    /// <exception cref="IOException">The file cannot be removed.</exception>
    public void Delete(string name)
    {
        if (Libc.UnlinkAt(_folder.Number, name, 0) != 0 && Marshal.GetLastPInvokeError() != Libc.ENOENT)
            throw FileFailure.Of("remove", PathOf(name));
    }

    /// <summary>Removes a folder in this folder when it is empty.</summary>
    public void DeleteIfEmpty(string name) => _ = Libc.UnlinkAt(_folder.Number, name, Libc.AT_REMOVEDIR);

    /// <summary>
    /// Sets owner and mode of this folder and of all folders in it. Files get the owner, and lose the permissions that are not in their
    /// mode. What could belong to another user stays as it is: links, files with a second name, and everything that is neither folder nor
    /// file.
    /// </summary>
    public void SetRights(uint user, uint group, uint folderMode, uint fileMode)
    {
        _folder.SetOwner(user, group, Path);
        _folder.SetMode(folderMode, Path);
        foreach (string name in Names())
        {
            if (TryOpenForRights(name) is not { } opened)
                continue;
            using Descriptor file = opened;
            Libc.FileStatus status = file.Status();
            if (status.IsFolder)
            {
                new GuardedFolder(PathOf(name), file).SetRights(user, group, folderMode, fileMode);
            }
            else if (status is { IsRegular: true, Links: 1 })
            {
                file.SetOwner(user, group, PathOf(name));
                file.SetMode(status.Permissions & fileMode, PathOf(name));
            }
        }
    }

    /// <summary>The names of all entries in this folder.</summary>
    public IReadOnlyList<string> Names()
    {
        // Through the open folder, because its path may lead elsewhere by now.
        string[] paths = Directory.GetFileSystemEntries($"/proc/self/fd/{_folder.Number}");
        return Array.ConvertAll(paths, path => System.IO.Path.GetFileName(path));
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private Descriptor? TryOpen(string name, int flags)
    {
        int descriptor = Libc.OpenAt(_folder.Number, name, flags | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0);
        if (descriptor >= 0)
            return new Descriptor(descriptor);
        return Marshal.GetLastPInvokeError() switch
        {
            Libc.ENOENT => null,
            Libc.ENOTDIR => throw new IOException(
                $"cannot enter {PathOf(name)}: it is no folder, or a symbolic link, which is not followed here"
            ),
            _ => throw FileFailure.Of("open", PathOf(name)),
        };
    }

    // Null for a symbolic link or a socket: these cannot be opened, and need no rights.
    private Descriptor? TryOpenForRights(string name)
    {
        try
        {
            return OpenFile(name);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private string PathOf(string name) => System.IO.Path.Combine(Path, name);
}
