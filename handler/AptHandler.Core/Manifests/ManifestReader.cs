using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace AptHandler.Manifests;

/// <summary>Reads apt manifests. Never throws, whatever the bytes: every fault is a <see cref="ManifestProblem"/>.</summary>
public static class ManifestReader
{
    /// <summary>The largest manifest that is read, in bytes: 1 MiB, some ten thousand packages.</summary>
    public const int MaximumSize = 1024 * 1024;

    /// <summary>Reads a manifest and finds all that is wrong with it.</summary>
    /// <param name="utf8">The whole file. A UTF-8 byte-order mark at its start is no fault: the agent accepts one, too.</param>
    public static ManifestReading Read(ReadOnlySpan<byte> utf8)
    {
        var problems = new ProblemList();
        ReadOnlySpan<byte> text = utf8.StartsWith(Encoding.UTF8.Preamble) ? utf8[Encoding.UTF8.Preamble.Length..] : utf8;
        AptManifest? manifest = null;

        if (utf8.Length > MaximumSize)
            problems.Error(ManifestProblemCodes.TooLarge, JsonPath.Root, 0, string.Create(CultureInfo.InvariantCulture,
                $"The file has {utf8.Length} bytes, and a manifest may have {MaximumSize}; is this the right file?"));
        else if (IsUtf16(text))
            problems.Error(ManifestProblemCodes.NotUtf8, JsonPath.Root, 0, "The file is UTF-16; save it as UTF-8.");
        else if (text.IndexOfAnyExcept(" \t\r\n"u8) < 0)
            problems.Error(ManifestProblemCodes.EmptyFile, JsonPath.Root, 0,
                "The file is empty; a manifest is an object with the members \"name\", \"version\" and \"packages\".");
        else
            manifest = ReadText(text, problems);

        return new(problems.HasErrors ? null : manifest, problems.InDocumentOrder(text));
    }

    private static AptManifest? ReadText(ReadOnlySpan<byte> text, ProblemList problems)
    {
        // What precedes the first bad byte is read all the same: its problems are as real as this one.
        int validLength = Utf8.IsValid(text) ? text.Length : ValidLength(text);
        AptManifest? manifest = new ManifestParser(text[..validLength], validLength == text.Length, problems).Read();
        if (validLength < text.Length)
            problems.Error(ManifestProblemCodes.NotUtf8, JsonPath.Root, validLength, string.Create(CultureInfo.InvariantCulture,
                $"The byte 0x{text[validLength]:X2} is not UTF-8; save the file as UTF-8."));
        return manifest;
    }

    // JSON starts with an ASCII character, and UTF-16 writes that with one zero byte before or behind it.
    private static bool IsUtf16(ReadOnlySpan<byte> text) =>
        text is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] or [0, not 0, ..] or [not 0, 0, ..];

    private static int ValidLength(ReadOnlySpan<byte> text)
    {
        int length = 0;
        while (Rune.DecodeFromUtf8(text[length..], out _, out int consumed) == System.Buffers.OperationStatus.Done)
            length += consumed;
        return length;
    }
}
