using System.Text;
using AptHandler.Files;

namespace AptHandler.Processes;

/// <summary>Reads the lines that a running child adds to a file. The parent calls it from time to time.</summary>
internal sealed class GrowingText(Descriptor file)
{
    private const int LongestLine = 64 * 1024;

    private readonly byte[] _chunk = new byte[16 * 1024];
    private readonly List<byte> _rest = [];
    private long _offset;

    /// <summary>Passes on each complete line that was added since the last call.</summary>
    /// <param name="onLine">Gets the line.</param>
    /// <param name="most">About how many bytes are read at most: an untrusted child can write faster than the parent can read.</param>
    public void ReadLines(Action<string> onLine, long most = long.MaxValue)
    {
        long start = _offset;
        for (int count; _offset - start < most && (count = file.ReadAt(_chunk, _offset)) > 0; )
        {
            _offset += count;
            ReadOnlySpan<byte> added = _chunk.AsSpan(0, count);
            for (int length; (length = added.IndexOf((byte)'\n')) >= 0; added = added[(length + 1)..])
            {
                Keep(added[..length]);
                onLine(Encoding.UTF8.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_rest)));
                _rest.Clear();
            }

            Keep(added);
        }
    }

    // A line without an end must not fill the memory: it is cut at the largest length.
    private void Keep(ReadOnlySpan<byte> part) => _rest.AddRange(part[..Math.Min(part.Length, LongestLine - _rest.Count)]);
}
