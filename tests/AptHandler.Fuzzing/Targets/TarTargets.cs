using System.Text;
using AptHandler.Apt;
using AptHandler.Fuzzing.Engine;

namespace AptHandler.Fuzzing.Targets;

/// <summary>Tar streams, as dpkg-deb writes them.</summary>
internal static class TarTargets
{
    private const int BlockLength = 512;
    private const int ChecksumStart = 148;
    private const int ChecksumLength = 8;

    /// <summary>No entry has more than the stream.</summary>
    public static void Tar(byte[] input)
    {
        using var stream = new MemoryStream(input);
        var tar = new TarReader(stream);
        try
        {
            for (int count = 0; tar.Next(); count++)
            {
                Expect.That(count <= input.Length / BlockLength, "there are not more entries than blocks");
                Expect.That(tar.Name.Length + tar.Target.Length <= input.Length && tar.Length >= 0, "a name is not longer than the stream");
                Expect.That(tar.Kind == ShippedKind.File || tar.Length == 0, "only a file has content");
                Expect.That(tar.Target.Length == 0 || tar.Kind is ShippedKind.Link or ShippedKind.HardLink, "only a link leads somewhere");
                Expect.That(tar.Mode <= 0xFFF, "a mode has twelve bits");

                // Every second content is read, and the rest passed over.
                if (count % 2 == 0)
                    Expect.That(tar.Content(input.Length).Length == tar.Length, "a content has the length that was told");
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            // It is refused.
        }
    }

    /// <summary>The same stream with the right sum in each block that looks like a header.</summary>
    public static byte[] WithChecksums(byte[] input)
    {
        byte[] repaired = [.. input];
        for (int at = 0; at + BlockLength <= repaired.Length; at += BlockLength)
        {
            Span<byte> block = repaired.AsSpan(at, BlockLength);
            bool hasKind = block[156] == 0 || "01234567LKxg"u8.Contains(block[156]);
            if (block[0] == 0 || !hasKind)
                continue;
            block.Slice(ChecksumStart, ChecksumLength).Fill((byte)' ');
            int sum = 0;
            foreach (byte each in block)
                sum += each;
            Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ", block.Slice(ChecksumStart, ChecksumLength));
        }

        return repaired;
    }
}
