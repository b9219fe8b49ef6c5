using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AptHandler.UnitTests.Manifests;

namespace AptHandler.UnitTests.Schemas;

/// <summary>What an editor shows and offers while somebody writes an apt manifest.</summary>
public sealed class EditorTests
{
    private static readonly JsonObject Schema = JsonNode.Parse(File.ReadAllText(JudgedManifest.SchemaFile))!.AsObject();

    public static TheoryData<string> Members =>
        [
            .. Schema["properties"]!.AsObject().Select(member => $"properties/{member.Key}"),
            .. Schema["$defs"]!["package"]!["properties"]!.AsObject().Select(member => $"$defs/package/properties/{member.Key}"),
            .. Schema["$defs"]!["source"]!["properties"]!.AsObject().Select(member => $"$defs/source/properties/{member.Key}"),
        ];

    /// <summary>Manifests and packages that are offered, as texts.</summary>
    public static TheoryData<string> Offers =>
        [
            .. Texts(Schema["examples"]),
            .. Bodies(Schema),
            .. Texts(Schema["$defs"]!["package"]!["examples"])
                .Concat(Bodies(Schema["$defs"]!["package"]!))
                .Select(package => ManifestText.With(package)),
            .. Texts(Schema["$defs"]!["source"]!["examples"])
                .Concat(Bodies(Schema["$defs"]!["source"]!))
                .Select(source => WithSources($$"""{"x":{{source}}}""")),
            .. Texts(Schema["properties"]!["sources"]!["examples"]).Select(WithSources),
            .. Texts(Schema["properties"]!["packages"]!["examples"]).Select(list => $$"""{"name":"n","version":"1","packages":{{list}}}"""),
        ];

    [Theory]
    [MemberData(nameof(Members))]
    public void Every_member_has_a_title_an_explanation_and_an_example(string path)
    {
        JsonNode member = path.Split('/').Aggregate((JsonNode)Schema, (node, name) => node[name]!);
        JsonNode shared = member["$ref"] is { } reference
            ? reference.GetValue<string>().Split('/').Skip(1).Aggregate((JsonNode)Schema, (node, name) => node[name]!)
            : member;

        foreach (string annotation in new[] { "title", "description", "examples" })
            (member[annotation] ?? shared[annotation]).Should().NotBeNull($"{path} needs {annotation}");
    }

    [Theory]
    [MemberData(nameof(Offers))]
    public void What_an_editor_offers_is_valid(string manifest) => ManifestText.Read(manifest).Problems.Should().BeEmpty();

    [Fact]
    public void An_example_refers_to_the_schema_by_a_path_that_leads_there()
    {
        string example = Path.Combine(Corpus.Examples, "valid", "schema-reference.json");
        string reference = JsonNode.Parse(File.ReadAllText(example))!["$schema"]!.GetValue<string>();

        Path.GetFullPath(reference, Path.GetDirectoryName(example)!).Should().Be(JudgedManifest.SchemaFile);
    }

    private static string WithSources(string sources) =>
        $$"""{"name":"n","version":"1","packages":[{"name":"foo"}],"sources":{{sources}}}""";

    private static IEnumerable<string> Texts(JsonNode? list) => list!.AsArray().Select(value => value?.ToJsonString() ?? "null");

    // "${1:package}" is a place to write into that holds "package" at first.
    private static IEnumerable<string> Bodies(JsonNode schema) =>
        schema["defaultSnippets"]!
            .AsArray()
            .Select(snippet =>
                Regex.Replace(
                    snippet!["body"]!.ToJsonString(),
                    @"\$\{\d:(?<text>[^}]*)\}",
                    "${text}",
                    RegexOptions.ExplicitCapture,
                    TimeSpan.FromSeconds(5)
                )
            );
}
