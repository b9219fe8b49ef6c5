using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Rollback;

/// <summary>
/// The contents of files that no archive holds as they were, one behind the other in one file: one thing to write and to sync, however many
/// there are. Only root may read it.
/// </summary>
internal sealed class KeptContents : IDisposable
{
    private const int PieceLength = 256 * 1024;

    private readonly Descriptor _file;
    private readonly string _path;
    private readonly byte[] _piece = new byte[PieceLength];

    private KeptContents(Descriptor file, string path) => (_file, _path) = (file, path);

    /// <summary>How many bytes are kept.</summary>
    public long Length { get; private set; }

    /// <summary>Begins to keep.</summary>
    /// <exception cref="IOException">The file cannot be made.</exception>
    public static KeptContents Create(string path) =>
        new(
            Descriptor.Open(
                path,
                Libc.O_RDWR | Libc.O_CREAT | Libc.O_TRUNC | Libc.O_NOFOLLOW,
                0x180 /* 0600 */
            ),
            path
        );

    /// <summary>Opens what was kept.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static KeptContents Open(string path) => new(Descriptor.Open(path, Libc.O_RDONLY | Libc.O_NOFOLLOW), path);

    /// <summary>Keeps the content of an open file.</summary>
    /// <returns>Where it lies, and how many bytes it has.</returns>
    /// <exception cref="IOException">It cannot be read, or there is no room for it.</exception>
    public (long Offset, long Length) Add(Descriptor file)
    {
        long start = Length;
        for (int count; (count = file.ReadAt(_piece, Length - start)) > 0; Length += count)
            _file.Write(_piece.AsSpan(0, count), _path);
        return (start, Length - start);
    }

    /// <summary>Keeps a few bytes.</summary>
    /// <returns>Where they lie.</returns>
    /// <exception cref="IOException">There is no room for them.</exception>
    public long Add(ReadOnlySpan<byte> bytes)
    {
        _file.Write(bytes, _path);
        Length += bytes.Length;
        return Length - bytes.Length;
    }

    /// <summary>Writes a content that was kept into a file.</summary>
    /// <exception cref="IOException">It is not there whole, or cannot be written.</exception>
    public void CopyTo(Descriptor file, long offset, long length, string path)
    {
        using var stream = new DescriptorStream(file, path);
        CopyTo(stream, offset, length);
    }

    /// <summary>The same for a stream.</summary>
    /// <exception cref="IOException">It is not there whole, or cannot be written.</exception>
    public void CopyTo(Stream stream, long offset, long length)
    {
        for (long at = 0; at < length; )
        {
            int count = Read(offset + at, length - at);
            stream.Write(_piece.AsSpan(0, count));
            at += count;
        }
    }

    /// <summary>A content that was kept.</summary>
    /// <exception cref="IOException">It is not there whole.</exception>
    public byte[] Bytes(long offset, int length)
    {
        var bytes = new byte[length];
        for (int at = 0; at < length; )
        {
            int count = Read(offset + at, length - at);
            _piece.AsSpan(0, count).CopyTo(bytes.AsSpan(at));
            at += count;
        }

        return bytes;
    }

    /// <summary>Whether an open file holds a content that was kept, and nothing else.</summary>
    public bool IsContentOf(Descriptor file, long offset, long length)
    {
        byte[] other = new byte[PieceLength];
        for (long at = 0; at < length; )
        {
            int count = Read(offset + at, length - at);
            int read = file.ReadAt(other.AsSpan(0, count), at);
            if (read <= 0 || !_piece.AsSpan(0, read).SequenceEqual(other.AsSpan(0, read)))
                return false;
            at += read;
        }

        return file.ReadAt(other.AsSpan(0, 1), length) == 0;
    }

    /// <summary>Has all of it on the disk.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Sync() => _file.Sync(_path);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private int Read(long offset, long most)
    {
        int count = _file.ReadAt(_piece.AsSpan(0, (int)Math.Min(PieceLength, most)), offset);
        return count > 0 ? count : throw new IOException($"cannot read {_path}: it is shorter than it was");
    }
}
