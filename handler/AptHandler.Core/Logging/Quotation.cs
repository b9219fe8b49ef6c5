using System.Globalization;
using System.Text;

namespace AptHandler.Logging;

/// <summary>
/// Quotes text of unknown origin for a message: in quotation marks, bounded, and without anything that moves a terminal's cursor.
/// </summary>
internal static class Quotation
{
    /// <summary>The longest quotation, in UTF-16 code units, without its quotation marks.</summary>
    public const int MaximumLength = 60;

    private const char Ellipsis = '…';

    /// <summary>The text in quotation marks, cut to <see cref="MaximumLength"/>.</summary>
    public static string Of(ReadOnlySpan<char> text)
    {
        var shown = new StringBuilder();
        int lengthThatLeavesRoom = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (shown.Length < MaximumLength)
                lengthThatLeavesRoom = shown.Length;
            shown.Append(IsPlain(rune) ? rune.ToString() : Escape(rune));
            if (shown.Length <= MaximumLength)
                continue;
            shown.Length = lengthThatLeavesRoom;
            shown.Append(Ellipsis);
            break;
        }

        return $"\"{shown}\"";
    }

    /// <summary>
    /// The UTF-8 text in quotation marks, cut to <see cref="MaximumLength"/>. Bytes that are not UTF-8 are shown as U+FFFD.
    /// </summary>
    public static string Of(ReadOnlySpan<byte> utf8)
    {
        // No character takes more than four bytes. Bytes beyond this bound could not be shown anyway.
        ReadOnlySpan<byte> head = utf8[..Math.Min(utf8.Length, 4 * (MaximumLength + 1))];
        return Of(Encoding.UTF8.GetString(head));
    }

    // A character without a defined shape could be taken for any other one.
    private static bool IsPlain(Rune rune) =>
        !ForeignText.IsTreacherous(rune)
        && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);

    private static string Escape(Rune rune) => rune.IsBmp ? $"\\u{rune.Value:x4}" : $"\\U{rune.Value:x8}";
}
