namespace AptHandler.Manifests;

/// <summary>What a rule has against a value: a code of <see cref="ManifestProblemCodes"/> and a sentence.</summary>
internal sealed record Objection(string Code, string Message);
