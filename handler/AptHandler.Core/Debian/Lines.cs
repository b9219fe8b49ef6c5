using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AptHandler.Debian;

/// <summary>Walks over the lines of a stanza.</summary>
/// <remarks>
/// Looks for line feeds in 64 bytes at once. The lines of a stanza are short: a separate search for each would cost more than all work on
/// the line.
/// </remarks>
/// <param name="text">The lines, with a line feed before the first and after the last one.</param>
internal ref struct Lines(ReadOnlySpan<byte> text)
{
    private const int BlockLength = 64;

    private readonly ReadOnlySpan<byte> _text = text;

    // A bit for each line feed that is left in the block. The lowest bit stands for the first byte.
    private ulong _lineFeeds;
    private int _block = 1 - BlockLength;
    private int _start = 1;
    private int _end;

    /// <summary>The line, without its line feed.</summary>
    public readonly ReadOnlySpan<byte> Current => _text[_start.._end];

    /// <summary>Goes to the next line.</summary>
    /// <returns>False where there is none.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MoveNext()
    {
        while (_lineFeeds == 0)
        {
            _block += BlockLength;
            if (_block >= _text.Length)
                return false;
            _lineFeeds = LineFeedsOf(_text[_block..]);
        }

        _start = _end + 1;
        _end = _block + BitOperations.TrailingZeroCount(_lineFeeds);
        _lineFeeds &= _lineFeeds - 1;
        return true;
    }

    private static ulong LineFeedsOf(ReadOnlySpan<byte> rest)
    {
        if (rest.Length >= BlockLength)
        {
            ref byte start = ref MemoryMarshal.GetReference(rest);
            return LineFeedsAt(in start, 0)
                | (LineFeedsAt(in start, 16) << 16)
                | (LineFeedsAt(in start, 32) << 32)
                | (LineFeedsAt(in start, 48) << 48);
        }

        ulong found = 0;
        for (int i = 0; i < rest.Length; i++)
        {
            if (rest[i] == '\n')
                found |= 1UL << i;
        }

        return found;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong LineFeedsAt(ref readonly byte start, nuint at) =>
        Vector128.Equals(Vector128.LoadUnsafe(in start, at), Vector128.Create((byte)'\n')).ExtractMostSignificantBits();
}
