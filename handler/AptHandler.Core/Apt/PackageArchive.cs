namespace AptHandler.Apt;

/// <summary>Something that a package ships.</summary>
/// <param name="Path">Where it goes, an absolute path.</param>
/// <param name="IsFolder">Whether it is a folder.</param>
public sealed record ShippedFile(string Path, bool IsFolder);

/// <summary>A .deb file: deb(5). dpkg-deb unpacks it; what it says of its content is read from that.</summary>
public static class PackageArchive
{
    private const int LargestContent = 64 << 20;

    // Most of the time is that of starting dpkg-deb and what it starts in turn, so the next ones are started while one is read.
    private const int ReadAhead = 4;

    /// <summary>All that a package ships. Reading it to the end also proves that the archive is whole.</summary>
    /// <param name="archive">The .deb file.</param>
    /// <param name="wanted">The paths of files whose content is wanted.</param>
    /// <param name="onContent">Gets their content.</param>
    /// <exception cref="IOException">The archive cannot be read.</exception>
    public static IReadOnlyList<ShippedFile> Files(string archive, IReadOnlySet<string>? wanted = null, Action<string, byte[]>? onContent = null)
    {
        using var reading = new ArchiveReading(archive, ArchiveReading.Content);
        return Files(reading, wanted, onContent);
    }

    /// <summary>The same for several packages, in their order.</summary>
    /// <exception cref="IOException">An archive cannot be read.</exception>
    public static IEnumerable<IReadOnlyList<ShippedFile>> FilesOfAll(IReadOnlyList<string> archives)
    {
        var started = new Queue<ArchiveReading>();
        try
        {
            for (int i = 0, next = 0; i < archives.Count; i++)
            {
                for (; next < archives.Count && started.Count < ReadAhead; next++)
                    started.Enqueue(new ArchiveReading(archives[next], ArchiveReading.Content));
                using ArchiveReading reading = started.Dequeue();
                yield return Files(reading, null, null);
            }
        }
        finally
        {
            foreach (ArchiveReading left in started)
                left.Dispose();
        }
    }

    /// <summary>The files of the control part: <c>control</c>, <c>conffiles</c>, the maintainer scripts. By their names.</summary>
    /// <exception cref="IOException">The archive cannot be read.</exception>
    public static IReadOnlyDictionary<string, byte[]> Control(string archive)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        using var reading = new ArchiveReading(archive, ArchiveReading.Control);
        reading.Read(tar =>
        {
            if (tar.IsFile)
                files[Path.GetFileName(tar.Name)] = tar.Content(LargestContent);
        });
        return files;
    }

    private static List<ShippedFile> Files(ArchiveReading reading, IReadOnlySet<string>? wanted, Action<string, byte[]>? onContent)
    {
        var files = new List<ShippedFile>();
        reading.Read(tar =>
        {
            // "./usr/bin/foo", and "./" for the root.
            string path = "/" + (tar.Name.StartsWith("./", StringComparison.Ordinal) ? tar.Name[2..] : tar.Name == "." ? "" : tar.Name).Trim('/');
            if (path.Split('/').Contains("..", StringComparer.Ordinal))
                throw new InvalidDataException($"an entry has the name {tar.Name}");
            files.Add(new ShippedFile(path, tar.IsFolder));
            if (tar.IsFile && wanted?.Contains(path) == true)
                onContent!(path, tar.Content(LargestContent));
        });
        return files;
    }
}
