using AptHandler.Manifests;

namespace AptHandler.Authoring.ImportManifests;

/// <summary>A file of an import that was read, and what is wrong with it.</summary>
public sealed class VerifiedFile
{
    internal VerifiedFile(string file, byte[] utf8, IReadOnlyList<ManifestProblem> problems) =>
        (File, Utf8, Problems) = (file, utf8, problems);

    /// <summary>The path of the file, in the folder of the import manifest as the user named it.</summary>
    public string File { get; }

    /// <summary>Its bytes.</summary>
    public byte[] Utf8 { get; }

    /// <summary>Errors and warnings in the order of the file; there may be none.</summary>
    public IReadOnlyList<ManifestProblem> Problems { get; }

    /// <summary>The apt manifest in it; null where it has errors, and where the file is the import manifest.</summary>
    internal AptManifest? AptManifest { get; init; }
}
