using System.Globalization;

namespace AptHandler.Manifests;

/// <summary>Where in a manifest's tree a value sits. Kept as parts: it becomes text only when there is a problem to report.</summary>
/// <param name="Package">The index of the package; null for the manifest itself.</param>
/// <param name="Member">The member of the package or of the manifest; null for the whole object.</param>
internal readonly record struct JsonPath(int? Package = null, string? Member = null)
{
    /// <summary>The manifest itself.</summary>
    public static JsonPath Root => default;

    /// <summary>A member of this object.</summary>
    public JsonPath Of(string member) => this with { Member = member };

    /// <inheritdoc/>
    public override string ToString()
    {
        string path = Package is int index ? string.Create(CultureInfo.InvariantCulture, $"$.packages[{index}]") : "$";
        return Member is null ? path
            : IsWord(Member) ? $"{path}.{Member}"
            : $"{path}[{Quotation.Of(Member)}]";
    }

    private static bool IsWord(string member) =>
        member.Length is > 0 and <= Quotation.MaximumLength && member.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '$');
}
