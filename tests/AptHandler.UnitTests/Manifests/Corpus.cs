namespace AptHandler.UnitTests.Manifests;

/// <summary>The folders of manifests in the repository, whose file names say what is wrong with them.</summary>
internal static class Corpus
{
    private static readonly string Root = FindRoot();

    public static string Examples => Path.Combine(Root, "manifest-schema", "examples");

    public static string Invalid => Path.Combine(Root, "tests", "corpus", "invalid");

    public static string Warned => Path.Combine(Root, "tests", "corpus", "warned");

    public static TheoryData<string> FilesOf(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => Path.GetRelativePath(folder, path))];

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "AptHandler.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not lie below AptHandler.sln.");
        return folder.FullName;
    }
}
