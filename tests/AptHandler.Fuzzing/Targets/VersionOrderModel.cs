using System.Globalization;
using System.Numerics;

namespace AptHandler.Fuzzing.Targets;

/// <summary>deb-version(7) word for word, slowly: the reference for the order of versions.</summary>
internal static class VersionOrderModel
{
    public static int Compare(string a, string b)
    {
        (BigInteger epochA, string upstreamA, string revisionA) = Split(a);
        (BigInteger epochB, string upstreamB, string revisionB) = Split(b);

        int epochs = epochA.CompareTo(epochB);
        if (epochs != 0)
            return epochs;

        int upstreams = CompareParts(upstreamA, upstreamB);
        return upstreams != 0 ? upstreams : CompareParts(revisionA, revisionB);
    }

    private static (BigInteger Epoch, string Upstream, string Revision) Split(string version)
    {
        BigInteger epoch = 0;
        int colon = version.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && version[..colon].All(char.IsAsciiDigit))
        {
            epoch = Number(version[..colon]);
            version = version[(colon + 1)..];
        }

        int hyphen = version.LastIndexOf('-');
        return hyphen < 0 ? (epoch, version, "0") : (epoch, version[..hyphen], version[(hyphen + 1)..]);
    }

    private static int CompareParts(string a, string b)
    {
        while (a.Length > 0 || b.Length > 0)
        {
            string textA = string.Concat(a.TakeWhile(c => !char.IsAsciiDigit(c)));
            string textB = string.Concat(b.TakeWhile(c => !char.IsAsciiDigit(c)));
            int texts = CompareTexts(textA, textB);
            if (texts != 0)
                return texts;

            a = a[textA.Length..];
            b = b[textB.Length..];
            string numberA = string.Concat(a.TakeWhile(char.IsAsciiDigit));
            string numberB = string.Concat(b.TakeWhile(char.IsAsciiDigit));
            int numbers = Number(numberA).CompareTo(Number(numberB));
            if (numbers != 0)
                return numbers;

            a = a[numberA.Length..];
            b = b[numberB.Length..];
        }

        return 0;
    }

    private static int CompareTexts(string a, string b)
    {
        for (int i = 0; i < Math.Max(a.Length, b.Length); i++)
        {
            (int Class, char Character) weightA = Weight(a, i);
            (int Class, char Character) weightB = Weight(b, i);
            int order = weightA.CompareTo(weightB);
            if (order != 0)
                return order;
        }

        return 0;
    }

    // A tilde, then the end of the part, then letters, then everything else.
    private static (int Class, char Character) Weight(string text, int at)
    {
        if (at >= text.Length)
            return (1, '\0');
        if (text[at] == '~')
            return (0, '~');
        return (char.IsAsciiLetter(text[at]) ? 2 : 3, text[at]);
    }

    private static BigInteger Number(string digits) =>
        digits.Length == 0 ? 0 : BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
}
