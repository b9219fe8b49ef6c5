using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AptHandler.Debian;

/// <summary>Finds the empty line behind a stanza, and zero bytes before it.</summary>
/// <remarks>
/// This search reads every byte of the status file, so it decides how long reading takes. One pass finds both. Two searches of the
/// framework, for the line and for zero bytes, take about twice as long.
/// </remarks>
internal static class StanzaEnd
{
    private const byte LineFeed = (byte)'\n';
    private const int Unrolled = 4;

    /// <summary>
    /// The position of the first line feed that another one follows, or of the first zero byte, whichever comes first; -1 where there is
    /// neither.
    /// </summary>
    public static int IndexIn(ReadOnlySpan<byte> bytes)
    {
        ref byte start = ref MemoryMarshal.GetReference(bytes);
        int i = 0;

        // Each step looks at one byte behind its end.
        const int Step = Unrolled * 16;
        for (; i <= bytes.Length - Step - 1; i += Step)
        {
            Vector128<byte> marks = Vector128.Min(
                Vector128.Min(ZeroWhereFound(in start, i), ZeroWhereFound(in start, i + 16)),
                Vector128.Min(ZeroWhereFound(in start, i + 32), ZeroWhereFound(in start, i + 48))
            );
            if (Vector128.EqualsAny(marks, Vector128<byte>.Zero))
                break;
        }

        for (; i <= bytes.Length - 17; i += 16)
        {
            uint found = Vector128.Equals(ZeroWhereFound(in start, i), Vector128<byte>.Zero).ExtractMostSignificantBits();
            if (found != 0)
                return i + BitOperations.TrailingZeroCount(found);
        }

        for (; i < bytes.Length; i++)
        {
            if (bytes[i] == 0 || (bytes[i] == LineFeed && i + 1 < bytes.Length && bytes[i + 1] == LineFeed))
                return i;
        }

        return -1;
    }

    // The minimum of two values: the byte itself, and the bits in which it and the next byte differ from line feeds. It is zero only where
    // something is found.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> ZeroWhereFound(ref readonly byte start, int at)
    {
        Vector128<byte> here = Vector128.LoadUnsafe(in start, (nuint)at);
        Vector128<byte> next = Vector128.LoadUnsafe(in start, (nuint)at + 1);
        Vector128<byte> lineFeeds = Vector128.Create(LineFeed);
        return Vector128.Min(here, (here ^ lineFeeds) | (next ^ lineFeeds));
    }
}
