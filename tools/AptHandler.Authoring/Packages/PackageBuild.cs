using AptHandler.Files;
using AptHandler.Processes;

namespace AptHandler.Authoring.Packages;

/// <summary>Builds packages with dpkg-deb(1). The same package and time give the same bytes, wherever they are built.</summary>
public static class PackageBuild
{
    private const string Program = "/usr/bin/dpkg-deb";
    private const int LongestTalk = 400;

    private const UnixFileMode OfFiles = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode OfFolders = OfFiles | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Builds a package into a folder, whole or not at all. An existing file of that name is replaced.</summary>
    /// <param name="package">The package.</param>
    /// <param name="folder">The folder; it exists.</param>
    /// <param name="time">The time of all files in the package.</param>
    /// <returns>The path of the file.</returns>
    /// <exception cref="IOException">It cannot be built or written.</exception>
    /// <exception cref="UnauthorizedAccessException">There is no place for temporary files.</exception>
    public static string Write(BinaryPackage package, string folder, DateTimeOffset time)
    {
        DirectoryInfo work = Directory.CreateTempSubdirectory("du-apt-");
        try
        {
            DirectoryInfo tree = work.CreateSubdirectory("tree");
            Put(tree, "DEBIAN/control", package.Control);
            if (package.File is not null)
                Put(tree, package.File, package.Content);
            foreach (FileSystemInfo each in tree.EnumerateFileSystemInfos("*", SearchOption.AllDirectories))
                Settle(each, time);
            Settle(tree, time);

            string built = Path.Combine(work.FullName, package.Archive);
            Build(tree.FullName, built, time);
            string path = Path.Combine(folder, package.Archive);
            AuthoredFile.Write(path, File.ReadAllBytes(built));
            return path;
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    private static void Put(DirectoryInfo tree, string name, string content)
    {
        string path = Path.Combine(tree.FullName, name);
        _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }

    // Otherwise the caller's umask, or a group that the temporary folder passes on, would show up in the package.
    private static void Settle(FileSystemInfo entry, DateTimeOffset time)
    {
        entry.UnixFileMode = entry is DirectoryInfo ? OfFolders : OfFiles;
        entry.LastWriteTimeUtc = time.UtcDateTime;
    }

    private static void Build(string tree, string file, DateTimeOffset time)
    {
        // Not compressed: different releases of compressors give different bytes, and the package has only a few kilobytes.
        string[] arguments = ["-Znone", "--root-owner-group", "--build", tree, file];
        string[] environment =
        [
            "PATH=/usr/bin:/bin",
            "LC_ALL=C.UTF-8",
            $"TMPDIR={Path.GetDirectoryName(file)}",
            $"SOURCE_DATE_EPOCH={time.ToUnixTimeSeconds()}",
        ];
        using var errors = Descriptor.InMemory("errors");
        using ChildProcess child = ChildProcess.Spawn(new ChildStart(Program, arguments, environment) { Error = errors.Number });
        ExitStatus exit = child.Wait(TimeSpan.FromMinutes(1)) ?? child.Terminate(TimeSpan.FromSeconds(1));
        if (!exit.IsSuccess)
            throw new IOException(errors.ReadEnd(LongestTalk).Trim() is { Length: > 0 } said ? said : $"dpkg-deb: {exit}");
    }
}
