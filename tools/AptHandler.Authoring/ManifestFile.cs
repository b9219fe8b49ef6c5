using AptHandler.Files;
using AptHandler.Manifests;

namespace AptHandler.Authoring;

/// <summary>An apt manifest in a file, with what came of reading it.</summary>
public sealed class ManifestFile
{
    private ManifestFile(string path, byte[] bytes) => (Path, Bytes, Reading) = (path, bytes, ManifestReader.Read(bytes));

    /// <summary>The file as the user has named it.</summary>
    public string Path { get; }

    /// <summary>The whole file.</summary>
    public byte[] Bytes { get; }

    /// <summary>The manifest, or why there is none.</summary>
    public ManifestReading Reading { get; }

    /// <summary>Reads a file. Links are followed: it is the user's own.</summary>
    /// <exception cref="IOException">It cannot be read; the message names it.</exception>
    public static ManifestFile Read(string path) =>
        new(path, BoundedFile.Read(System.IO.Path.GetFullPath(path), ManifestReader.MaximumSize + 1, followLinks: true));

    /// <summary>The same file with other bytes, which nobody has written yet.</summary>
    public ManifestFile With(byte[] bytes) => new(Path, bytes);
}
