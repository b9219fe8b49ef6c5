namespace AptHandler.Manifests;

/// <summary>Why a rule refuses a value: a code of <see cref="ManifestProblemCodes"/> and a sentence.</summary>
internal sealed record Objection(string Code, string Message);
