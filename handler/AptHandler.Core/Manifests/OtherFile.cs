using System.Buffers;
using System.Text;
using System.Text.Json;

namespace AptHandler.Manifests;

/// <summary>Recognizes other files that people pass in place of a manifest, and tells which program takes them.</summary>
internal static class OtherFile
{
    private const string ImportMember = "instructions",
        AptMember = "packages";

    private static readonly SearchValues<byte> OfNames = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_$"u8
    );

    /// <summary>
    /// A problem that names the kind of a file given as an apt manifest; null where the file may be one, or its kind is unknown.
    /// </summary>
    public static ManifestProblem? InsteadOfAptManifest(ReadOnlySpan<byte> utf8) =>
        Package(utf8)
        ?? (
            Has(utf8, ImportMember) && !Has(utf8, AptMember)
                ? Lacking(
                    AptMember,
                    "This is an import manifest, which du-apt import-manifest verify takes; name the apt manifest of its step."
                )
                : null
        );

    /// <summary>
    /// A problem that names the kind of a file given as an import manifest; null where the file may be one, or its kind is unknown.
    /// </summary>
    public static ManifestProblem? InsteadOfImportManifest(ReadOnlySpan<byte> utf8) =>
        Package(utf8)
        ?? (
            Has(utf8, AptMember) && !Has(utf8, ImportMember)
                ? Lacking(
                    ImportMember,
                    "This is an apt manifest, which du-apt manifest lint takes; du-apt import-manifest create writes an import "
                        + "manifest for it."
                )
                : null
        );

    /// <summary>
    /// Whether a file starts like YAML or like Debian's control files: with <c>---</c>, <c>- item</c> or <c>name: value</c>, perhaps after
    /// comments.
    /// </summary>
    public static bool IsYaml(ReadOnlySpan<byte> text)
    {
        foreach (Range range in text.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = text[range].TrimEnd(" \t\r"u8);
            if (line.IsEmpty || line[0] == '#')
                continue;
            int end = line.IndexOfAnyExcept(OfNames);
            bool isMember = end > 0 && line[end] == ':' && (end + 1 == line.Length || line[end + 1] == ' ');
            return isMember || line.SequenceEqual("---"u8) || line.StartsWith("- "u8);
        }

        return false;
    }

    private static ManifestProblem? Package(ReadOnlySpan<byte> utf8) =>
        utf8.StartsWith("!<arch>\ndebian-binary"u8)
            ? new(
                ManifestProblemCodes.NotUtf8,
                ProblemSeverity.Error,
                JsonPath.Root.ToString(),
                1,
                1,
                "This is a Debian package, and a manifest is JSON; publish the package in a repository, and name it in an apt manifest."
            )
            : null;

    private static ManifestProblem Lacking(string member, string message) =>
        new(ManifestProblemCodes.MissingMember, ProblemSeverity.Error, JsonPath.Root.Of(member).ToString(), 1, 1, message);

    private static bool Has(ReadOnlySpan<byte> utf8, string member)
    {
        ReadOnlySpan<byte> text = utf8.StartsWith(Encoding.UTF8.Preamble) ? utf8[Encoding.UTF8.Preamble.Length..] : utf8;
        var reader = new Utf8JsonReader(text);
        try
        {
            while (reader.Read())
            {
                if (reader is { CurrentDepth: 1, TokenType: JsonTokenType.PropertyName } && reader.ValueTextEquals(member))
                    return true;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The JSON parser accepts half of a surrogate pair in a name. The real reader of the file reports that.
        }

        return false;
    }
}
