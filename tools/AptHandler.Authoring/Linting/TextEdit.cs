namespace AptHandler.Authoring.Linting;

/// <summary>A change of a text that mends a finding.</summary>
/// <param name="Start">The offset of the first byte that goes.</param>
/// <param name="End">The offset behind the last one; that of <paramref name="Start"/> where nothing goes.</param>
/// <param name="Replacement">What comes in its place.</param>
public sealed record TextEdit(int Start, int End, string Replacement)
{
    /// <summary>Makes changes.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="edits">The changes, in the order of the text, none of which touches what another one takes away.</param>
    /// <returns>The new text.</returns>
    public static byte[] Apply(ReadOnlySpan<byte> utf8, IEnumerable<TextEdit> edits)
    {
        var text = new MemoryStream();
        int at = 0;
        foreach (TextEdit edit in edits)
        {
            text.Write(utf8[at..edit.Start]);
            text.Write(System.Text.Encoding.UTF8.GetBytes(edit.Replacement));
            at = edit.End;
        }

        text.Write(utf8[at..]);
        return text.ToArray();
    }
}
