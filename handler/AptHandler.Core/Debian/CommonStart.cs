using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AptHandler.Debian;

/// <summary>The part that two versions have in common before the first difference.</summary>
/// <remarks>
/// Versions are so short that each pass over them, and each call of a search, counts. So one pass answers all three questions, eight
/// characters at a time.
/// </remarks>
/// <param name="Length">How many characters are the same.</param>
/// <param name="Number">Where the digits directly before the difference start; <paramref name="Length"/> where there are none.</param>
/// <param name="HasHyphen">Whether a hyphen is among the characters.</param>
internal readonly record struct CommonStart(int Length, int Number, bool HasHyphen)
{
    /// <summary>Compares from the start.</summary>
    public static CommonStart Of(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        int shorter = Math.Min(a.Length, b.Length);
        return shorter < Vector128<ushort>.Count ? OfFew(a, b, shorter) : OfMany(a, b, shorter);
    }

    private static CommonStart OfFew(ReadOnlySpan<char> a, ReadOnlySpan<char> b, int shorter)
    {
        int number = 0;
        bool hasHyphen = false;
        int i = 0;
        while (i < shorter && a[i] == b[i])
        {
            char c = a[i++];
            if (char.IsAsciiDigit(c))
                continue;
            number = i;
            hasHyphen |= c == '-';
        }

        return new CommonStart(i, number, hasHyphen);
    }

    private static CommonStart OfMany(ReadOnlySpan<char> a, ReadOnlySpan<char> b, int shorter)
    {
        ref ushort startOfA = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(a));
        ref ushort startOfB = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(b));
        int number = 0;
        uint hyphens = 0;
        for (int i = 0; i < shorter; i += Vector128<ushort>.Count)
        {
            // The last eight may overlap the eight before. Looking at a character twice changes nothing.
            i = Math.Min(i, shorter - Vector128<ushort>.Count);
            Vector128<ushort> x = Vector128.LoadUnsafe(ref startOfA, (nuint)i);
            Vector128<ushort> y = Vector128.LoadUnsafe(ref startOfB, (nuint)i);
            Vector128<ushort> value = x - Vector128.Create((ushort)'0');

            // Only the characters before the difference count. Without a difference, all count.
            uint different = MaskOf(~Vector128.Equals(x, y));
            uint before = (different - 1) & ~different;
            uint nonDigits = MaskOf(Vector128.GreaterThan(value, Vector128.Create((ushort)9))) & before;
            hyphens |= MaskOf(Vector128.Equals(x, Vector128.Create((ushort)'-'))) & before;
            if (nonDigits != 0)
                number = i + ((BitOperations.Log2(nonDigits) + 1) / 2);
            if (different != 0)
                return new CommonStart(i + (BitOperations.TrailingZeroCount(different) / 2), number, hyphens != 0);
        }

        return new CommonStart(shorter, number, hyphens != 0);
    }

    // Two bits for each character: one instruction extracts the bits of bytes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint MaskOf(Vector128<ushort> truths) => truths.AsByte().ExtractMostSignificantBits();
}
