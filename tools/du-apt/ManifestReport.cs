using AptHandler.Manifests;

namespace AptHandler.CommandLine;

/// <summary>The problems of a manifest for a person: all of them, in the form that compilers use, so that editors can jump to them.</summary>
internal static class ManifestReport
{
    /// <summary>One line a problem: <c>file:line:column: error code: sentence</c>.</summary>
    public static string Text(string file, ManifestReading reading) => string.Join('\n', reading.Problems.Select(
        problem => FormattableString.Invariant(
            $"{file}:{problem.Line}:{problem.Column}: {(problem.Severity == ProblemSeverity.Error ? "error" : "warning")} {problem.Code}: {problem.Message}")));
}
