using System.Text;
using AptHandler.Files;

namespace AptHandler.Processes;

/// <summary>Reads the lines that a running child adds to a file, from the parent's side, whenever there is time to look.</summary>
internal sealed class GrowingText(Descriptor file)
{
    private const int LongestLine = 64 * 1024;

    // Whoever looks has other things to do besides: the rest is read the next time.
    private const long MostAtOnce = 1 << 20;

    private readonly byte[] _chunk = new byte[16 * 1024];
    private readonly List<byte> _rest = [];
    private long _offset;

    /// <summary>Passes on each complete line that was added since the last time, of a file that grows fast a part of them.</summary>
    public void ReadLines(Action<string> onLine)
    {
        long end = _offset + MostAtOnce;
        for (int count; _offset < end && (count = file.ReadAt(_chunk, _offset)) > 0;)
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

    // A line without an end must not fill the memory: what is too much of it is dropped.
    private void Keep(ReadOnlySpan<byte> part) => _rest.AddRange(part[..Math.Min(part.Length, LongestLine - _rest.Count)]);
}
