using System.Runtime.InteropServices;
using AptHandler.Native;

namespace AptHandler.Files;

/// <summary>Turns the error number of a system call into an exception with a message.</summary>
internal static class FileFailure
{
    /// <summary>The exception for the call that has just failed: <c>cannot open /x: No such file or directory</c>.</summary>
    public static IOException Of(string verb, string path)
    {
        int errno = Marshal.GetLastPInvokeError();
        string message = $"cannot {verb} {path}: {Libc.Describe(errno)}";
        return errno switch
        {
            Libc.ENOENT => new FileNotFoundException(message, path),
            Libc.ELOOP => new IOException($"cannot {verb} {path}: it is a symbolic link, which is not followed here", errno),
            _ => new IOException(message, errno),
        };
    }
}
