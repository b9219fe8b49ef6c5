using System.Text.Json;
using AptHandler.Logging;

namespace AptHandler.Manifests;

/// <summary>
/// Explains why the JSON reader stopped, for a person who wants to fix the file. The reader's own exception is written for programmers, and
/// loses its text in a trimmed program. The last good token is known for certain. The search for the fault starts there.
/// </summary>
internal readonly record struct SyntaxFault(string Code, int Offset, string Message)
{
    private const string OnlyOneValue = "the file is one object, and nothing may follow its last brace; remove the rest";

    /// <summary>Explains a fault.</summary>
    /// <param name="text">The file.</param>
    /// <param name="end">The offset behind the last good token.</param>
    /// <param name="last">That token.</param>
    /// <param name="depth">How many objects and arrays are open behind it.</param>
    /// <param name="maximumDepth">How many may be open.</param>
    public static SyntaxFault Explain(ReadOnlySpan<byte> text, int end, JsonTokenType last, int depth, int maximumDepth)
    {
        int start = SkipBlanks(text, end);
        if (start < text.Length && text[start] == '/')
            return Invalid(start, "JSON has no comments; remove the comment");

        if (last == JsonTokenType.None && OtherFile.IsYaml(text[start..]))
            return Invalid(
                start,
                "it begins like YAML, or like a list of lines such as \"name: value\"; write it as JSON, which begins with {"
            );

        bool isAfterValue =
            last is not (JsonTokenType.None or JsonTokenType.StartObject or JsonTokenType.StartArray or JsonTokenType.PropertyName);
        if (isAfterValue && depth == 0)
            return Invalid(start, OnlyOneValue);

        int comma = -1;
        if (isAfterValue && start < text.Length && text[start] == ',')
        {
            comma = start;
            start = SkipBlanks(text, start + 1);
        }

        if (start == text.Length)
            return EndsTooEarly(text.Length);

        byte first = text[start];
        if (first == '/')
            return Invalid(start, "JSON has no comments; remove the comment");
        if (comma >= 0 && first is (byte)'}' or (byte)']')
            return Invalid(comma, $"no comma may stand before \"{(char)first}\"; remove the comma");
        if (isAfterValue && comma < 0)
            return first is (byte)'}' or (byte)']'
                ? WrongBracket(start, first)
                : Invalid(start, $"a comma is missing before {Word(text, start)}");
        if (first is (byte)'{' or (byte)'[' && depth >= maximumDepth)
            return new(
                ManifestProblemCodes.NestedTooDeeply,
                start,
                $"Objects and arrays are nested more than {maximumDepth} deep; no file of this kind needs that."
            );

        return first switch
        {
            (byte)'"' => ExplainString(text, start),
            (byte)'-' or (>= (byte)'0' and <= (byte)'9') => ExplainNumber(text, start),
            (byte)',' => Invalid(start, "a comma stands where nothing precedes it; remove the comma"),
            (byte)'}' or (byte)']' when last == JsonTokenType.PropertyName => Invalid(
                start,
                "the member before it has no value; write one after the colon"
            ),
            (byte)'}' or (byte)']' => WrongBracket(start, first),
            _ => ExplainWord(text, start),
        };
    }

    private static SyntaxFault Invalid(int offset, string message) =>
        new(ManifestProblemCodes.InvalidJson, offset, $"This is not JSON: {message}.");

    private static SyntaxFault WrongBracket(int offset, byte bracket) =>
        Invalid(offset, $"\"{(char)bracket}\" closes what was opened by another kind of bracket");

    private static SyntaxFault EndsTooEarly(int offset) =>
        Invalid(offset, "the file ends before its last bracket is closed; it seems to be cut off");

    private static SyntaxFault ExplainString(ReadOnlySpan<byte> text, int start)
    {
        for (int i = start + 1; i < text.Length; i++)
        {
            switch (text[i])
            {
                case (byte)'"':
                    return SkipBlanks(text, i + 1) == text.Length
                        ? EndsTooEarly(text.Length)
                        : Invalid(SkipBlanks(text, i + 1), $"a colon is missing after the member name {Word(text, start)}");
                case (byte)'\\':
                    int length = EscapeLength(text[(i + 1)..]);
                    if (length == 0)
                        return Invalid(i, "a backslash starts no escape sequence here; a backslash itself is written twice");
                    i += length;
                    break;
                case (byte)'\n' or (byte)'\r':
                    return Invalid(start, "the string is not closed in its line; write a quotation mark after it");
                case < 0x20:
                    return Invalid(i, $"a string holds the control character {Quotation.Of(text.Slice(i, 1))}; remove it");
            }
        }

        return Invalid(start, "the string is not closed before the file ends; it seems to be cut off");
    }

    private static int EscapeLength(ReadOnlySpan<byte> escape)
    {
        if (escape.IsEmpty || !"\"\\/bfnrtu"u8.Contains(escape[0]))
            return 0;
        if (escape[0] != 'u')
            return 1;
        return escape.Length >= 5 && escape[1..5].IndexOfAnyExcept(HexDigits) < 0 ? 5 : 0;
    }

    private static SyntaxFault ExplainNumber(ReadOnlySpan<byte> text, int start)
    {
        int end = EndOfWord(text, start);
        return end == text.Length
            ? EndsTooEarly(end)
            : Invalid(start, $"{Quotation.Of(text[start..end])} is no number; text, such as a version, is written in quotation marks");
    }

    private static SyntaxFault ExplainWord(ReadOnlySpan<byte> text, int start)
    {
        string word = Word(text, start);
        ReadOnlySpan<byte> rest = text[start..];
        // Web pages and word processors turn straight quotation marks into curly ones.
        if (rest[0] == '\'' || rest.StartsWith("“"u8) || rest.StartsWith("”"u8) || rest.StartsWith("„"u8))
            return Invalid(start, $"{word} does not start with a straight double quotation mark; write \" before and after every string");
        return Invalid(start, $"{word} is neither a string in quotation marks nor true, false or null");
    }

    private static string Word(ReadOnlySpan<byte> text, int start)
    {
        if (text[start] != '"')
            return Quotation.Of(text[start..Math.Max(EndOfWord(text, start), start + 1)]);
        ReadOnlySpan<byte> inside = text[(start + 1)..];
        int length = inside.IndexOfAny("\"\r\n"u8);
        return Quotation.Of(length < 0 ? inside : inside[..length]);
    }

    private static int EndOfWord(ReadOnlySpan<byte> text, int start)
    {
        int length = text[start..].IndexOfAny(WordEnds);
        return length < 0 ? text.Length : start + length;
    }

    private static int SkipBlanks(ReadOnlySpan<byte> text, int start)
    {
        int length = text[start..].IndexOfAnyExcept(" \t\r\n"u8);
        return length < 0 ? text.Length : start + length;
    }

    private static readonly System.Buffers.SearchValues<byte> HexDigits = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF"u8);
    private static readonly System.Buffers.SearchValues<byte> WordEnds = System.Buffers.SearchValues.Create(" \t\r\n,:{}[]\""u8);
}
