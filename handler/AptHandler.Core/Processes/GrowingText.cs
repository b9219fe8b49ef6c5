using System.Text;
using AptHandler.Files;

namespace AptHandler.Processes;

/// <summary>Reads the lines that a running child adds to a file, from the parent's side, whenever there is time to look.</summary>
internal sealed class GrowingText(Descriptor file)
{
    private const int LongestLine = 64 * 1024;

    private readonly byte[] _chunk = new byte[16 * 1024];
    private readonly List<byte> _rest = [];
    private long _offset;

    /// <summary>Passes on each complete line that was added since the last time.</summary>
    /// <param name="onLine">Gets the line.</param>
    /// <param name="most">How many bytes are read at most, about: a child that is not trusted can add more than anybody can read.</param>
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

    // A line without an end must not fill the memory: what is too much of it is dropped.
    private void Keep(ReadOnlySpan<byte> part) => _rest.AddRange(part[..Math.Min(part.Length, LongestLine - _rest.Count)]);
}
