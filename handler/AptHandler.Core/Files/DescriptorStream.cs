namespace AptHandler.Files;

/// <summary>
/// An open file as a stream, for content that is written or read piece by piece because it may not fit into memory. The stream does not
/// close the file.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="path">Its name for messages.</param>
internal sealed class DescriptorStream(Descriptor file, string path) : Stream
{
    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => (long)file.Status().Size;

    /// <summary>The offset of the next read. Writing uses the position of the file itself.</summary>
    public override long Position { get; set; }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int count = file.ReadAt(buffer, Position);
        Position += count;
        return count;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer) => file.Write(buffer, path);

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush() { }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();
}
