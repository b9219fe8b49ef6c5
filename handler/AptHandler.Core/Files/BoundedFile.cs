using AptHandler.Native;

namespace AptHandler.Files;

/// <summary>Reads files that another user may have written: regular files only, once, and never more than a bound.</summary>
public static class BoundedFile
{
    private const int LeastGrowth = 4096;

    /// <summary>Reads a whole file of at most <paramref name="maximum"/> bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maximum">The largest size in bytes that is accepted.</param>
    /// <param name="followLinks">Whether the file itself may be a symbolic link. Use false in folders that another user can write.</param>
    /// <returns>The bytes.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">The file is not regular, is larger, or cannot be read; the message says which.</exception>
    public static byte[] Read(string path, int maximum, bool followLinks = false)
    {
        // Without O_NONBLOCK, opening a FIFO for reading would wait for a writer.
        using var file = Descriptor.Open(path, Libc.O_RDONLY | Libc.O_NONBLOCK | (followLinks ? 0 : Libc.O_NOFOLLOW));
        return Read(file, path, maximum);
    }

    /// <summary>Reads a file. Of a larger file, only the start is read.</summary>
    /// <param name="path">The file. A symbolic link is followed.</param>
    /// <param name="most">How many bytes are read at most.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">The file is not regular, or cannot be read; the message says which.</exception>
    public static byte[] ReadStart(string path, int most)
    {
        using var file = Descriptor.Open(path, Libc.O_RDONLY | Libc.O_NONBLOCK);
        if (!file.Status().IsRegular)
            throw new IOException($"cannot read {path}: it is not a regular file");
        var buffer = new byte[most];
        int length = 0;
        for (int count; length < most && (count = file.ReadAt(buffer.AsSpan(length), length)) > 0; )
            length += count;
        return length == most ? buffer : buffer[..length];
    }

    /// <summary>Whether there is a regular file that holds exactly these bytes.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static bool Holds(string path, ReadOnlySpan<byte> content) =>
        Descriptor.StatusOf(path) is { IsRegular: true } status
        && status.Size == (ulong)content.Length
        && Read(path, content.Length).AsSpan().SequenceEqual(content);

    /// <summary>Reads an open file.</summary>
    internal static byte[] Read(Descriptor file, string path, int maximum)
    {
        Libc.FileStatus status = file.Status();
        if (!status.IsRegular)
            throw new IOException($"cannot read {path}: it is not a regular file");
        if (status.Size > (ulong)maximum)
            throw TooLarge(path, maximum);

        // The buffer has the size of the file at opening. One more byte is read to see whether the file has grown. So most files need no
        // second copy.
        var buffer = new byte[(int)status.Size];
        var more = new byte[1];
        for (int length = 0; ; )
        {
            int count = length < buffer.Length ? file.ReadAt(buffer.AsSpan(length), length) : file.ReadAt(more, length);
            if (count == 0)
                return length == buffer.Length ? buffer : buffer[..length];
            if (length == maximum)
                throw TooLarge(path, maximum);
            if (length < buffer.Length)
                length += count;
            else
                Array.Resize(ref buffer, (int)Math.Min(Math.Max(2L * length, LeastGrowth), maximum));
        }
    }

    /// <summary>Whether a path is a regular file and not a link. Reading such a file never waits for a writer.</summary>
    public static bool IsRegular(string path)
    {
        try
        {
            using var file = Descriptor.Open(path, Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_NOFOLLOW);
            return file.Status().IsRegular;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static IOException TooLarge(string path, int maximum) => new($"cannot read {path}: it is larger than {maximum:N0} bytes");
}
