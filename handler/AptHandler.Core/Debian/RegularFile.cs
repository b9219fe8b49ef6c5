using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Debian;

/// <summary>
/// A regular file of dpkg's database that is open for reading. It can be told apart from a later file of the same name.
/// </summary>
/// <remarks>
/// .NET's file classes are not used. They wait for ever when they open a named pipe. They also lock (flock) every file that they open, and
/// a reader of dpkg's database must not do that.
/// </remarks>
internal sealed class RegularFile : IDisposable
{
    // Three times the database of a large machine. Even a database with every package of Debian has only about 60 MB.
    private const ulong MaximumLength = 64 << 20;

    private readonly Descriptor _file;

    private RegularFile(string path, Descriptor file, Libc.FileStatus status)
    {
        Path = path;
        Length = (int)status.Size;
        Identity = status.Identity;
        _file = file;
    }

    /// <summary>The name under which the file was opened.</summary>
    public string Path { get; }

    /// <summary>The size of the file in bytes when it was opened.</summary>
    public int Length { get; }

    /// <summary>The identity of the file, even if another file has its name by now.</summary>
    public Libc.FileIdentity Identity { get; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">Its name.</param>
    /// <returns>The file, or null where there is none.</returns>
    /// <exception cref="DpkgStatusException">The file is not regular, may not be read, or is too large.</exception>
    public static RegularFile? Open(string path)
    {
        Descriptor file;
        try
        {
            file = Descriptor.Open(path, Libc.O_RDONLY | Libc.O_NONBLOCK);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (IOException e)
        {
            throw Unreadable(path, Libc.Describe(e.HResult), e);
        }

        Libc.FileStatus status = file.Status();
        string? problem =
            !status.IsRegular ? "it is not a regular file"
            : status.Size > MaximumLength ? $"it has {status.Size} bytes, and {MaximumLength} are the most that a database of dpkg has"
            : null;
        if (problem is null)
            return new RegularFile(path, file, status);

        file.Dispose();
        throw Unreadable(path, problem);
    }

    /// <summary>The identity of the file that has a name now.</summary>
    /// <param name="path">The name.</param>
    /// <returns>The identity, or the default value where there is no such file.</returns>
    public static unsafe Libc.FileIdentity Identify(string path)
    {
        Libc.FileStatus status = default;
        return Libc.Status(Libc.AT_FDCWD, path, 0, Libc.STATX_BASIC_STATS, &status) == 0 ? status.Identity : default;
    }

    /// <summary>Reads a part of the file.</summary>
    /// <param name="buffer">Gets the bytes.</param>
    /// <param name="offset">Where the part starts in the file.</param>
    /// <returns>How many bytes were read; 0 at the end of the file.</returns>
    /// <exception cref="DpkgStatusException">The file system fails.</exception>
    public int Read(Span<byte> buffer, long offset)
    {
        try
        {
            return _file.ReadAt(buffer, offset);
        }
        catch (IOException e)
        {
            throw Unreadable(Path, Libc.Describe(e.HResult), e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static DpkgStatusException Unreadable(string path, string reason, IOException? cause = null)
    {
        string message = $"cannot read '{path}': {reason}; check the path and the state of the file system";
        return cause is null ? new DpkgStatusException(message) : new DpkgStatusException(message, cause);
    }
}
