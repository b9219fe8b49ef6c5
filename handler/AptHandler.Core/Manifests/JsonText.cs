using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace AptHandler.Manifests;

/// <summary>The text of a JSON file, before it is parsed.</summary>
internal readonly ref struct JsonText
{
    private JsonText(ReadOnlySpan<byte> readable, bool isWhole)
    {
        Readable = readable;
        IsWhole = isWhole;
    }

    /// <summary>The text up to the first byte that cannot be read; empty where the first byte cannot be read.</summary>
    public ReadOnlySpan<byte> Readable { get; }

    /// <summary>Whether <see cref="Readable"/> is the whole file.</summary>
    public bool IsWhole { get; }

    /// <summary>Checks whether a file can be read as text, and reports why not.</summary>
    /// <param name="utf8">The whole file. A UTF-8 byte-order mark at its start is no fault, and no part of the text.</param>
    /// <param name="expected">What should be there, as the end of a sentence about an empty file.</param>
    /// <param name="problems">Gets the faults. Their offsets count from the end of the byte-order mark.</param>
    public static JsonText Of(ReadOnlySpan<byte> utf8, string expected, ProblemList problems)
    {
        ReadOnlySpan<byte> text = utf8.StartsWith(Encoding.UTF8.Preamble) ? utf8[Encoding.UTF8.Preamble.Length..] : utf8;
        if (IsUtf16(text))
        {
            problems.Error(ManifestProblemCodes.NotUtf8, JsonPath.Root, 0, "The file is UTF-16; save it as UTF-8.");
            return default;
        }

        if (text.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            problems.Error(ManifestProblemCodes.EmptyFile, JsonPath.Root, 0, $"The file is empty; {expected}.");
            return default;
        }

        if (Utf8.IsValid(text))
            return new JsonText(text, isWhole: true);

        // The text before the first bad byte is still read, because its problems matter, too.
        int length = ValidLength(text);
        problems.Error(
            ManifestProblemCodes.NotUtf8,
            JsonPath.Root,
            length,
            $"The byte 0x{text[length]:X2} is not UTF-8; save the file as UTF-8."
        );
        return new JsonText(text[..length], isWhole: false);
    }

    // JSON starts with an ASCII character. UTF-16 writes that with one zero byte before or behind it.
    private static bool IsUtf16(ReadOnlySpan<byte> text) =>
        text is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] or [0, not 0, ..] or [not 0, 0, ..];

    private static int ValidLength(ReadOnlySpan<byte> text)
    {
        int length = 0;
        while (Rune.DecodeFromUtf8(text[length..], out _, out int consumed) == OperationStatus.Done)
            length += consumed;
        return length;
    }
}
