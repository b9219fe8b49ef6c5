namespace AptHandler.Debian;

/// <summary>Keeps the texts of many entries in few arrays instead of one array for each entry.</summary>
/// <param name="bound">How many bytes there can be at most.</param>
internal sealed class StanzaTexts(int bound)
{
    private const int ArrayLength = 16 * 1024;

    private byte[] _array = [];
    private int _end;

    /// <summary>Makes room for a text.</summary>
    /// <param name="length">The bytes of the text.</param>
    /// <returns>The array, and where in it the text belongs.</returns>
    public (byte[] Array, int Start) Add(int length)
    {
        if (_array.Length - _end < length)
        {
            _array = GC.AllocateUninitializedArray<byte>(Math.Max(length, Math.Min(bound, ArrayLength)));
            _end = 0;
        }

        int start = _end;
        _end += length;
        return (_array, start);
    }
}
