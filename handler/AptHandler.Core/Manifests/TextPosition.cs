using System.Runtime.InteropServices;
using System.Text;

namespace AptHandler.Manifests;

/// <summary>A place in a text as people count it: line and column from 1, the column in UTF-16 code units.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TextPosition(int Line, int Column);

/// <summary>
/// Turns byte offsets of a UTF-8 text into lines and columns. It only moves forwards. So all positions of a file together cost one pass
/// over it, even where the file is one single line.
/// </summary>
internal ref struct PositionCursor(ReadOnlySpan<byte> text)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private int _offset;
    private int _line = 1;
    private int _column = 1;

    /// <summary>The position of a byte that starts a character. It must not be before the byte of the last call.</summary>
    public TextPosition MoveTo(int offset)
    {
        ReadOnlySpan<byte> way = _text[_offset..offset];
        int lastLineFeed = way.LastIndexOf((byte)'\n');
        if (lastLineFeed >= 0)
        {
            _line += way.Count((byte)'\n');
            _column = 1;
            way = way[(lastLineFeed + 1)..];
        }

        _column += Encoding.UTF8.GetCharCount(way);
        _offset = offset;
        return new TextPosition(_line, _column);
    }
}
