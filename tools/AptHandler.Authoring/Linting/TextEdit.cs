namespace AptHandler.Authoring.Linting;

/// <summary>A change of a text that fixes a finding.</summary>
/// <param name="Start">The offset of the first byte to remove.</param>
/// <param name="End">The offset after the last byte to remove; equal to <paramref name="Start"/> if nothing is removed.</param>
/// <param name="Replacement">The text to insert.</param>
public sealed record TextEdit(int Start, int End, string Replacement)
{
    /// <summary>Makes changes.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="edits">The changes, in the order of the text. No change may touch what another one removes.</param>
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
