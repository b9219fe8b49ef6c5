using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Authoring;

/// <summary>Writes the files of the user at the desk: whole or not at all, where a link leads, with the owner and the mode that are there.</summary>
public static class AuthoredFile
{
    private const uint ReadableByAll = 0x1A4; // 0644

    /// <summary>Writes a file, or replaces it.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="content">Its new content.</param>
    /// <exception cref="IOException">It cannot be written; the old one is as it was.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        string target = new FileInfo(path).LinkTarget is null ? Path.GetFullPath(path) : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;
        (uint mode, uint user, uint group) = (ReadableByAll, Libc.EffectiveUser(), 0);
        if (File.Exists(target))
        {
            using var there = Descriptor.Open(target, Libc.O_RDONLY | Libc.O_NONBLOCK);
            Libc.FileStatus status = there.Status();

            // A new file takes the place of the old one: /dev/null, say, would be gone.
            if (!status.IsRegular)
                throw new IOException($"cannot write {path}: it is not a regular file");
            (mode, user, group) = (status.Permissions, status.User, status.Group);
        }

        WholeFile.Replace(target, content, (int)mode, user, group);
    }
}
