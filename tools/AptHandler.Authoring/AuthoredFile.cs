using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Authoring;

/// <summary>
/// Writes the files of the user at the desk, whole or not at all. It follows links, and keeps the owner and the mode of an existing file.
/// </summary>
public static class AuthoredFile
{
    /// <summary>Writes a file, or replaces it.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="content">Its new content.</param>
    /// <exception cref="IOException">It cannot be written; the old file is unchanged.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        // A relative link is resolved from the folder of the link.
        string named = Path.GetFullPath(path);
        string target = new FileInfo(named).LinkTarget is null ? named : File.ResolveLinkTarget(named, returnFinalTarget: true)!.FullName;
        if (new FileInfo(target).LinkTarget is not null)
            throw new IOException($"cannot write {path}: its links lead in a circle");
        (uint mode, uint user, uint group) = (WholeFile.ReadableByAll, Libc.EffectiveUser(), 0);
        if (File.Exists(target))
        {
            // A new file replaces the old one, even if its owner has made it read-only. So check that the old file may be written.
            using var there = Descriptor.Open(target, Libc.O_RDWR | Libc.O_NONBLOCK);
            Libc.FileStatus status = there.Status();

            // Otherwise the write would replace a device file such as /dev/null.
            if (!status.IsRegular)
                throw new IOException($"cannot write {path}: it is not a regular file");
            (mode, user, group) = (status.Permissions, status.User, status.Group);
        }

        WholeFile.Replace(target, content, (int)mode, user, group);
    }
}
