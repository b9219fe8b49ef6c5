namespace AptHandler.Fuzzing.Engine;

/// <summary>The inputs that fuzzing begins with: small ones that mean something, and those that once showed a fault.</summary>
internal static class SeedCorpus
{
    /// <summary>The seeds of a target, each time in the same order.</summary>
    public static IReadOnlyList<byte[]> Of(FuzzTarget target) => [.. FilesOf(target).Select(File.ReadAllBytes)];

    /// <summary>The files with the seeds.</summary>
    public static IEnumerable<string> FilesOf(FuzzTarget target)
    {
        foreach (string folder in (string[])[$"tests/corpus/fuzz/{target.Name}", .. target.SeedFolders])
        {
            string[] files = Directory.GetFiles(InCheckout(folder));
            Array.Sort(files, StringComparer.Ordinal);
            foreach (string file in files)
                yield return file;
        }
    }

    /// <summary>The path of something in the checkout that this was built from.</summary>
    public static string InCheckout(string path)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "AptHandler.sln")))
            folder = folder.Parent ?? throw new FormatException("cannot find AptHandler.sln above the program; run it where it was built");
        return Path.Combine(folder.FullName, path);
    }
}
