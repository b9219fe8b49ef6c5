using System.Text.Json;
using AptHandler.Authoring.Linting;
using AptHandler.Authoring.Manifests;
using AptHandler.CommandLine.Output;
using AptHandler.Manifests;

namespace AptHandler.CommandLine.Commands.Authoring;

/// <summary>What lint has found in one file.</summary>
/// <param name="File">The file as it is now.</param>
/// <param name="Findings">What is wrong with it.</param>
/// <param name="Mended">What was wrong with it before it was fixed.</param>
/// <param name="IsCompared">Whether it was compared with earlier manifests.</param>
internal sealed record FileFinding(
    ManifestFile File,
    IReadOnlyList<LintFinding> Findings,
    IReadOnlyList<ManifestProblem> Mended,
    bool IsCompared
);

/// <summary>What lint has found in files, for people and for programs.</summary>
/// <param name="isPlanned">Whether the packages and versions were looked up.</param>
internal sealed class FileFindings(bool isPlanned)
{
    private readonly List<FileFinding> _files = [];

    /// <summary>How many errors there are in all files.</summary>
    public int Errors => Count(ProblemSeverity.Error);

    /// <summary>How many warnings there are in all files.</summary>
    public int Warnings => Count(ProblemSeverity.Warning);

    /// <summary>The files with their findings, in the order in which they were named.</summary>
    public IReadOnlyList<FileFinding> Files => _files;

    /// <summary>Adds a file.</summary>
    public void Add(FileFinding file) => _files.Add(file);

    /// <summary>Prints the findings for a person.</summary>
    public void Print()
    {
        foreach (FileFinding each in _files)
        {
            foreach (ManifestProblem problem in each.Mended)
                Terminal.Print($"{each.File.Path}: mended {problem.Code}: {problem.Fault}");
            if (each.Findings.Count > 0)
                Terminal.Print(
                    ProblemLines.Text(
                        each.File.Path,
                        each.File.Bytes,
                        [.. each.Findings.Select(finding => finding.Problem)],
                        Terminal.IsOutputColored
                    )
                );
        }

        int notes = Count(ProblemSeverity.Note);
        string summary =
            Errors + Warnings + notes == 0
                ? "No problems found."
                : $"{Plural(Errors, "error")}, {Plural(Warnings, "warning")}, {Plural(notes, "note")}.";
        int mendable = _files.Sum(each => each.Findings.Count(finding => finding.Mend is not null));
        Terminal.Print($"{summary}{(mendable == 0 ? "" : $" {mendable} can be mended by --fix.")}");
        if (Errors + Warnings == 0)
            Terminal.Print($"{Extent()}");
    }

    // "No findings" can mean that lint did not check this. Reviewers of a manifest have to know what was checked.
    private string Extent()
    {
        List<string> done = ["the form"],
            open = [];
        (isPlanned ? done : open).Add(isPlanned ? "packages and versions" : "packages and versions (--plan)");
        if (isPlanned && _files.Exists(each => each.File.Reading.Manifest?.Sources.Any(source => !source.IsRemoval) == true))
            open.Add("the manifest's own sources");
        bool isCompared = _files.TrueForAll(each => each.IsCompared);
        (isCompared ? done : open).Add(isCompared ? "earlier manifests" : "earlier manifests (--previous)");
        return $"Checked: {string.Join(", ", done)}.{(open.Count > 0 ? $" Not checked: {string.Join(", ", open)}." : "")}";
    }

    /// <summary>Prints the findings as one JSON object.</summary>
    public void PrintJson() =>
        ResultOutput.PrintJson(writer =>
        {
            writer.Number("errors", Errors);
            writer.Number("warnings", Warnings);
            writer.Number("notes", Count(ProblemSeverity.Note));
            writer.WriteBoolean("isPlanned", isPlanned);
            writer.WriteBoolean("isCompared", _files.TrueForAll(each => each.IsCompared));
            writer.WriteStartArray("findings");
            foreach (FileFinding each in _files)
            {
                foreach (LintFinding finding in each.Findings)
                    Write(writer, each.File.Path, finding.Problem, finding.Mend is not null);
            }

            writer.WriteEndArray();
            writer.WriteStartArray("mended");
            foreach (FileFinding each in _files)
            {
                foreach (ManifestProblem problem in each.Mended)
                    Write(writer, each.File.Path, problem, isMendable: true);
            }

            writer.WriteEndArray();
        });

    private static void Write(Utf8JsonWriter writer, string file, ManifestProblem problem, bool isMendable)
    {
        writer.WriteStartObject();
        ResultOutput.Write(writer, file, problem);
        writer.WriteBoolean("isMendable", isMendable);
        writer.WriteEndObject();
    }

    private int Count(ProblemSeverity severity) => _files.Sum(each => each.Findings.Count(finding => finding.Problem.Severity == severity));

    private static string Plural(int number, string noun) => $"{number} {noun}{(number == 1 ? "" : "s")}";
}
