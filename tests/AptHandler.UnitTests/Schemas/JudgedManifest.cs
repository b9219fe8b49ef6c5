using System.Reflection;
using System.Text;
using AptHandler.Manifests;

namespace AptHandler.UnitTests.Schemas;

/// <summary>A manifest that our reader and the JSON Schema have judged, each without knowing of the other.</summary>
/// <param name="Name">The name of its file.</param>
/// <param name="Text">What it held, for a person.</param>
/// <param name="Reading">What our reader says.</param>
/// <param name="Verdict">What the schema says.</param>
internal sealed record JudgedManifest(string Name, string Text, ManifestReading Reading, SchemaVerdict Verdict)
{
    /// <summary>The JSON Schema of the apt manifest.</summary>
    public static readonly string SchemaFile = SourceTree.At("manifest-schema", "apt-manifest.schema.json");

    /// <summary>The problems that no JSON Schema can express, with the reason.</summary>
    public static readonly IReadOnlyDictionary<string, string> BeyondSchemas = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [ManifestProblemCodes.DuplicateMember] = "A schema judges what a parser made of the text, and parsers keep one of the two members.",
        [ManifestProblemCodes.ContradictingPackages] = "Two entries would have to be compared in parts; uniqueItems compares them whole.",
        [ManifestProblemCodes.InvalidText] = "Half of a surrogate pair is a character to most validators.",
        [ManifestProblemCodes.NestedTooDeeply] = "The depth of what unknown members hold has no keyword.",
        [ManifestProblemCodes.TooLarge] = "The size of the file has no keyword.",
        [ManifestProblemCodes.TooManyProblems] = "It counts problems, those above among them.",
    };

    /// <summary>The problems because of which there is nothing for a schema to judge.</summary>
    public static readonly IReadOnlySet<string> NoJson = new HashSet<string>(
        [ManifestProblemCodes.EmptyFile, ManifestProblemCodes.NotUtf8, ManifestProblemCodes.InvalidJson],
        StringComparer.Ordinal
    );

    /// <summary>The problems that a manifest may have and be used all the same.</summary>
    public static readonly IReadOnlySet<string> Warnings = new HashSet<string>(
        [ManifestProblemCodes.UnknownMember, ManifestProblemCodes.RepeatedPackage],
        StringComparer.Ordinal
    );

    /// <summary>All other problems: the schema has to find them.</summary>
    public static readonly IReadOnlyList<string> Expressible =
    [
        .. typeof(ManifestProblemCodes)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (string)field.GetRawConstantValue()!)
            .Except([.. BeyondSchemas.Keys, .. NoJson, .. Warnings], StringComparer.Ordinal),
    ];

    // Behind these the reader reads no further.
    private static readonly string[] Ends =
    [
        ManifestProblemCodes.NestedTooDeeply,
        ManifestProblemCodes.TooLarge,
        ManifestProblemCodes.TooManyProblems,
    ];

    /// <summary>The codes of the errors, each once.</summary>
    public IReadOnlyList<string> Codes { get; } =
    [
        .. Reading
            .Problems.Where(problem => problem.Severity == ProblemSeverity.Error)
            .Select(problem => problem.Code)
            .Distinct(StringComparer.Ordinal),
    ];

    /// <summary>Judges manifests.</summary>
    public static IReadOnlyList<JudgedManifest> Judge(IReadOnlyList<string> files) =>
        [.. SchemaValidator.Judge(SchemaFile, files).Select(verdict => Read(verdict, File.ReadAllBytes(verdict.File)))];

    /// <summary>
    /// Whether both see the same of it: what is no JSON ends the reading, and so may what is beyond schemas, but for contradictions.
    /// </summary>
    public bool IsComparable =>
        !Codes.Any(code =>
            NoJson.Contains(code) || (BeyondSchemas.ContainsKey(code) && code != ManifestProblemCodes.ContradictingPackages)
        );

    /// <summary>
    /// Where the two judge differently, for a person; null where they do not: both find the same places at fault, or none.
    /// </summary>
    public string? Difference()
    {
        bool isAlike =
            IsComparable ? Verdict.Judgement != SchemaJudgement.Unreadable && PlacesOfReader().SetEquals(PlacesOfSchema())
            : Codes.Any(NoJson.Contains) ? Verdict.Judgement == SchemaJudgement.Unreadable
            : Verdict.Judgement != SchemaJudgement.Unreadable || Codes.Intersect(Ends, StringComparer.Ordinal).Any();
        return isAlike ? null : ToString();
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"""
            {Name}: {(Text.Length > 1000 ? Text[..1000] + "…" : Text)}
              reader: {string.Join("\n          ", Reading.Problems.Select(problem => $"{problem.Path} {problem}"))}
              schema: {Verdict.Judgement}, {string.Join("\n          ", Verdict.Messages)}
            """;

    private static JudgedManifest Read(SchemaVerdict verdict, byte[] content) =>
        new(Path.GetFileName(verdict.File), Encoding.UTF8.GetString(content).TrimStart('\uFEFF'), ManifestReader.Read(content), verdict);

    private HashSet<string> PlacesOfReader() =>
        [
            .. Reading
                .Problems.Where(problem => problem.Severity == ProblemSeverity.Error && !BeyondSchemas.ContainsKey(problem.Code))
                .Select(problem => problem.Path),
        ];

    private HashSet<string> PlacesOfSchema() =>
        [.. Verdict.Messages.Select(message => PathOf(message[..message.IndexOf(' ', StringComparison.Ordinal)]))];

    // "/packages/3/name" is "$.packages[3].name". The members of "sources" are the only ones that could be called 3.
    private static string PathOf(string pointer)
    {
        JsonPath path = JsonPath.Root;
        string parent = "";
        foreach (string part in pointer == "/" ? [] : pointer.Split('/').Skip(1))
        {
            string name = part.Replace("%20", " ", StringComparison.Ordinal)
                .Replace("~1", "/", StringComparison.Ordinal)
                .Replace("~0", "~", StringComparison.Ordinal);
            path = parent != "sources" && int.TryParse(name, out int index) ? path.Item(index) : path.Inside.Of(name);
            parent = parent == "sources" ? "" : name;
        }

        return path.ToString();
    }
}
