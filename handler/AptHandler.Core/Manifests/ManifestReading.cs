namespace AptHandler.Manifests;

/// <summary>The result of reading an apt manifest.</summary>
public sealed class ManifestReading
{
    internal ManifestReading(AptManifest? manifest, IReadOnlyList<ManifestProblem> problems) => (Manifest, Problems) = (manifest, problems);

    /// <summary>The manifest; null when there is an error among the <see cref="Problems"/>.</summary>
    public AptManifest? Manifest { get; }

    /// <summary>Errors and warnings in the order of the file.</summary>
    public IReadOnlyList<ManifestProblem> Problems { get; }

    /// <summary>
    /// The problems in one line, for the few bytes that a device can report: their number, and the first error in full (the first warning
    /// where there is no error). At most about 800 bytes of UTF-8.
    /// </summary>
    public string Summary()
    {
        if (Problems.Count == 0)
            return "no problems";

        ManifestProblem first = Problems.FirstOrDefault(problem => problem.Severity == ProblemSeverity.Error) ?? Problems[0];
        int errors = Problems.Count(problem => problem.Severity == ProblemSeverity.Error);
        int warnings = Problems.Count - errors;
        string count = (errors, warnings) switch
        {
            (0, _) => Count(warnings, "warning"),
            (_, 0) => Count(errors, "error"),
            _ => $"{Count(errors, "error")} and {Count(warnings, "warning")}",
        };
        string lead =
            Problems.Count == 1 ? ""
            : first.Severity == ProblemSeverity.Error ? "first error: "
            : "first: ";
        return $"{count}, {lead}line {first.Line}, column {first.Column}: {first.Message}";
    }

    private static string Count(int number, string noun) => $"{number} {noun}{(number == 1 ? "" : "s")}";
}
