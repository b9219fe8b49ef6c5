using AptHandler.Files;
using AptHandler.Manifests;

namespace AptHandler.Authoring.Manifests;

/// <summary>An apt manifest in a file, with the result of reading it.</summary>
public sealed class ManifestFile
{
    /// <summary>The name of standard input.</summary>
    public const string StandardInput = "-";

    // One byte more than a manifest may have. So the reader of manifests notices if the file is too large, and can report other faults.
    private const int MostBytes = ManifestReader.MaximumSize + 1;

    private ManifestFile(string path, byte[] bytes) => (Path, Bytes, Reading) = (path, bytes, ManifestReader.Read(bytes));

    /// <summary>The file as the user has named it.</summary>
    public string Path { get; }

    /// <summary>The whole file.</summary>
    public byte[] Bytes { get; }

    /// <summary>The manifest, or why there is none.</summary>
    public ManifestReading Reading { get; }

    /// <summary>Reads a file. Links are followed, because the file belongs to the user.</summary>
    /// <exception cref="IOException">It cannot be read; the message names it.</exception>
    public static ManifestFile Read(string path) => new(path, BoundedFile.ReadStart(System.IO.Path.GetFullPath(path), MostBytes));

    /// <summary>Reads <see cref="StandardInput"/>.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ManifestFile Read(Stream standardInput)
    {
        var bytes = new byte[MostBytes];
        return new(StandardInput, bytes[..standardInput.ReadAtLeast(bytes, MostBytes, throwOnEndOfStream: false)]);
    }

    /// <summary>A file that cannot be read, as a file without content.</summary>
    public static ManifestFile Unread(string path) => new(path, []);

    /// <summary>The same file with other bytes, which are not written yet.</summary>
    public ManifestFile With(byte[] bytes) => new(Path, bytes);
}
