using AptHandler.Manifests;

namespace AptHandler.Authoring.Linting;

/// <summary>One thing that lint has found.</summary>
/// <param name="Problem">What it is, where, and what to do about it.</param>
/// <param name="Mend">The change of the file that does so; null where a person has to decide.</param>
public sealed record LintFinding(ManifestProblem Problem, TextEdit? Mend);
