using System.Globalization;
using System.Text;

namespace AptHandler.Fuzzing.Engine;

/// <summary>Makes new inputs of known ones. The same seed makes the same inputs.</summary>
/// <param name="random">What decides.</param>
/// <param name="words">What may be put into an input.</param>
internal sealed class Mutator(Random random, IReadOnlyList<string> words)
{
    /// <summary>The longest input, in bytes.</summary>
    public const int Longest = 64 * 1024;

    // Numbers around which programs change their mind.
    private static readonly string[] Numbers =
    [
        "0",
        "1",
        "-1",
        "00",
        "0.5",
        "1.",
        "1e999",
        "8",
        "63",
        "64",
        "65",
        "100",
        "101",
        "255",
        "256",
        "65535",
        "65536",
        "2147483647",
        "2147483648",
        "4294967295",
        "4294967296",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "253402300800",
    ];

    // A byte that begins no character, halves of characters, a zero byte, and characters that parsers and terminals stumble over.
    private static readonly byte[][] Strange =
    [
        [0xff],
        [0x80],
        [0xc3],
        [0xe2, 0x80],
        [0xf0, 0x9f],
        [0xed, 0xa0, 0x80],
        [0xc0, 0x80],
        [0xef, 0xbb, 0xbf],
        [0xff, 0xfe],
        [0],
        [.. "\u202e"u8],
        [.. "\u2028"u8],
        [.. "\u0085"u8],
        [.. "\u00a0"u8],
        [.. "😀"u8],
        [.. "\U000e0041"u8],
        [.. "ß"u8],
        [.. "İ"u8],
        [0x1b, (byte)'['],
        [0x7f],
    ];

    private static readonly byte[] Signs = [.. "{}[]()<>\"'\\/:;,.=-+~_|*?#%$@! \t\r\n0a"u8];

    private readonly byte[][] _words = [.. words.Select(Encoding.UTF8.GetBytes)];

    /// <summary>Changes an input in a few places, and mostly in one.</summary>
    /// <param name="input">The input, which stays as it is.</param>
    /// <param name="other">Another one, to take parts of.</param>
    public byte[] Mutate(byte[] input, byte[] other)
    {
        byte[] mutated = input;
        do mutated = Change(mutated, other);
        while (random.Next(2) == 0);
        return mutated.Length <= Longest ? mutated : mutated[..Longest];
    }

    private byte[] Change(byte[] input, byte[] other)
    {
        int at = random.Next(input.Length + 1);
        int rest = input.Length - at;
        switch (random.Next(14))
        {
            case 0 when rest > 0:
                return Replace(input, at, 1, [(byte)(input[at] ^ (1 << random.Next(8)))]);
            case 1 when rest > 0:
                return Replace(input, at, 1, [(byte)random.Next(256)]);
            case 2 when rest > 0:
                return Replace(input, at, 1, [Signs[random.Next(Signs.Length)]]);
            case 3:
                return Replace(input, at, 0, [Signs[random.Next(Signs.Length)]]);
            case 4:
                return Replace(input, at, Length(rest), []);
            case 5:
                // The same once more, next to it or elsewhere.
                ReadOnlySpan<byte> copied = input.AsSpan(at, Length(rest));
                return Replace(input, random.Next(input.Length + 1), 0, copied);
            case 6 or 7 when _words.Length > 0:
                return Replace(input, at, 0, _words[random.Next(_words.Length)]);
            case 8 when _words.Length > 0:
                return Replace(input, at, Length(rest), _words[random.Next(_words.Length)]);
            case 9:
                int from = random.Next(other.Length + 1);
                return Replace(input, at, random.Next(2) == 0 ? rest : Length(rest), other.AsSpan(from, Length(other.Length - from)));
            case 10:
                return WithNumber(input, at);
            case 11:
                return Replace(input, at, 0, Strange[random.Next(Strange.Length)]);
            case 12:
                return WithoutOrTwiceALine(input, at);
            case 13 when random.Next(8) == 0:
                return Repeat(input, at, Math.Min(rest, 1 + random.Next(8)));
            default:
                return Replace(input, at, 0, [(byte)random.Next(' ', 127)]);
        }
    }

    // Mostly short, at times all that there is.
    private int Length(int most) => random.Next(10) == 0 ? random.Next(most + 1) : Math.Min(most, 1 + random.Next(8));

    private byte[] WithNumber(byte[] input, int at)
    {
        int start = input.AsSpan(at).IndexOfAnyInRange((byte)'0', (byte)'9');
        start = start < 0 ? at : at + start;
        int length = input.AsSpan(start).IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        length = length < 0 ? input.Length - start : length;
        string number =
            random.Next(4) == 0 ? random.NextInt64().ToString(CultureInfo.InvariantCulture) : Numbers[random.Next(Numbers.Length)];
        return Replace(input, start, length, Encoding.ASCII.GetBytes(number));
    }

    private byte[] WithoutOrTwiceALine(byte[] input, int at)
    {
        int start = input.AsSpan(0, at).LastIndexOf((byte)'\n') + 1;
        int end = input.AsSpan(at).IndexOf((byte)'\n');
        end = end < 0 ? input.Length : at + end + 1;
        return random.Next(2) == 0 ? Replace(input, start, end - start, []) : Replace(input, end, 0, input.AsSpan(start, end - start));
    }

    private byte[] Repeat(byte[] input, int at, int length)
    {
        if (length == 0)
            return input;
        int times = Math.Clamp((Longest - input.Length) / length, 1, 1 << random.Next(17));
        byte[] repeated = new byte[times * length];
        for (int i = 0; i < repeated.Length; i++)
            repeated[i] = input[at + (i % length)];
        return Replace(input, at, 0, repeated);
    }

    private static byte[] Replace(byte[] input, int at, int length, ReadOnlySpan<byte> replacement) =>
        [.. input.AsSpan(0, at), .. replacement, .. input.AsSpan(at + length)];
}
