using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using AptHandler.Authoring.ImportManifests;
using AptHandler.Manifests;

namespace AptHandler.UnitTests.Authoring.ImportManifests;

/// <summary>A folder with an import manifest without any problem, and its apt manifests. Tests make one thing wrong in it.</summary>
internal sealed class SampleImport : IDisposable
{
    public const string FileName = "Contoso.Video.1.0.0.importmanifest.json";
    public const string AptManifest = """{ "name": "tools", "version": "1.0.0", "packages": [ { "name": "tree" } ] }""";

    private readonly TemporaryFolder _folder = new();

    public SampleImport() => _folder.Write("tools.json", AptManifest);

    public string Path => _folder[FileName];

    public string Folder => _folder.Path;

    public JsonObject Manifest { get; } =
        Parse(
            $$"""
            {
              "$schema": "https://json.schemastore.org/azure-deviceupdate-import-manifest-5.0.json",
              "updateId": { "provider": "Contoso", "name": "Video", "version": "1.0.0" },
              "description": "Tools",
              "compatibility": [{ "manufacturer": "Contoso", "model": "Video" }],
              "instructions": {
                "steps": [
                  { "handler": "microsoft/apt:1", "files": ["tools.json"], "handlerProperties": { "installedCriteria": "tools-1.0.0" } }
                ]
              },
              "files": [{{FileEntry("tools.json", AptManifest)}}],
              "manifestVersion": "5.0",
              "createdDateTime": "2026-11-21T06:30:00Z"
            }
            """
        );

    public JsonArray Steps => Manifest["instructions"]!["steps"]!.AsArray();

    public JsonArray Files => Manifest["files"]!.AsArray();

    public JsonObject Step => Steps[0]!.AsObject();

    public JsonObject File => Files[0]!.AsObject();

    public static string FileEntry(string name, string content) => FileEntry(name, Encoding.UTF8.GetBytes(content));

    public static string FileEntry(string name, byte[] content) =>
        $$"""{ "filename": "{{name}}", "sizeInBytes": {{content.Length}}, "hashes": { "sha256": "{{Convert.ToBase64String(SHA256.HashData(content))}}" } }""";

    public static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();

    /// <summary>Puts a file beside the import manifest.</summary>
    public string Write(string name, string content) => _folder.Write(name, content);

    /// <summary>Adds a file, and writes it.</summary>
    public void AddFile(string name, string content)
    {
        Write(name, content);
        Files.Add(Parse(FileEntry(name, content)));
    }

    /// <summary>Adds an apt step with a manifest of its own.</summary>
    public JsonObject AddAptStep(string file, string name)
    {
        AddFile(file, AptManifest.Replace("tools", name, StringComparison.Ordinal));
        JsonObject step = Parse(
            $$"""{ "handler": "microsoft/apt:1", "files": ["{{file}}"], "handlerProperties": { "installedCriteria": "{{name}}-1.0.0" } }"""
        );
        Steps.Add(step);
        return step;
    }

    /// <summary>Writes the import manifest and verifies it with what lies beside it.</summary>
    public IReadOnlyList<VerifiedFile> Verify(string updateType = "microsoft/apt:1") => VerifyText(Manifest.ToJsonString(), updateType);

    public IReadOnlyList<VerifiedFile> VerifyText(string text, string updateType = "microsoft/apt:1") =>
        ImportVerification.Of(Write(FileName, text), Encoding.UTF8.GetBytes(text), updateType);

    /// <summary>What is wrong, as <c>severity code path</c>, with the name of the file before it where that is another one.</summary>
    public string[] Findings(string updateType = "microsoft/apt:1") => FindingsOf(Verify(updateType));

    public static string[] FindingsOf(IReadOnlyList<VerifiedFile> files) =>
        [
            .. files.SelectMany(file =>
                file.Problems.Select(problem =>
                    $"{(file == files[0] ? "" : $"{System.IO.Path.GetFileName(file.File)}: ")}{ManifestProblem.NameOf(problem.Severity)} "
                    + $"{problem.Code} {problem.Path}"
                )
            ),
        ];

    public void Dispose() => _folder.Dispose();
}
