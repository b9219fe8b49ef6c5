using AptHandler.Native;

namespace AptHandler.Files;

/// <summary>Facts about a file system: statvfs(3).</summary>
internal static unsafe class FileSystem
{
    private const nuint ReadOnly = 1; // ST_RDONLY

    /// <summary>Whether the file system that a folder lies on is mounted read-only.</summary>
    public static bool IsReadOnly(string folder)
    {
        Libc.FileSystemStatus status = default;
        return Libc.FileSystem(folder, &status) == 0 && (status.Flags & ReadOnly) != 0;
    }
}
