using System.Runtime.InteropServices;
using System.Text;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.CommandLine.Images;

/// <summary>
/// The files of an image, for a program outside of it. The kernel resolves every path so that links lead only to places in the image, and
/// never to what a process has open (openat2(2), RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS).
/// </summary>
/// <param name="root">The root folder of the image.</param>
internal sealed unsafe class ImageTree(Descriptor root) : IDisposable
{
    /// <summary>The root folder of the image.</summary>
    public Descriptor Root => root;

    /// <summary>Opens a file or folder of the image.</summary>
    /// <param name="path">Its path in the image, without a leading slash.</param>
    /// <param name="flags">The flags of open(2).</param>
    /// <param name="mode">The mode of a file that is made.</param>
    /// <param name="followLinks">Whether a part of the path, or the file itself, may be a link.</param>
    /// <exception cref="IOException">It cannot be opened; the message says why.</exception>
    public Descriptor Open(string path, int flags, uint mode = 0, bool followLinks = true)
    {
        ulong resolve = Libc.RESOLVE_IN_ROOT | Libc.RESOLVE_NO_MAGICLINKS | (followLinks ? 0 : Libc.RESOLVE_NO_SYMLINKS);
        var how = new Libc.OpenHow
        {
            Flags = (ulong)(flags | Libc.O_CLOEXEC),
            Mode = mode,
            Resolve = resolve,
        };
        fixed (byte* text = Encoding.UTF8.GetBytes(path + '\0'))
        {
            int descriptor;
            do descriptor = Libc.OpenAt2(root.Number, text, &how);
            while (descriptor < 0 && Marshal.GetLastPInvokeError() is Libc.EAGAIN or Libc.EINTR);
            return descriptor >= 0 ? new Descriptor(descriptor) : throw FileFailure.Of("open", $"/{path} in the image");
        }
    }

    /// <summary>Opens a folder of the image as a mount point. No part of the path may be a link.</summary>
    public Descriptor Folder(string path) => Open(path, Libc.O_PATH | Libc.O_DIRECTORY, followLinks: false);

    /// <summary>The status of the file at a path; null where nothing is, or where it cannot be reached.</summary>
    public Libc.FileStatus? StatusOf(string path, bool followLinks = true)
    {
        try
        {
            using Descriptor file = Open(path, Libc.O_PATH, followLinks: followLinks);
            return file.Status();
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => root.Dispose();
}
