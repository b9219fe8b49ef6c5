using AptHandler.Manifests;

namespace AptHandler.Authoring.Linting;

/// <summary>One thing that lint has found.</summary>
/// <param name="Problem">The problem, its place, and its remedy.</param>
/// <param name="Mend">The change of the file that fixes it; null where a person has to decide.</param>
public sealed record LintFinding(ManifestProblem Problem, TextEdit? Mend);
