namespace AptHandler.Debian;

/// <summary>Keeps the texts of many entries in few arrays instead of one array for each entry.</summary>
/// <param name="bound">How many bytes there can be at most.</param>
internal sealed class StanzaTexts(int bound)
{
    private const int ArrayLength = 16 * 1024;

    private byte[] _array = [];
    private int _end;

    /// <summary>Reserves space for a text.</summary>
    /// <param name="length">The length of the text in bytes.</param>
    /// <returns>The array, and where the text starts in it.</returns>
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
