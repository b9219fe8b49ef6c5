using AptHandler.Native;

namespace AptHandler.Files;

/// <summary>
/// Places that only root can change. There a path still leads where it led a moment ago. In other places, another user could redirect root
/// with a link when it reads, writes or deletes.
/// </summary>
internal static class RootsPlace
{
    /// <summary>Whether nobody else can change what a path leads to. Links on the way are followed.</summary>
    /// <param name="root">The top folder, which is trusted.</param>
    /// <param name="path">A path in it.</param>
    /// <exception cref="IOException">A folder on the way may not be entered.</exception>
    public static bool Holds(string root, string path)
    {
        string? folder = Path.GetDirectoryName(path);
        while (folder is not null && folder.Length > root.TrimEnd('/').Length)
        {
            FileSystemInfo? target = Descriptor.StatusOf(folder) is { IsFolder: false }
                ? Directory.ResolveLinkTarget(folder, returnFinalTarget: true)
                : null;
            if (target is not null && !Holds(root, Path.Combine(target.FullName, "x")))
                return false;
            if (
                Descriptor.StatusOf(target?.FullName ?? folder) is { } status
                && (status.User != Libc.EffectiveUser() || status.IsWritableByOthers)
            )
                return false;
            folder = Path.GetDirectoryName(folder);
        }

        return true;
    }
}
