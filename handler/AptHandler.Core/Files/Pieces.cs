using System.Runtime.InteropServices;
using System.Text;

namespace AptHandler.Files;

/// <summary>
/// Splits texts and files into pieces, one after the other. All pieces at once can take several times the memory of the text.
/// </summary>
internal static class Pieces
{
    private const int ReadAtOnce = 64 * 1024;
    private const int LongestPiece = 4 << 20;

    /// <summary>The lines of a text.</summary>
    public static IEnumerable<string> LinesOf(string text)
    {
        for (int start = 0, end; start <= text.Length; start = end + 1)
        {
            end = text.IndexOf('\n', start);
            end = end < 0 ? text.Length : end;
            yield return text[start..end];
        }
    }

    /// <summary>The pieces of an open file, read from its start.</summary>
    /// <param name="file">The file.</param>
    /// <param name="end">The byte that ends a piece.</param>
    /// <returns>The pieces as text. A piece that is longer than 4 MiB is cut there.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IEnumerable<string> Of(Descriptor file, byte end)
    {
        var piece = new List<byte>();
        var buffer = new byte[ReadAtOnce];
        long offset = 0;
        for (int count; (count = file.ReadAt(buffer, offset)) > 0; offset += count)
        {
            for (int start = 0; start < count; )
            {
                int found = buffer.AsSpan(start, count - start).IndexOf(end);
                int length = found < 0 ? count - start : found;
                piece.AddRange(buffer.AsSpan(start, Math.Min(length, LongestPiece - piece.Count)));
                start += length + 1;
                if (found < 0)
                    continue;
                yield return Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(piece));
                piece.Clear();
            }
        }

        if (piece.Count > 0)
            yield return Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(piece));
    }
}
