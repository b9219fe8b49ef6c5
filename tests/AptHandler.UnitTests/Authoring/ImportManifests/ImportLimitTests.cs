using System.Text;
using System.Text.Json.Nodes;
using AptHandler.Authoring.ImportManifests;
using AptHandler.Manifests;
using AptHandler.UnitTests.Schemas;

namespace AptHandler.UnitTests.Authoring.ImportManifests;

/// <summary>
/// Every limit at its edge: the last that is allowed, and the first that is refused. A schema of the same limits judges the same files.
/// </summary>
public sealed class ImportLimitTests : IDisposable
{
    private static readonly string Schema = SourceTree.At("tests", "corpus", "import-manifest", "import-manifest.schema.json");

    private static readonly Case[] All =
    [
        .. Texts("provider", 1, 64, (import, text) => import.Manifest["updateId"]!["provider"] = text),
        .. Texts("name", 1, 64, (import, text) => import.Manifest["updateId"]!["name"] = text),
        .. Texts("description", 1, 512, (import, text) => import.Manifest["description"] = text),
        .. Texts("description of a step", 1, 64, (import, text) => import.Step["description"] = text),
        .. Texts("property", 1, 32, (import, text) => import.Manifest["compatibility"]![0] = new JsonObject { [text] = "x" }),
        .. Texts("value of a property", 1, 64, (import, text) => import.Manifest["compatibility"]![0]!["model"] = text),
        .. Texts("file name", 1, 255, Rename),
        .. Texts(
            "installed criteria",
            1,
            1024,
            (import, text) => import.Step["handlerProperties"]!["installedCriteria"] = text,
            isOfSchema: false
        ),
        .. Counts(
            "sets",
            1,
            10,
            (import, count) => import.Manifest["compatibility"] = List(count, _ => new JsonObject { ["model"] = "x" })
        ),
        .. Counts(
            "properties",
            1,
            5,
            (import, count) =>
                import.Manifest["compatibility"]![0] = new JsonObject([
                    .. Enumerable.Range(0, count).Select(i => KeyValuePair.Create($"p{i}", (JsonNode?)"x")),
                ])
        ),
        .. Counts("steps", 1, 10, (import, count) => import.Manifest["instructions"]!["steps"] = List(count, i => Script("tools.json"))),
        .. Counts("files of a step", 1, 10, Files),
        .. Counts("files", 1, 10, Files),
        .. Counts(
            "related files",
            0,
            4,
            (import, count) => import.File["relatedFiles"] = List(count, i => SampleImport.Parse(SampleImport.FileEntry($"r{i}", "x")))
        ),
        .. Values(
            "provider",
            ["aZ9.-", ".", "-", "0"],
            ["a_b", "a b", "a/b", "é", "a\n"],
            (import, value) => import.Manifest["updateId"]!["provider"] = value
        ),
        .. Values("name", ["aZ9.-"], ["a:b", "\u0430"], (import, value) => import.Manifest["updateId"]!["name"] = value),
        .. Values(
            "version",
            ["1.0", "0.0", "1.2.3.4", "1.10", "999999999.1", "01.0", "1.00"],
            ["", "1", "1.2.3.4.5", "1.", ".1", "1..2", "-1.0", "+1.0", "1.0 ", "1.x", "1.\u0663"],
            Version
        ),
        .. Values(
            "version",
            ["2147483647.0", "0.0.0.2147483647", "0002147483647.0"],
            ["2147483648.0", "0002147483648.0", "0.0.0.2147483648", "0.99999999999999999999"],
            Version,
            isOfSchema: false
        ),
        .. Values(
            "handler",
            ["a/b:1", "a/b:12345", "a/b/c:1", "/a/b:1", "a/b:c:1", "a//:1", Handler(32)],
            ["", "a/b", "a/b:", "a/b:123456", "a/b:x", "/b:1", "a/:1", "a:1", "a b/c:1", "a/b\t:1", "a/b:1 ", Handler(33)],
            (import, value) => import.Step["handler"] = value
        ),
        .. Values("type of a step", ["inline"], ["", "Inline", "external"], (import, value) => import.Step["type"] = value),
        .. Values(
            "manifest version",
            ["5.0", "4.0"],
            ["", "5", "3.0", "6.0", "5.0 "],
            (import, value) => import.Manifest["manifestVersion"] = value
        ),
        .. Values(
            "file name",
            ["..a", "a..b", "...", "-", "a b"],
            [".", "..", "../a", "a/b", "/etc/passwd", "a\\b", "a\0", "a\n"],
            Rename,
            isOfSchema: false
        ),
        .. Values(
            "hash",
            [$"{Hash(43)}=", $"{Hash(42)}/=", $"+{Hash(42)}="],
            ["", Hash(43), Hash(44), $"{Hash(42)}=", $"{Hash(44)}=", $"{Hash(42)}*=", $"{Hash(42)}=="],
            (import, value) => import.File["hashes"]!["sha256"] = value
        ),
        .. Values(
            "unlisted removals",
            ["refuse", "allow"],
            ["", "Allow", "perhaps"],
            (import, value) => import.Step["handlerProperties"]!["unlistedRemovals"] = value,
            isOfSchema: false
        ),
        .. Values(
            "installed criteria",
            ["a b", "é"],
            ["a\n", "a\u0085"],
            (import, value) => import.Step["handlerProperties"]!["installedCriteria"] = value,
            isOfSchema: false
        ),
        .. Values(
            "download handler",
            ["microsoft/delta:1"],
            ["", "delta"],
            (import, value) => import.File["downloadHandler"] = new JsonObject { ["id"] = value }
        ),
        .. Values(
            "time",
            [
                "2026-11-21T06:30:00Z",
                "2026-11-21T06:30:00.9446744Z",
                "2024-02-29T23:59:59+00:00",
                "2026-11-21T06:30:00.1-23:59",
                "2026-12-31T00:00:00Z",
                "2026-04-30T00:00:00Z",
            ],
            [
                "",
                "yesterday",
                "2026-11-21",
                "2026-11-21T06:30Z",
                "2026-11-21T06:30:00",
                "2026-11-21T06:30:00.Z",
                "2026-13-01T00:00:00Z",
                "2026-00-01T00:00:00Z",
                "2026-11-00T00:00:00Z",
                "2026-04-31T00:00:00Z",
                "2026-02-29T00:00:00Z",
                "2026-11-21T24:00:00Z",
                "2026-11-21T06:60:00Z",
                "2026-11-21T06:30:61Z",
                "2026-11-21T06:30:00+24:00",
                "2026-11-21T06:30:00+00:60",
                "2026-11-21T06:30:00ZZ",
                "26-11-21T06:30:00Z",
                "2026-11-21T06:30:00Z ",
                "2026-11-21T06:30:00+01:0a",
                "\u0662026-11-21T06:30:00Z",
            ],
            (import, value) => import.Manifest["createdDateTime"] = value
        ),
        .. Sizes([1, 1 << 30, 2147483648], [0, -1, 2147483649, long.MaxValue]),
        new("size 1.5", false, import => import.File["sizeInBytes"] = 1.5),
        new("size 1e30", false, import => import.File["sizeInBytes"] = JsonNode.Parse("1e30")),
        new("two files of 2147483648 bytes", true, import => Two(import, 2147483647, 1)),
        new("two files of 2147483649 bytes", false, import => Two(import, 2147483647, 2), IsOfSchema: false),
        .. Missing(
            "the import manifest",
            ["updateId", "compatibility", "instructions", "manifestVersion", "createdDateTime"],
            ["$schema", "description"],
            import => import.Manifest
        ),
        .. Missing("updateId", ["provider", "name", "version"], [], import => import.Manifest["updateId"]!.AsObject()),
        .. Missing("instructions", ["steps"], [], import => import.Manifest["instructions"]!.AsObject()),
        .. Missing("a step", ["handler", "files"], [], import => Replaced(import, Script("tools.json"))),
        .. Missing("a file", ["filename", "sizeInBytes", "hashes"], [], import => import.File),
        .. Missing("hashes", ["sha256"], [], import => import.File["hashes"]!.AsObject()),
        .. Missing("a reference", ["updateId"], [], import => References(import).Step),
        .. Missing(
            "downloadHandler",
            ["id"],
            [],
            import => (import.File["downloadHandler"] = new JsonObject { ["id"] = "a/b:1" }).AsObject()
        ),
        .. Types("$", ["[]", "\"x\"", "1", "null", "true"], null),
        .. Types("updateId", ["[]", "\"x\"", "null"], (import, value) => import.Manifest["updateId"] = value),
        .. Types("provider", ["1", "null", "{}", "[\"x\"]"], (import, value) => import.Manifest["updateId"]!["provider"] = value),
        .. Types("compatibility", ["{}", "[[]]", "[\"x\"]", "[null]"], (import, value) => import.Manifest["compatibility"] = value),
        .. Types("property", ["1", "null", "{}", "true"], (import, value) => import.Manifest["compatibility"]![0]!["model"] = value),
        .. Types("instructions", ["[]", "null"], (import, value) => import.Manifest["instructions"] = value),
        .. Types("steps", ["{}", "[[]]", "[\"x\"]", "null"], (import, value) => import.Manifest["instructions"]!["steps"] = value),
        .. Types("files of a step", ["\"tools.json\"", "[1]", "[null]", "{}"], (import, value) => import.Step["files"] = value),
        .. Types("handlerProperties", ["[]", "\"x\"", "null"], (import, value) => import.Step["handlerProperties"] = value),
        .. Types("files", ["{}", "[[]]", "[\"x\"]"], (import, value) => import.Manifest["files"] = value),
        .. Types("size", ["\"1\"", "null", "[1]", "true"], (import, value) => import.File["sizeInBytes"] = value),
        .. Types("hashes", ["\"x\"", "[]", "null"], (import, value) => import.File["hashes"] = value),
        .. Types("properties of a file", ["[]", "1"], (import, value) => import.File["properties"] = value),
        .. Types("isDeployable", ["\"true\"", "1", "null"], (import, value) => import.Manifest["isDeployable"] = value),
        .. Types("description", ["1", "null"], (import, value) => import.Manifest["description"] = value),
        .. Types("$schema", ["1", "null", "{}"], (import, value) => import.Manifest["$schema"] = value),
        .. Types("another hash", ["1", "null", "{}"], (import, value) => import.File["hashes"]!["sha512"] = value),
        new("another hash", true, import => import.File["hashes"]!["sha512"] = "x"),
        new("three hashes", false, import => (import.File["hashes"]!["sha512"], import.File["hashes"]!["md5"]) = ("x", "x")),
        .. Unknown("the import manifest", true, import => import.Manifest),
        .. Unknown("updateId", false, import => import.Manifest["updateId"]!),
        .. Unknown("instructions", false, import => import.Manifest["instructions"]!),
        .. Unknown("a step", false, import => import.Step),
        .. Unknown("handlerProperties", true, import => import.Step["handlerProperties"]!),
        .. Unknown("a reference", false, import => References(import).Step),
        .. Unknown("the updateId of a reference", false, import => References(import).Step["updateId"]!),
        .. Unknown("a file", true, import => import.File),
        .. Unknown("downloadHandler", true, import => import.File["downloadHandler"] = new JsonObject { ["id"] = "a/b:1" }),
        new("a file of 4.0", true, import => Old(import)),
        .. Unknown("a file of 4.0", false, import => Old(import).File),
        new("properties of a file of 4.0", false, import => Old(import).File["properties"] = new JsonObject()),
        new("related files of a file of 4.0", false, import => Old(import).File["relatedFiles"] = new JsonArray()),
        new(
            "download handler of a file of 4.0",
            false,
            import => Old(import).File["downloadHandler"] = new JsonObject { ["id"] = "a/b:1" }
        ),
        new("isDeployable true", true, import => import.Manifest["isDeployable"] = true),
        new("isDeployable false", true, import => import.Manifest["isDeployable"] = false),
        new("properties of a file", true, import => import.File["properties"] = new JsonObject { ["x"] = new JsonObject() }),
        new("other properties of a handler", true, import => import.Step["handlerProperties"]!["arguments"] = new JsonArray(1)),
        new("a property of a handler without a name", true, import => import.Step["handlerProperties"]![""] = 1),
        new("a reference", true, import => References(import)),
        new("an update id without the type of a reference", false, import => References(import).Step.Remove("type")),
        new("a reference with a handler", false, import => References(import).Step["handler"] = "a/b:1"),
        new("a reference with files", false, import => References(import).Step["files"] = new JsonArray("x")),
        new("a reference with properties", false, import => References(import).Step["handlerProperties"] = new JsonObject()),
        new("an inline step with an update id", false, import => import.Step["updateId"] = import.Manifest["updateId"]!.DeepClone()),
    ];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. All.Select(each => each.Name)];

    [Fact]
    public void No_two_cases_have_one_name() => All.Select(each => each.Name).Should().OnlyHaveUniqueItems();

    [Theory]
    [MemberData(nameof(Names))]
    public void A_limit_is_where_it_is_documented(string name)
    {
        Case each = All.Single(each => each.Name == name);
        using var import = new SampleImport();
        string text = each.Text(import);

        IReadOnlyList<ManifestProblem> problems = ImportVerification.Of(Encoding.UTF8.GetBytes(text), "microsoft/apt:1");

        IEnumerable<string> errors = problems.Where(problem => problem.Severity == ProblemSeverity.Error).Select(problem => $"{problem}");
        errors.Any().Should().Be(!each.IsAllowed, string.Join('\n', errors));
        foreach (ManifestProblem problem in problems)
            (problem.Path + problem.Message).Should().NotMatchRegex("[\\p{Cc}\\p{Cf}\\p{Cs}]", "it is printed");
    }

    [Fact]
    public void The_schema_has_the_same_limits()
    {
        Case[] cases = [.. All.Where(each => each.IsOfSchema)];
        string[] files =
        [
            .. cases.Select(
                (each, i) =>
                {
                    using var fresh = new SampleImport();
                    return _folder.Write($"{i}.json", each.Text(fresh));
                }
            ),
        ];

        IReadOnlyList<SchemaVerdict> verdicts = SchemaValidator.Judge(Schema, files);

        cases
            .Zip(verdicts, (each, verdict) => $"{each.Name}: {verdict.Judgement}")
            .Should()
            .Equal(cases.Select(each => $"{each.Name}: {(each.IsAllowed ? SchemaJudgement.Valid : SchemaJudgement.Invalid)}"));
    }

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<Case> Texts(string what, int least, int most, Action<SampleImport, string> set, bool isOfSchema = true) =>
        new[] { least - 1, least, most, most + 1 }.Select(length => new Case(
            $"{what} of {length} characters",
            length >= least && length <= most,
            import => set(import, new string('x', length)),
            isOfSchema
        ));

    private static IEnumerable<Case> Counts(string what, int least, int most, Action<SampleImport, int> set) =>
        new[] { least - 1, least, most, most + 1 }
            .Where(count => count >= 0)
            .Distinct()
            .Select(count => new Case($"{count} {what}", count >= least && count <= most, import => set(import, count)));

    private static IEnumerable<Case> Values(
        string what,
        string[] allowed,
        string[] refused,
        Action<SampleImport, string> set,
        bool isOfSchema = true
    ) =>
        allowed
            .Concat(refused)
            .Select(value => new Case($"{what} \"{value}\"", allowed.Contains(value), import => set(import, value), isOfSchema));

    private static IEnumerable<Case> Sizes(long[] allowed, long[] refused) =>
        allowed
            .Concat(refused)
            .Select(size => new Case($"size {size}", allowed.Contains(size), import => import.File["sizeInBytes"] = size));

    private static IEnumerable<Case> Missing(string where, string[] needed, string[] optional, Func<SampleImport, JsonObject> owner) =>
        needed
            .Concat(optional)
            .Select(member => new Case($"no {member} in {where}", optional.Contains(member), import => owner(import).Remove(member)));

    private static IEnumerable<Case> Types(string what, string[] values, Action<SampleImport, JsonNode?>? set) =>
        values.Select(value =>
            set is null
                ? new Case($"{what} is {value}", false, _ => { }, Whole: value)
                : new Case($"{what} is {value}", false, import => set(import, JsonNode.Parse(value)))
        );

    private static IEnumerable<Case> Unknown(string where, bool isAllowed, Func<SampleImport, JsonNode> owner) =>
        new[] { "1", "null" }.Select(value => new Case(
            $"an unknown member {value} in {where}",
            isAllowed,
            import => owner(import)["unknown"] = JsonNode.Parse(value)
        ));

    private static SampleImport Old(SampleImport import)
    {
        import.Manifest["manifestVersion"] = "4.0";
        return import;
    }

    private static void Version(SampleImport import, string version) => import.Manifest["updateId"]!["version"] = version;

    private static void Rename(SampleImport import, string name)
    {
        import.File["filename"] = name;
        import.Step["files"] = new JsonArray(name);
    }

    private static void Files(SampleImport import, int count)
    {
        string[] names = [.. Enumerable.Range(0, count).Select(i => $"f{i}")];
        import.Manifest["instructions"]!["steps"] = new JsonArray(Script(names));
        import.Manifest["files"] = List(count, i => SampleImport.Parse(SampleImport.FileEntry(names[i], "x")));
    }

    private static SampleImport References(SampleImport import)
    {
        import.Manifest["files"] = new JsonArray();
        var other = import.Manifest["updateId"]!.DeepClone();
        other["version"] = "9.9";
        Replaced(import, new JsonObject { ["type"] = "reference", ["updateId"] = other });
        return import;
    }

    private static JsonObject Replaced(SampleImport import, JsonObject step)
    {
        import.Manifest["instructions"]!["steps"] = new JsonArray(step);
        return step;
    }

    private static void Two(SampleImport import, long first, long second)
    {
        import.File["sizeInBytes"] = first;
        import.Steps.Add(Script("other"));
        import.AddFile("other", "x");
        import.Files[1]!["sizeInBytes"] = second;
    }

    private static JsonObject Script(params string[] files) =>
        new() { ["handler"] = "microsoft/script:1", ["files"] = new JsonArray([.. files.Select(file => (JsonNode)file)]) };

    private static JsonArray List(int count, Func<int, JsonNode> entry) => [.. Enumerable.Range(0, count).Select(entry)];

    private static string Handler(int length) => $"{new string('x', length - 4)}/y:1";

    private static string Hash(int digits) => new('A', digits);

    private sealed record Case(string Name, bool IsAllowed, Action<SampleImport> Change, bool IsOfSchema = true, string? Whole = null)
    {
        public string Text(SampleImport import)
        {
            Change(import);
            return Whole ?? import.Manifest.ToJsonString();
        }
    }
}
