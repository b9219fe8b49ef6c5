using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Rollback;

/// <summary>
/// The contents of files that no archive has in that state, one behind the other in one file. So there is only one file to write and to
/// sync. Only root may read it.
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

    /// <summary>Makes an empty file of contents.</summary>
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

    /// <summary>Opens an existing file of contents.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static KeptContents Open(string path) => new(Descriptor.Open(path, Libc.O_RDONLY | Libc.O_NOFOLLOW), path);

    /// <summary>Keeps the content of an open file.</summary>
    /// <returns>The offset of the content, and its length in bytes.</returns>
    /// <exception cref="IOException">The file cannot be read, or there is no room for its content.</exception>
    public (long Offset, long Length) Add(Descriptor file)
    {
        long start = Length;
        for (int count; (count = file.ReadAt(_piece, Length - start)) > 0; Length += count)
            _file.Write(_piece.AsSpan(0, count), _path);
        return (start, Length - start);
    }

    /// <summary>Keeps a few bytes.</summary>
    /// <returns>The offset of the bytes.</returns>
    /// <exception cref="IOException">There is no room for them.</exception>
    public long Add(ReadOnlySpan<byte> bytes)
    {
        _file.Write(bytes, _path);
        Length += bytes.Length;
        return Length - bytes.Length;
    }

    /// <summary>Writes a kept content into a file.</summary>
    /// <exception cref="IOException">The content is not complete, or cannot be written.</exception>
    public void CopyTo(Descriptor file, long offset, long length, string path)
    {
        using var stream = new DescriptorStream(file, path);
        CopyTo(stream, offset, length);
    }

    /// <summary>Writes a kept content into a stream.</summary>
    /// <exception cref="IOException">The content is not complete, or cannot be written.</exception>
    public void CopyTo(Stream stream, long offset, long length)
    {
        for (long at = 0; at < length; )
        {
            int count = Read(offset + at, length - at);
            stream.Write(_piece.AsSpan(0, count));
            at += count;
        }
    }

    /// <summary>The bytes of a kept content.</summary>
    /// <exception cref="IOException">The content is not complete.</exception>
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

    /// <summary>Whether an open file holds exactly a kept content.</summary>
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

    /// <summary>Writes everything to the disk.</summary>
    /// <exception cref="IOException">The disk cannot be written.</exception>
    public void Sync() => _file.Sync(_path);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private int Read(long offset, long most)
    {
        int count = _file.ReadAt(_piece.AsSpan(0, (int)Math.Min(PieceLength, most)), offset);
        return count > 0 ? count : throw new IOException($"cannot read {_path}: it is shorter than it was");
    }
}
