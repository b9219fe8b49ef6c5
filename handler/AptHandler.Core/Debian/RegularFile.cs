using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Debian;

/// <summary>
/// A regular file of dpkg's database that is open for reading, and can be told apart from another one that took its name meanwhile.
/// </summary>
/// <remarks>
/// Not by way of .NET's own file classes: they wait for ever when they open a named pipe, and put a lock (flock) on every file they open,
/// which a reader of dpkg's database has no business doing.
/// </remarks>
internal sealed class RegularFile : IDisposable
{
    // Three times the database of a large machine; even one with every package of Debian has about 60 MB.
    private const ulong MaximumLength = 64 << 20;

    private readonly Descriptor _file;

    private RegularFile(string path, Descriptor file, Libc.FileStatus status)
    {
        Path = path;
        Length = (int)status.Size;
        Identity = status.Identity;
        _file = file;
    }

    /// <summary>The name under which it was opened.</summary>
    public string Path { get; }

    /// <summary>How many bytes it had when it was opened.</summary>
    public int Length { get; }

    /// <summary>Which file it is, whatever bears its name now.</summary>
    public Libc.FileIdentity Identity { get; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">Its name.</param>
    /// <returns>The file, or null where there is none.</returns>
    /// <exception cref="DpkgStatusException">It is not a regular file, may not be read, or is unreasonably large.</exception>
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

    /// <summary>Which file bears a name now.</summary>
    /// <param name="path">The name.</param>
    /// <returns>The identity, or the default value where there is no such file.</returns>
    public static unsafe Libc.FileIdentity Identify(string path)
    {
        Libc.FileStatus status = default;
        return Libc.Status(Libc.AT_FDCWD, path, 0, Libc.STATX_BASIC_STATS, &status) == 0 ? status.Identity : default;
    }

    /// <summary>Reads a part of the file.</summary>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="offset">Where they begin in the file.</param>
    /// <returns>How many bytes were read: none at the end of the file.</returns>
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
