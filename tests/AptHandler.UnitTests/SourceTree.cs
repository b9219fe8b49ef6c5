namespace AptHandler.UnitTests;

/// <summary>The checkout that the tests were built from.</summary>
internal static class SourceTree
{
    private static readonly string Root = FindRoot();

    /// <summary>The path of something in it.</summary>
    public static string At(params string[] names) => Path.Combine([Root, .. names]);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "AptHandler.sln")))
            folder =
                folder.Parent
                ?? throw new DirectoryNotFoundException("cannot find AptHandler.sln above the tests; run them where they were built");
        return folder.FullName;
    }
}
