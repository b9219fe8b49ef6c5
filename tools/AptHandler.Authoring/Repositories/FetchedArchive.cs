namespace AptHandler.Authoring.Repositories;

/// <summary>An archive that was fetched, and found to be what its source says.</summary>
/// <param name="Package">The package.</param>
/// <param name="File">Where it lies.</param>
public sealed record FetchedArchive(SnapshotPackage Package, string File);
