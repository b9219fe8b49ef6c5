using System.Text.Json;
using AptHandler.Manifests;
using AptHandler.Requests;

namespace AptHandler.Authoring.ImportManifests;

/// <summary>
/// What a value of an import manifest may be. Only the tree below <see cref="ImportManifest"/> knows the members and limits. They come from
/// azure-deviceupdate-import-manifest-5.0 and -4.0 at SchemaStore, and from the limits of the service.
/// </summary>
internal sealed class ImportShape
{
    /// <summary>The value of <c>manifestVersion</c>.</summary>
    public const string ManifestVersion = "5.0";

    /// <summary>The earlier version, which the service still accepts. Its files have only a name, a size and hashes as members.</summary>
    public const string OldManifestVersion = "4.0";

    /// <summary>The largest file, and the largest sum of all files, in bytes: 2 GiB.</summary>
    public const long LargestImport = 1L << 31;

    /// <summary>The type of a step that installs another update.</summary>
    public const string Reference = "reference";

    private const string Inline = "inline";

    private static readonly ImportShape Anything = new(JsonTokenType.None);
    private static readonly ImportShape Handler = Text(32, ImportRules.Handler);
    private static readonly ImportShape FileName = Text(255, ImportRules.FileName);
    private static readonly ImportShape Size = new(JsonTokenType.Number) { Least = 1, Most = LargestImport };
    private static readonly ImportShape Hashes = new(JsonTokenType.StartObject)
    {
        Names = new("sha256"),
        Members = [Text(ImportRules.Hash)],
        Required = 1,
        Others = new(JsonTokenType.String),
        Most = 2,
    };

    private static readonly ImportShape Properties = new(JsonTokenType.StartObject) { Others = Anything };

    private static readonly ImportShape UpdateId = Closed(
        required: 3,
        "provider name version",
        Text(64, ImportRules.Name),
        Text(64, ImportRules.Name),
        Text(ImportRules.Version, ImportRules.VersionAdvice)
    );

    private static readonly ImportShape Step = Closed(
        required: 0,
        "handler files updateId handlerProperties type description",
        Handler,
        List(1, 10, FileName),
        UpdateId,
        new(JsonTokenType.StartObject)
        {
            Names = new("installedCriteria", "unlistedRemovals"),
            Members = [Text(UpdateRequest.LongestCriteria, ImportRules.Criteria), Text(text => ImportRules.OneOf(text, "refuse", "allow"))],
            Others = Anything,
        },
        Text(text => ImportRules.OneOf(text, Inline, Reference)),
        Text(64)
    );

    private static readonly ImportShape File = Object(
        required: 3,
        "filename sizeInBytes hashes properties relatedFiles downloadHandler",
        FileName,
        Size,
        Hashes,
        Properties,
        List(0, 4, Object(required: 3, "filename sizeInBytes hashes properties", FileName, Size, Hashes, Properties)),
        Object(required: 1, "id", Handler)
    );

    /// <summary>The whole file.</summary>
    public static readonly ImportShape ImportManifest = WithFiles(File);

    /// <summary>The whole file in <see cref="OldManifestVersion"/>.</summary>
    public static readonly ImportShape OldImportManifest = WithFiles(
        Closed(required: 3, "filename sizeInBytes hashes", FileName, Size, Hashes)
    );

    private ImportShape(JsonTokenType type) => Type = type;

    /// <summary>The first token of such a value; none where any value is allowed.</summary>
    public JsonTokenType Type { get; }

    /// <summary>The smallest number, the smallest length in UTF-16 code units, or the smallest count of entries.</summary>
    public long Least { get; private init; }

    /// <summary>The largest number, length or count.</summary>
    public long Most { get; private init; } = int.MaxValue;

    /// <summary>A further rule for a text. It returns what is wrong, with a remedy, as the rest of a sentence; or null.</summary>
    public Func<string, string?>? Rule { get; private init; }

    /// <summary>Advice about a text that is allowed here, in the same form.</summary>
    public Func<string, string?>? Advice { get; private init; }

    /// <summary>The members that an object knows.</summary>
    public MemberNames Names { get; private init; } = MemberNames.None;

    /// <summary>The shapes of these members.</summary>
    public ImportShape[] Members { get; private init; } = [];

    /// <summary>How many of the members are required, counted from the first one.</summary>
    public int Required { get; private init; }

    /// <summary>The shape of a list's entries, or of members with other names; null where an object may not have any.</summary>
    public ImportShape? Others { get; private init; }

    /// <summary>The longest name of a member with another name, which then must not be empty; 0 where any name is allowed.</summary>
    public int LongestName { get; private init; }

    private static ImportShape Text(int longest, Func<string, string?>? rule = null) =>
        new(JsonTokenType.String)
        {
            Least = 1,
            Most = longest,
            Rule = rule,
        };

    private static ImportShape Text(Func<string, string?> rule, Func<string, string?>? advice = null) =>
        new(JsonTokenType.String) { Rule = rule, Advice = advice };

    private static ImportShape List(int least, int most, ImportShape entry) =>
        new(JsonTokenType.StartArray)
        {
            Least = least,
            Most = most,
            Others = entry,
        };

    // An object that may also have other members, which have no effect.
    private static ImportShape Object(int required, string names, params ImportShape[] members) =>
        new(JsonTokenType.StartObject)
        {
            Required = required,
            Names = new(names.Split(' ')),
            Members = members,
        };

    // An object that the service refuses if it has any other member.
    private static ImportShape Closed(int required, string names, params ImportShape[] members) =>
        new(JsonTokenType.StartObject)
        {
            Required = required,
            Names = new(names.Split(' ')) { CodeOfUnknown = ImportProblemCodes.UnexpectedMember },
            Members = members,
        };

    private static ImportShape WithFiles(ImportShape file) =>
        Object(
            required: 5,
            "updateId compatibility instructions manifestVersion createdDateTime files description isDeployable $schema",
            UpdateId,
            List(
                1,
                10,
                new(JsonTokenType.StartObject)
                {
                    Least = 1,
                    Most = 5,
                    LongestName = 32,
                    Others = Text(64),
                }
            ),
            Closed(required: 1, "steps", List(1, 10, Step)),
            Text(text => ImportRules.OneOf(text, ManifestVersion, OldManifestVersion), ImportRules.ManifestVersionAdvice),
            Text(ImportRules.Time),
            List(0, 10, file),
            Text(512),
            new(JsonTokenType.True),
            new(JsonTokenType.String)
        );
}
