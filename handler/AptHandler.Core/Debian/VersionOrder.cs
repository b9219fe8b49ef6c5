using System.Runtime.CompilerServices;

namespace AptHandler.Debian;

/// <summary>Debian's order of versions: Debian Policy 5.6.12 and deb-version(7).</summary>
/// <remarks>
/// Versions that are compared are mostly versions of one package, and differ in a few characters. So the comparison skips the common start,
/// and walks only from there. It cannot always decide at the first difference, for two reasons. The digits before the difference may belong
/// to the same number. And the last hyphen, which separates upstream version and revision, may be in another place in each version.
/// </remarks>
internal static class VersionOrder
{
    /// <summary>Compares two texts, which may be any texts.</summary>
    public static int Compare(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        CommonStart same = CommonStart.Of(a, b);
        if (same.Length == a.Length && same.Length == b.Length)
            return 0;

        // An epoch is a number before a colon. After a common non-digit, both have the same epoch, or none.
        if (same.Number == 0 && !(Epoch(a).IsEmpty && Epoch(b).IsEmpty))
        {
            int epochs = Walk(Epoch(a), Epoch(b));
            return epochs != 0 ? epochs : CompareParts(WithoutEpoch(a), WithoutEpoch(b));
        }

        if (same.HasHyphen)
        {
            // Both have the same last hyphen. So the upstream versions are equal, and one walk to the end is left.
            if (!HasHyphen(a, same.Length) && !HasHyphen(b, same.Length))
                return Walk(a[same.Number..], b[same.Number..]);
        }
        else if (IsDigit(a, same.Number) && IsDigit(b, same.Number))
        {
            // The upstream versions differ, mostly in this number. Then their ends do not matter.
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

    // A plain loop: mostly a few characters follow the difference, and calling a search costs more.
    private static bool HasHyphen(ReadOnlySpan<char> text, int start)
    {
        for (int i = start; (uint)i < (uint)text.Length; i++)
        {
            if (text[i] == '-')
                return true;
        }

        return false;
    }

    // Non-digits and digits alternate, as deb-version(7) defines. Where one side is at its end or at a digit and the other is not, the
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

    // Compares numbers by value, without a limit. More digits make a larger number; else the first different digit decides. No digits count
    // as zero. Moves both positions behind the numbers where these are equal.
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

    // The order: '~', then the end, then letters, then everything else. A digit ends the run of non-digits, so it counts as the end.
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
            // A zero at the end of a part counts as the end itself: 1. and 1.0 are equal.
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
