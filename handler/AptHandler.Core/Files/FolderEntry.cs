using System.Text;
using AptHandler.Native;

namespace AptHandler.Files;

/// <summary>
/// What the kernel does with one name in an open folder. No symbolic link on the way can lead elsewhere, because the folder is open
/// already.
/// </summary>
internal static unsafe class FolderEntry
{
    private const int LongestTarget = 4096;

    /// <summary>Opens a file or folder, or makes a file that its owner alone can read and write.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The name in it.</param>
    /// <param name="flags">As for open(2).</param>
    /// <param name="what">What a failure names.</param>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static Descriptor Open(Descriptor folder, string name, int flags, string what)
    {
        const uint ForOwner = 0x180; // 0600
        int descriptor = Libc.OpenAt(folder.Number, name, flags | Libc.O_CLOEXEC, ForOwner);
        return descriptor >= 0 ? new Descriptor(descriptor) : throw FileFailure.Of("open", what);
    }

    /// <summary>What the kernel says of a name; of a link, not of what it leads to. Null where it says nothing.</summary>
    public static Libc.FileStatus? StatusOf(Descriptor folder, string name)
    {
        Libc.FileStatus status = default;
        int error = Libc.Status(folder.Number, name, Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_BASIC_STATS, &status);
        return error == 0 ? status : null;
    }

    /// <summary>Where a symbolic link leads.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string TargetOf(Descriptor folder, string name)
    {
        byte[] target = new byte[LongestTarget];
        nint length;
        fixed (byte* start = target)
            length = Libc.ReadLinkAt(folder.Number, name, start, LongestTarget);
        return length >= 0 ? Encoding.UTF8.GetString(target, 0, (int)length) : throw FileFailure.Of("read the link", name);
    }

    /// <summary>Puts something new in the place of a file or link, in one step.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The name in it.</param>
    /// <param name="path">What a failure names.</param>
    /// <param name="make">Makes the new one, under the temporary name that it is given.</param>
    /// <exception cref="IOException">It cannot be replaced; the old one is as it was.</exception>
    public static void Replace(Descriptor folder, string name, string path, Action<Descriptor, string> make)
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
}
