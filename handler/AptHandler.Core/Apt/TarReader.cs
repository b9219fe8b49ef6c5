using System.Text;
using AptHandler.Files;

namespace AptHandler.Apt;

/// <summary>
/// Reads the entries of a tar stream that dpkg-deb writes, in the formats of tar(5) that packages use: ustar, GNU and pax. The runtime's
/// own reader is ten times the size of what is needed here.
/// </summary>
/// <param name="stream">The stream; it need not be able to seek.</param>
internal sealed class TarReader(Stream stream)
{
    private const int BlockLength = 512;

    // The kernel accepts no longer path, and dpkg no longer name of a file or a link (PATH_MAX).
    private const int LongestName = 4096;

    // Two names, and the other values of an extended header.
    private const int LongestHeader = 64 * 1024;

    private readonly byte[] _block = new byte[BlockLength];
    private long _left;

    /// <summary>The name of the entry.</summary>
    public string Name { get; private set; } = "";

    /// <summary>What kind of entry it is.</summary>
    public ShippedKind Kind { get; private set; }

    /// <summary>Where a symbolic link leads, or the entry that a hard link is another name of; else empty.</summary>
    public string Target { get; private set; } = "";

    /// <summary>Its permission bits.</summary>
    public uint Mode { get; private set; }

    /// <summary>How many bytes its content has.</summary>
    public long Length { get; private set; }

    /// <summary>Goes to the next entry; content that was not read is skipped.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="InvalidDataException">The stream is not a tar stream.</exception>
    /// <exception cref="EndOfStreamException">The stream ends in the middle of an entry.</exception>
    public bool Next()
    {
        string? longName = null;
        string? longTarget = null;
        while (true)
        {
            Skip();
            if (
                stream.ReadAtLeast(_block, BlockLength, throwOnEndOfStream: false) < BlockLength
                || !_block.AsSpan().ContainsAnyExcept((byte)0)
            )
                return false;
            CheckSum();
            Length = _left = Number(124, 12);
            char kind = (char)_block[156];
            switch (kind)
            {
                case 'L':
                    longName = Encoding.UTF8.GetString(Content(LongestName)).TrimEnd('\0');
                    continue;
                case 'K':
                    longTarget = Encoding.UTF8.GetString(Content(LongestName)).TrimEnd('\0');
                    continue;
                case 'x':
                    string header = Encoding.UTF8.GetString(Content(LongestHeader));
                    longName = ValueInExtendedHeader(header, "path") ?? longName;
                    longTarget = ValueInExtendedHeader(header, "linkpath") ?? longTarget;
                    continue;
                case 'g':
                    continue;
            }

            string prefix = _block.AsSpan(257, 6).SequenceEqual("ustar\0"u8) ? Text(345, 155) : "";
            Mode = (uint)Number(100, 8) & 0xFFF; // 07777
            Name = longName ?? (prefix.Length > 0 ? $"{prefix}/{Text(0, 100)}" : Text(0, 100));
            Kind = kind switch
            {
                '0' or '\0' or '7' => ShippedKind.File,
                '1' => ShippedKind.HardLink,
                '2' => ShippedKind.Link,
                '5' => ShippedKind.Folder,
                _ => ShippedKind.Other,
            };
            Target = Kind is ShippedKind.Link or ShippedKind.HardLink ? longTarget ?? Text(157, 100) : "";
            if (Math.Max(Name.Length, Target.Length) > LongestName)
                throw new InvalidDataException($"a name is longer than {LongestName} characters");
            if (Kind != ShippedKind.File)
                _left = Length = 0;
            return true;
        }
    }

    /// <summary>The content of the entry.</summary>
    /// <param name="most">The largest content that is accepted, in bytes.</param>
    /// <exception cref="InvalidDataException">The content is larger.</exception>
    public byte[] Content(int most)
    {
        if (Length > most)
            throw new InvalidDataException($"an entry of {Length} bytes is too large");
        var content = new byte[Length];
        stream.ReadExactly(content);
        Pad(Length);
        _left = 0;
        return content;
    }

    /// <summary>Whether the content of the entry is the same as that of an open file. Reads both piece by piece.</summary>
    public bool HasContentOf(Descriptor file)
    {
        const int PieceLength = 64 * 1024;
        byte[] ours = new byte[PieceLength],
            theirs = new byte[PieceLength];
        bool isSame = true;
        long length = Length;
        for (long at = 0; at < length; )
        {
            int count = (int)Math.Min(PieceLength, length - at);
            stream.ReadExactly(ours, 0, count);
            _left -= count;
            for (int read = 0, piece; isSame && read < count; read += piece)
            {
                piece = file.ReadAt(theirs.AsSpan(read, count - read), at + read);
                isSame = piece > 0;
            }

            isSame = isSame && ours.AsSpan(0, count).SequenceEqual(theirs.AsSpan(0, count));
            at += count;
        }

        Pad(length);
        return isSame && file.ReadAt(theirs.AsSpan(0, 1), length) == 0;
    }

    /// <summary>Writes the content of the entry into a file, piece by piece.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void CopyContent(Descriptor file, string path)
    {
        var piece = new byte[64 * 1024];
        for (long length = Length; _left > 0; )
        {
            int count = (int)Math.Min(piece.Length, _left);
            stream.ReadExactly(piece, 0, count);
            file.Write(piece.AsSpan(0, count), path);
            _left -= count;
            if (_left == 0)
                Pad(length);
        }
    }

    private void Skip()
    {
        if (_left > 0)
        {
            var buffer = new byte[64 * 1024];
            for (long left = _left; left > 0; )
            {
                int count = stream.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
                left -= count > 0 ? count : throw new EndOfStreamException();
            }

            Pad(_left);
        }

        _left = 0;
    }

    // Content fills whole blocks.
    private void Pad(long length)
    {
        int rest = (int)(length % BlockLength);
        if (rest > 0)
            stream.ReadExactly(_block, 0, BlockLength - rest);
    }

    private void CheckSum()
    {
        int sum = 0;
        for (int i = 0; i < BlockLength; i++)
            sum += i is >= 148 and < 156 ? ' ' : _block[i];
        if (sum != Number(148, 8))
            throw new InvalidDataException("a header is damaged");
    }

    // The number is written in octal digits. A number that is too large for them is binary, and its first bit is set.
    private long Number(int start, int length)
    {
        ReadOnlySpan<byte> field = _block.AsSpan(start, length);
        long value = 0;
        if ((field[0] & 0x80) != 0)
        {
            foreach (byte each in field[^8..])
                value = (value << 8) | each;
            return value >= 0 ? value : throw new InvalidDataException("a header is damaged");
        }

        foreach (byte each in field.Trim(" \0"u8))
            value = each is >= (byte)'0' and <= (byte)'7'
                ? (value * 8) + each - '0'
                : throw new InvalidDataException("a header is damaged");
        return value;
    }

    private string Text(int start, int length)
    {
        ReadOnlySpan<byte> field = _block.AsSpan(start, length);
        int end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }

    // "27 path=some/long/name\n", with the length of the whole line.
    private static string? ValueInExtendedHeader(string header, string name)
    {
        string mark = $" {name}=";
        foreach (string line in header.Split('\n'))
        {
            int at = line.IndexOf(mark, StringComparison.Ordinal);
            if (at > 0 && line.AsSpan(0, at).IndexOfAnyExceptInRange('0', '9') < 0)
                return line[(at + mark.Length)..];
        }

        return null;
    }
}
