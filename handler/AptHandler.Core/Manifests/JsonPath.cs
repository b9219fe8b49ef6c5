using AptHandler.Logging;

namespace AptHandler.Manifests;

/// <summary>The place of a value in a JSON file. It is kept in parts, and becomes text only when there is a problem to report.</summary>
/// <param name="List">The path of the list that the object is in, or of the object itself; null for the whole file.</param>
/// <param name="Index">The index of the object in its list; -1 where it is in none.</param>
/// <param name="Member">The member of the object; null for the whole object.</param>
internal readonly record struct JsonPath(string? List = null, int Index = 0, string? Member = null)
{
    private const int InNoList = -1;

    /// <summary>The whole file.</summary>
    public static JsonPath Root => default;

    /// <summary>An object that is in no list.</summary>
    /// <param name="path">Its path, such as <c>$.updateId</c>.</param>
    public static JsonPath Object(string path) => new(path, InNoList);

    /// <summary>A package of a manifest.</summary>
    public static JsonPath Package(int index) => new("$.packages", index);

    /// <summary>This value as an object that has members.</summary>
    public JsonPath Inside => Object(ToString());

    /// <summary>A value in this list.</summary>
    public JsonPath Item(int index) => new(ToString(), index);

    /// <summary>A member of this object.</summary>
    public JsonPath Of(string member) => this with { Member = member };

    /// <inheritdoc/>
    public override string ToString()
    {
        string path =
            List is null ? "$"
            : Index == InNoList ? List
            : $"{List}[{Index}]";
        return Member is null ? path
            : IsWord(Member) ? $"{path}.{Member}"
            : $"{path}[{Quotation.Of(Member)}]";
    }

    private static bool IsWord(string member) =>
        member.Length is > 0 and <= Quotation.MaximumLength && member.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '$');
}
