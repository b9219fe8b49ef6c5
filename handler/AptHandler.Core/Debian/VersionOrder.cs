using System.Runtime.CompilerServices;

namespace AptHandler.Debian;

/// <summary>Debian's order of versions: Debian Policy 5.6.12 and deb-version(7).</summary>
/// <remarks>
/// Versions that are compared with each other are mostly versions of one package, and alike up to a few characters. So the comparison jumps
/// over what both have in common and walks only from there. Two things keep it from deciding right at the first difference: the digits
/// before it may belong to the same number, and the last hyphen, which parts upstream version and revision, may lie somewhere else in each
/// of the two.
/// </remarks>
internal static class VersionOrder
{
    /// <summary>Compares two versions, of which nothing is assumed.</summary>
    public static int Compare(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        CommonStart same = CommonStart.Of(a, b);
        if (same.Length == a.Length && same.Length == b.Length)
            return 0;

        // An epoch is a number before a colon. Once both have begun with the same non-digit they have the same epoch, or none.
        if (same.Number == 0 && !(Epoch(a).IsEmpty && Epoch(b).IsEmpty))
        {
            int epochs = Walk(Epoch(a), Epoch(b));
            return epochs != 0 ? epochs : CompareParts(WithoutEpoch(a), WithoutEpoch(b));
        }

        if (same.HasHyphen)
        {
            // The last hyphen is the same one: the upstream versions are equal, and what is left is one walk to the end.
            if (!HasHyphen(a, same.Length) && !HasHyphen(b, same.Length))
                return Walk(a[same.Number..], b[same.Number..]);
        }
        else if (IsDigit(a, same.Number) && IsDigit(b, same.Number))
        {
            // The upstream versions differ, mostly in this number, and then it does not matter where they end.
            int i = same.Number;
            int j = same.Number;
            int order = CompareNumbers(a, ref i, b, ref j);
            if (order != 0)
                return order;
        }

        return CompareParts(a, b);
    }

    /// <summary>A hash code that is equal for versions that compare as equal.</summary>
    public static int GetHashCode(ReadOnlySpan<char> version)
    {
        var hash = new HashCode();
        AddNumber(ref hash, Epoch(version));
        version = WithoutEpoch(version);

        int hyphen = version.LastIndexOf('-');
        AddPart(ref hash, hyphen < 0 ? version : version[..hyphen]);
        AddPart(ref hash, Revision(version, hyphen));
        return hash.ToHashCode();
    }

    private static int CompareParts(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        int hyphenA = a.LastIndexOf('-');
        int hyphenB = b.LastIndexOf('-');
        int endA = hyphenA < 0 ? a.Length : hyphenA;
        int endB = hyphenB < 0 ? b.Length : hyphenB;
        int upstream = Walk(a[..endA], b[..endB]);
        return upstream != 0 ? upstream : Walk(Revision(a, hyphenA), Revision(b, hyphenB));
    }

    // A plain loop: what follows the difference is mostly a few characters, and the call of a search costs more.
    private static bool HasHyphen(ReadOnlySpan<char> text, int start)
    {
        for (int i = start; (uint)i < (uint)text.Length; i++)
        {
            if (text[i] == '-')
                return true;
        }

        return false;
    }

    // Non-digits and digits take turns, as deb-version(7) has it. Where one side is at its end or at a digit and the other is not, the
    // weights decide.
    private static int Walk(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        int i = 0;
        int j = 0;
        while (i < a.Length || j < b.Length)
        {
            while (IsNonDigit(a, i) || IsNonDigit(b, j))
            {
                int difference = WeightAt(a, i) - WeightAt(b, j);
                if (difference != 0)
                    return difference;
                i++;
                j++;
            }

            int order = CompareNumbers(a, ref i, b, ref j);
            if (order != 0)
                return order;
        }

        return 0;
    }

    // Numbers by value, and without a bound: more digits are more, then the first different digit decides. No digits at all are zero.
    // Moves both positions behind the numbers where these are equal.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int CompareNumbers(ReadOnlySpan<char> a, ref int i, ReadOnlySpan<char> b, ref int j)
    {
        while ((uint)i < (uint)a.Length && a[i] == '0')
            i++;
        while ((uint)j < (uint)b.Length && b[j] == '0')
            j++;

        int first = 0;
        while (IsDigit(a, i) && IsDigit(b, j))
        {
            if (first == 0)
                first = a[i] - b[j];
            i++;
            j++;
        }

        if (IsDigit(a, i))
            return 1;
        if (IsDigit(b, j))
            return -1;
        return first;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsDigit(ReadOnlySpan<char> text, int at) => (uint)at < (uint)text.Length && char.IsAsciiDigit(text[at]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsNonDigit(ReadOnlySpan<char> text, int at) => (uint)at < (uint)text.Length && !char.IsAsciiDigit(text[at]);

    // '~' before the end, the end (and a digit, which ends the run just so) before letters, letters before everything else.
    private static int WeightAt(ReadOnlySpan<char> text, int at)
    {
        if ((uint)at >= (uint)text.Length)
            return 0;

        char c = text[at];
        if (char.IsAsciiLetter(c))
            return c;
        if (char.IsAsciiDigit(c))
            return 0;
        return c == '~' ? -1 : c + 256;
    }

    private static int DigitsAt(ReadOnlySpan<char> text, int start)
    {
        int end = start;
        while ((uint)end < (uint)text.Length && char.IsAsciiDigit(text[end]))
            end++;
        return end - start;
    }

    private static ReadOnlySpan<char> Epoch(ReadOnlySpan<char> version)
    {
        int digits = DigitsAt(version, 0);
        return digits < version.Length && version[digits] == ':' ? version[..digits] : default;
    }

    private static ReadOnlySpan<char> WithoutEpoch(ReadOnlySpan<char> version)
    {
        int epoch = Epoch(version).Length;
        return epoch == 0 ? version : version[(epoch + 1)..];
    }

    private static ReadOnlySpan<char> Revision(ReadOnlySpan<char> version, int hyphen) => hyphen < 0 ? default : version[(hyphen + 1)..];

    private static void AddPart(ref HashCode hash, ReadOnlySpan<char> part)
    {
        int i = 0;
        while (i < part.Length)
        {
            int digits = DigitsAt(part, i);
            ReadOnlySpan<char> number = part.Slice(i, digits).TrimStart('0');
            i += Math.Max(digits, 1);
            // A zero at the end of a part is worth as much as the end itself: 1. and 1.0 are equal.
            if (digits == 0)
                hash.Add(part[i - 1]);
            else if (i < part.Length || !number.IsEmpty)
                AddNumber(ref hash, number);
        }

        hash.Add(-1);
    }

    private static void AddNumber(ref HashCode hash, ReadOnlySpan<char> digits)
    {
        foreach (char digit in digits.TrimStart('0'))
            hash.Add(digit);
        hash.Add(0);
    }
}
