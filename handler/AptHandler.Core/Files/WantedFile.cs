using System.Text;
using AptHandler.Native;

namespace AptHandler.Files;

/// <summary>A file that an update wants. It belongs to root, and all users can read it.</summary>
/// <param name="Path">Its absolute path, seen from the root of the machine.</param>
/// <param name="Content">Its content; null where the file must not exist.</param>
public sealed record WantedFile(string Path, string? Content)
{
    /// <summary>Whether the file is already as wanted. A link is never accepted as the file.</summary>
    /// <param name="whole">The path of the file, with the root of the machine.</param>
    /// <exception cref="IOException">A folder on the way may not be entered.</exception>
    internal bool IsAt(string whole)
    {
        Libc.FileStatus? there = Descriptor.StatusOf(whole);
        if (Content is null || there is null)
            return Content is null && there is null;
        byte[] content = Encoding.UTF8.GetBytes(Content);
        return there is { User: 0, Permissions: WholeFile.ReadableByAll } && BoundedFile.Holds(whole, content);
    }

    /// <summary>
    /// Writes or removes the file. What is in its place is replaced. A link there is not followed. A removal is on the disk after the next
    /// sync.
    /// </summary>
    /// <param name="root">The top of the machine, which is trusted.</param>
    /// <param name="whole">The path of the file, with the root of the machine.</param>
    /// <exception cref="IOException">
    /// The file cannot be written or removed, or others than root could redirect its path.
    /// </exception>
    internal void Put(string root, string whole)
    {
        if (IsAt(whole))
            return;
        Require(root, whole);
        if (Content is null)
        {
            File.Delete(whole);
            return;
        }

        string folder = System.IO.Path.GetDirectoryName(whole)!;
        if (!Directory.Exists(folder))
            MakeFolder(folder);
        WholeFile.Replace(whole, Encoding.UTF8.GetBytes(Content), WholeFile.ReadableByAll, Account.Root.User, Account.Root.Group);
    }

    /// <summary>Makes sure that only root can change what a path leads to.</summary>
    /// <exception cref="IOException">Another user can.</exception>
    internal static void Require(string root, string whole)
    {
        if (!RootsPlace.Holds(root, whole))
            throw new IOException(
                $"cannot change {whole}: others than root can change a folder on the way to it; make it root's own (chown root, chmod go-w)"
            );
    }

    /// <summary>Makes sure that the folder of the file exists, or can be made.</summary>
    /// <exception cref="IOException">Something else is in its place.</exception>
    internal void RequireFolder(string whole)
    {
        string folder = System.IO.Path.GetDirectoryName(whole)!;
        if (Content is not null && Descriptor.StatusOf(folder) is not null && !Directory.Exists(folder))
            throw new IOException($"cannot write {whole}: {folder} is no folder; remove it");
    }

    /// <summary>Makes a folder that all users can read, whatever the umask of this process: apt reads it as a separate user.</summary>
    internal static void MakeFolder(string folder)
    {
        const UnixFileMode ForAll =
            UnixFileMode.UserRead
            | UnixFileMode.UserWrite
            | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead
            | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead
            | UnixFileMode.OtherExecute;
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, ForAll);
    }
}
