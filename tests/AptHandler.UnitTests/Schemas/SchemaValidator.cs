using System.Text.Json;
using System.Text.Json.Serialization;

namespace AptHandler.UnitTests.Schemas;

/// <summary>What a JSON Schema has to say of a file.</summary>
public enum SchemaJudgement
{
    /// <summary>The file is as the schema asks.</summary>
    Valid,

    /// <summary>The file is JSON, but not as the schema asks.</summary>
    Invalid,

    /// <summary>The file is not JSON in UTF-8, so that no schema can judge it.</summary>
    Unreadable,
}

/// <summary>The judgement of one file.</summary>
/// <param name="File">The file, as it was named.</param>
/// <param name="Judgement">What it is.</param>
/// <param name="Messages">
/// Everything that is wrong, each behind the JSON pointer of its value (with %20 for blanks) and a blank; that of a member that is missing
/// or not known points to where it belongs. Empty for a valid file.
/// </param>
public sealed record SchemaVerdict(string File, SchemaJudgement Judgement, IReadOnlyList<string> Messages);

/// <summary>Judges files by a JSON Schema of draft 2020-12 or draft 7, with ajv: a validator that knows nothing of our parsers.</summary>
internal static class SchemaValidator
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Judges all files in one run of node: ten thousand small ones take seconds.</summary>
    /// <param name="schemaFile">The schema.</param>
    /// <param name="files">The files.</param>
    /// <returns>A verdict for each file, in the order of the files.</returns>
    /// <exception cref="InvalidOperationException">The validator is not installed, or the schema itself is wrong.</exception>
    public static IReadOnlyList<SchemaVerdict> Judge(string schemaFile, IEnumerable<string> files)
    {
        string program = SourceTree.At("tests", "schema-validator", "judge.js");
        if (!Directory.Exists(Path.Combine(Path.GetDirectoryName(program)!, "node_modules")))
            throw new InvalidOperationException("cannot find ajv: run npm ci --ignore-scripts in tests/schema-validator");

        using var folder = new TemporaryFolder();
        string list = folder.Write("files.json", JsonSerializer.Serialize(files));
        string verdicts = folder["verdicts.json"];
        // Node lies where its installer has put it.
        (_, string output) = RealProgram.Run(
            "/usr/bin/env",
            ["node", program, schemaFile, list, verdicts],
            $"PATH={Environment.GetEnvironmentVariable("PATH")}"
        );
        if (!File.Exists(verdicts))
            throw new InvalidOperationException($"cannot judge by {schemaFile}: {output}");
        return JsonSerializer.Deserialize<SchemaVerdict[]>(File.ReadAllText(verdicts), Json)!;
    }
}
