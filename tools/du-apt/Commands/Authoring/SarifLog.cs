using System.Globalization;
using System.Text;
using System.Text.Json;
using AptHandler.Authoring.Linting;
using AptHandler.Authoring.Manifests;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Manifests;

namespace AptHandler.CommandLine.Commands.Authoring;

/// <summary>Writes findings in SARIF 2.1.0, the OASIS standard that code review tools read.</summary>
internal static class SarifLog
{
    /// <summary>Prints a log of one run.</summary>
    public static void Print(FileFindings findings)
    {
        List<string> rules =
        [
            .. findings.Files.SelectMany(file => file.Findings).Select(finding => finding.Problem.Code).Distinct(StringComparer.Ordinal),
        ];
        ResultOutput.PrintJson(writer =>
        {
            writer.WriteString("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
            writer.WriteString("version", "2.1.0");
            writer.WriteStartArray("runs");
            writer.WriteStartObject();
            WriteTool(writer, rules);
            writer.WriteString("columnKind", "utf16CodeUnits");
            writer.WriteStartArray("results");
            foreach (FileFinding file in findings.Files)
            {
                foreach (LintFinding finding in file.Findings)
                    WriteResult(writer, file.File, finding.Problem, rules);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndArray();
        });
    }

    private static void WriteTool(Utf8JsonWriter writer, List<string> rules)
    {
        writer.WriteStartObject("tool");
        writer.WriteStartObject("driver");
        writer.WriteString("name", "du-apt manifest lint");
        writer.WriteString("version", ProductVersion.Text);
        writer.WriteStartArray("rules");
        foreach (string rule in rules)
        {
            writer.WriteStartObject();
            writer.WriteString("id", rule);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter writer, ManifestFile file, ManifestProblem problem, List<string> rules)
    {
        writer.WriteStartObject();
        writer.WriteString("ruleId", problem.Code);
        writer.WriteNumber("ruleIndex", rules.IndexOf(problem.Code));
        writer.WriteString("level", ManifestProblem.NameOf(problem.Severity));
        writer.WriteStartObject("message");
        writer.WriteString("text", problem.Message);
        writer.WriteEndObject();
        writer.WriteStartArray("locations");
        writer.WriteStartObject();
        writer.WriteStartObject("physicalLocation");
        writer.WriteStartObject("artifactLocation");
        writer.WriteString("uri", UriOf(file.Path));
        writer.WriteEndObject();
        writer.WriteStartObject("region");
        writer.WriteNumber("startLine", problem.Line);
        writer.WriteNumber("startColumn", problem.Column);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteStartArray("logicalLocations");
        writer.WriteStartObject();
        writer.WriteString("fullyQualifiedName", problem.Path);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    // Relative to the folder in which lint was started. In a review, that is the top of the repository.
    private static string UriOf(string path)
    {
        var uri = new StringBuilder(Path.IsPathRooted(path) ? "file://" : "");
        foreach (byte each in Encoding.UTF8.GetBytes(path))
        {
            if (char.IsAsciiLetterOrDigit((char)each) || "/-._~"u8.Contains(each))
                uri.Append((char)each);
            else
                uri.Append(CultureInfo.InvariantCulture, $"%{each:X2}");
        }

        return uri.ToString();
    }
}
