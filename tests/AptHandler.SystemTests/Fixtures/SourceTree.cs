namespace AptHandler.SystemTests.Fixtures;

/// <summary>The checkout that the tests were built from: its scripts, its sources, and what was built into its artifacts folder.</summary>
public static class SourceTree
{
    private const string Solution = "AptHandler.sln";

    public static string Root { get; } = FindRoot();

    /// <summary>
    /// Where the programs under test lie. DU_APT_ARTIFACTS names another folder, for example that of an installed package.
    /// </summary>
    public static string Artifacts { get; } = Environment.GetEnvironmentVariable("DU_APT_ARTIFACTS") ?? Path.Combine(Root, "artifacts");

    public static string DuApt => Built("du-apt");

    public static string HandlerLibrary => Built("libdu_apt_handler.so");

    public static string Script(string name) => Path.Combine(Root, "scripts", name);

    private static string Built(string name)
    {
        var path = Path.Combine(Artifacts, name);
        return File.Exists(path)
            ? path
            : throw new FileNotFoundException(
                $"cannot find {name} in {Artifacts}: build it first, or name the folder by DU_APT_ARTIFACTS",
                path
            );
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, Solution)))
                return folder.FullName;
        throw new DirectoryNotFoundException($"cannot find {Solution} above {AppContext.BaseDirectory}");
    }
}
