using System.Diagnostics.CodeAnalysis;

namespace AptHandler.Debian;

/// <summary>The version of a package, <c>[epoch:]upstream[-revision]</c>, with Debian's order (Debian Policy 5.6.12,
/// deb-version(7)).</summary>
/// <remarks>
/// Versions that differ in spelling can be equal: <c>1.0.8</c>, <c>1.0.8-0</c> and <c>0:1.00.8</c> are one version. <see cref="Text"/>
/// keeps the spelling, because apt-get finds a version by its spelling only. The default value has an empty text and comes before every
/// version.
/// </remarks>
public readonly struct DebianVersion : IComparable<DebianVersion>, IEquatable<DebianVersion>
{
    private readonly string? _text;

    private DebianVersion(string text) => _text = text;

    /// <summary>The version as it was written.</summary>
    public string Text => _text ?? "";

    /// <summary>Reads a version as strictly as dpkg does.</summary>
    /// <remarks>Stricter in two things: white space around the version is refused, and so is a sign before the epoch (Policy: an unsigned
    /// integer).</remarks>
    /// <param name="text">What was written.</param>
    /// <param name="version">The version, or the default value where the text is refused.</param>
    /// <param name="problem">
    /// Null where the text is taken; otherwise the rest of a sentence that begins with the text: what is wrong, at which position (counted
    /// from 1), and what to write instead.
    /// </param>
    /// <returns>True where the text is a version.</returns>
    public static bool TryParse(string text, out DebianVersion version, [NotNullWhen(false)] out string? problem)
    {
        problem = VersionSyntax.ProblemOf(text);
        version = problem is null ? new DebianVersion(text) : default;
        return problem is null;
    }

    /// <summary>Compares two versions by deb-version(7): first the epochs as numbers, then the upstream parts, then the
    /// revisions.</summary>
    /// <remarks>
    /// Takes any text, throws nothing and allocates nothing. Where a text is not a version, the order is still a total one, so that sorting
    /// is safe.
    /// </remarks>
    /// <param name="a">The one version.</param>
    /// <param name="b">The other version.</param>
    /// <returns>Less than zero where <paramref name="a"/> is the earlier one, zero where they are equal, more than zero where it is the
    /// later one.</returns>
    public static int Compare(ReadOnlySpan<char> a, ReadOnlySpan<char> b) => VersionOrder.Compare(a, b);

    /// <inheritdoc/>
    public int CompareTo(DebianVersion other) => Compare(Text, other.Text);

    /// <summary>Whether both are the same version by Debian's order, however they are spelled.</summary>
    public bool Equals(DebianVersion other) => CompareTo(other) == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is DebianVersion other && Equals(other);

    /// <summary>A hash code that is the same for all spellings of a version.</summary>
    public override int GetHashCode() => VersionOrder.GetHashCode(Text);

    /// <summary>The version as it was written.</summary>
    public override string ToString() => Text;

    /// <summary>Whether both are the same version.</summary>
    public static bool operator ==(DebianVersion left, DebianVersion right) => left.Equals(right);

    /// <summary>Whether they are different versions.</summary>
    public static bool operator !=(DebianVersion left, DebianVersion right) => !left.Equals(right);

    /// <summary>Whether the left one is earlier.</summary>
    public static bool operator <(DebianVersion left, DebianVersion right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left one is earlier or the same.</summary>
    public static bool operator <=(DebianVersion left, DebianVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left one is later.</summary>
    public static bool operator >(DebianVersion left, DebianVersion right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left one is later or the same.</summary>
    public static bool operator >=(DebianVersion left, DebianVersion right) => left.CompareTo(right) >= 0;
}
