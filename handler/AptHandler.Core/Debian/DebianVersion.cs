using System.Globalization;

namespace AptHandler.Debian;

/// <summary>A version by Debian Policy 5.6.12: <c>[epoch:]upstream[-revision]</c>, equal and ordered as dpkg has it.</summary>
public readonly struct DebianVersion : IComparable<DebianVersion>, IEquatable<DebianVersion>
{
    private readonly string? _text;

    private DebianVersion(string text) => _text = text;

    /// <summary>The version as it was written.</summary>
    public string Text => _text ?? "";

    /// <summary>Reads a version.</summary>
    /// <param name="text">The text, without blanks around it.</param>
    /// <param name="version">The version, when the text is one.</param>
    /// <param name="problem">What is wrong with the text, as the end of a sentence; null when nothing is.</param>
    /// <returns>Whether the text is a version.</returns>
    public static bool TryParse(string text, out DebianVersion version, out string? problem)
    {
        version = default;
        Split(text, out ReadOnlySpan<char> epoch, out ReadOnlySpan<char> upstream, out ReadOnlySpan<char> revision);

        if (text.Contains(':', StringComparison.Ordinal) && !int.TryParse(epoch, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            problem = "has no number before the colon";
        else if (upstream.IsEmpty || !char.IsAsciiDigit(upstream[0]))
            problem = "does not start with a digit";
        else if (upstream.IndexOfAnyExcept(UpstreamCharacters) is var wrong and >= 0)
            problem = $"holds a character at position {epoch.Length + wrong + 1} that no version may hold";
        else if (revision.IsEmpty || revision.IndexOfAnyExcept(RevisionCharacters) >= 0)
            problem = "holds a revision that is empty or holds a character that no revision may hold";
        else
        {
            version = new DebianVersion(text);
            problem = null;
        }

        return problem is null;
    }

    /// <inheritdoc/>
    public int CompareTo(DebianVersion other)
    {
        Split(Text, out ReadOnlySpan<char> epoch, out ReadOnlySpan<char> upstream, out ReadOnlySpan<char> revision);
        Split(other.Text, out ReadOnlySpan<char> epoch2, out ReadOnlySpan<char> upstream2, out ReadOnlySpan<char> revision2);
        int order = Compare(epoch, epoch2);
        if (order == 0)
            order = Compare(upstream, upstream2);
        return order != 0 ? order : Compare(revision, revision2);
    }

    /// <inheritdoc/>
    public bool Equals(DebianVersion other) => CompareTo(other) == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is DebianVersion other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => 0;

    /// <inheritdoc/>
    public override string ToString() => Text;

    /// <summary>Whether both are the same version.</summary>
    public static bool operator ==(DebianVersion left, DebianVersion right) => left.Equals(right);

    /// <summary>Whether the two are different versions.</summary>
    public static bool operator !=(DebianVersion left, DebianVersion right) => !left.Equals(right);

    /// <summary>Whether the left version is the older one.</summary>
    public static bool operator <(DebianVersion left, DebianVersion right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left version is not the newer one.</summary>
    public static bool operator <=(DebianVersion left, DebianVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left version is the newer one.</summary>
    public static bool operator >(DebianVersion left, DebianVersion right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left version is not the older one.</summary>
    public static bool operator >=(DebianVersion left, DebianVersion right) => left.CompareTo(right) >= 0;

    private static readonly System.Buffers.SearchValues<char> UpstreamCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+-~:");

    private static readonly System.Buffers.SearchValues<char> RevisionCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+~");

    private static void Split(
        string text, out ReadOnlySpan<char> epoch, out ReadOnlySpan<char> upstream, out ReadOnlySpan<char> revision)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        epoch = colon < 0 ? "0" : text.AsSpan(0, colon);
        upstream = text.AsSpan(colon + 1);
        int hyphen = upstream.LastIndexOf('-');
        revision = hyphen < 0 ? "0" : upstream[(hyphen + 1)..];
        if (hyphen >= 0)
            upstream = upstream[..hyphen];
    }

    private static int Compare(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        while (!left.IsEmpty || !right.IsEmpty)
        {
            while ((!left.IsEmpty && !char.IsAsciiDigit(left[0])) || (!right.IsEmpty && !char.IsAsciiDigit(right[0])))
            {
                int order = Weight(left) - Weight(right);
                if (order != 0)
                    return order;
                left = left[1..];
                right = right[1..];
            }

            ReadOnlySpan<char> number = TakeNumber(ref left), number2 = TakeNumber(ref right);
            int byValue = number.Length != number2.Length ? number.Length - number2.Length : number.SequenceCompareTo(number2);
            if (byValue != 0)
                return byValue;
        }

        return 0;
    }

    private static int Weight(ReadOnlySpan<char> text) => text.IsEmpty || char.IsAsciiDigit(text[0]) ? 0
        : text[0] == '~' ? -1
        : char.IsAsciiLetter(text[0]) ? text[0]
        : text[0] + 256;

    private static ReadOnlySpan<char> TakeNumber(ref ReadOnlySpan<char> text)
    {
        int end = text.IndexOfAnyExceptInRange('0', '9');
        ReadOnlySpan<char> number = end < 0 ? text : text[..end];
        text = text[number.Length..];
        return number.TrimStart('0');
    }
}
