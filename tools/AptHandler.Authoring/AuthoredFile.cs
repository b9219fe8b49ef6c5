using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Authoring;

/// <summary>
/// Writes the files of the user at the desk: whole or not at all, where a link leads, with the owner and the mode that are there.
/// </summary>
public static class AuthoredFile
{
    /// <summary>Writes a file, or replaces it.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="content">Its new content.</param>
    /// <exception cref="IOException">It cannot be written; the old one is as it was.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        // A link's own folder is where its way begins.
        string named = Path.GetFullPath(path);
        string target = new FileInfo(named).LinkTarget is null ? named : File.ResolveLinkTarget(named, returnFinalTarget: true)!.FullName;
        if (new FileInfo(target).LinkTarget is not null)
            throw new IOException($"cannot write {path}: its links lead in a circle");
        (uint mode, uint user, uint group) = (WholeFile.ReadableByAll, Libc.EffectiveUser(), 0);
        if (File.Exists(target))
        {
            // A new file takes the place of the old one, which its owner may have protected.
            using var there = Descriptor.Open(target, Libc.O_RDWR | Libc.O_NONBLOCK);
            Libc.FileStatus status = there.Status();

            // /dev/null, say, would be gone.
            if (!status.IsRegular)
                throw new IOException($"cannot write {path}: it is not a regular file");
            (mode, user, group) = (status.Permissions, status.User, status.Group);
        }

        WholeFile.Replace(target, content, (int)mode, user, group);
    }
}
