using System.Text;

namespace AptHandler.Fuzzing.Engine;

/// <summary>A parser, and what must hold for it whatever it is given.</summary>
/// <param name="Name">Its name, which is also that of the folder with its seeds.</param>
/// <param name="Check">Gives the parser an input. Throws where something does not hold; it must not change the input.</param>
internal sealed record FuzzTarget(string Name, Action<byte[]> Check)
{
    /// <summary>Parts a text in one input: what stands between is the text of another file, or another argument.</summary>
    public const char Separator = '\u001e';

    /// <summary>Words that mean something to the parser; they are put into inputs.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>More folders with seeds, seen from the top of the checkout.</summary>
    public IReadOnlyList<string> SeedFolders { get; init; } = [];

    /// <summary>Makes an input pass a check that random changes never pass, such as a checksum; null where there is none.</summary>
    public Func<byte[], byte[]>? Repair { get; init; }

    /// <summary>The texts that an input holds.</summary>
    /// <param name="input">The input.</param>
    /// <param name="count">How many are wanted; those that are missing are empty, and what is too much belongs to the last one.</param>
    public static string[] Texts(byte[] input, int count)
    {
        string[] texts = Encoding.UTF8.GetString(input).Split(Separator, count);
        int there = texts.Length;
        Array.Resize(ref texts, count);
        Array.Fill(texts, "", there, count - there);
        return texts;
    }
}
