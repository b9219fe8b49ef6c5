namespace AptHandler.UnitTests.Manifests;

/// <summary>The folders of manifests in the repository, whose file names say what is wrong with them.</summary>
internal static class Corpus
{
    public static string Examples => SourceTree.At("manifest-schema", "examples");

    public static string Invalid => SourceTree.At("tests", "corpus", "invalid");

    public static string Warned => SourceTree.At("tests", "corpus", "warned");

    /// <summary>The paths of all files, in an order that is the same everywhere.</summary>
    public static IEnumerable<string> All => new[] { Examples, Invalid, Warned }.SelectMany(PathsIn);

    public static TheoryData<string> FilesOf(string folder) => [.. PathsIn(folder).Select(path => Path.GetRelativePath(folder, path))];

    private static IEnumerable<string> PathsIn(string folder) =>
        Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
}
