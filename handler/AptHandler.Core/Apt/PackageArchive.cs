namespace AptHandler.Apt;

/// <summary>What a package can ship.</summary>
public enum ShippedKind
{
    /// <summary>A regular file.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link.</summary>
    Link,

    /// <summary>Another name of a file that the package ships.</summary>
    HardLink,

    /// <summary>A device or a named pipe.</summary>
    Other,
}

/// <summary>Something that a package ships.</summary>
/// <param name="Path">Where it goes, an absolute path.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Target">Where a symbolic link leads, or the path that a hard link is another name of; else empty.</param>
public sealed record ShippedFile(string Path, ShippedKind Kind, string Target)
{
    /// <summary>Whether it is a folder.</summary>
    public bool IsFolder => Kind == ShippedKind.Folder;
}

/// <summary>A .deb file: deb(5). dpkg-deb unpacks it, and its content is read from the output of dpkg-deb.</summary>
public static class PackageArchive
{
    // The largest part of it is the checksums of the files, and a package may ship many files.
    private const int LargestControl = 32 << 20;

    // The largest packages of Debian ship about 100,000 files. A package with more than this is made to fill the memory of a device.
    private const int MostEntries = 250_000;

    // Most of the time is needed to start dpkg-deb and its child processes. So the next ones are started while one is read.
    private const int ReadAhead = 4;

    /// <summary>Reads all that a package ships. Reading it to the end also proves that the archive is whole.</summary>
    /// <param name="archive">The .deb file.</param>
    /// <param name="onShipped">Gets each thing that the package ships, and may read the content of a regular file.</param>
    /// <exception cref="IOException">The archive cannot be read.</exception>
    internal static void Read(string archive, Action<ShippedFile, TarReader> onShipped) => ReadAll([archive], onShipped);

    /// <summary>The same for several packages, in their order.</summary>
    /// <exception cref="IOException">An archive cannot be read.</exception>
    internal static void ReadAll(IReadOnlyList<string> archives, Action<ShippedFile, TarReader> onShipped)
    {
        foreach (ArchiveReading reading in InOrder(archives, ArchiveReading.Content))
            Read(reading, onShipped);
    }

    /// <summary>The files of the control part by their names: <c>control</c>, <c>conffiles</c>, the maintainer scripts.</summary>
    /// <exception cref="IOException">The archive cannot be read.</exception>
    public static IReadOnlyDictionary<string, byte[]> Control(string archive)
    {
        using var reading = new ArchiveReading(archive, ArchiveReading.Control);
        return Control(reading);
    }

    /// <summary>The same for several packages, in their order.</summary>
    /// <exception cref="IOException">An archive cannot be read.</exception>
    public static IEnumerable<IReadOnlyDictionary<string, byte[]>> ControlOfAll(IReadOnlyList<string> archives) =>
        InOrder(archives, ArchiveReading.Control).Select(Control);

    private static IEnumerable<ArchiveReading> InOrder(IReadOnlyList<string> archives, string part)
    {
        var started = new Queue<ArchiveReading>();
        try
        {
            for (int i = 0, next = 0; i < archives.Count; i++)
            {
                for (; next < archives.Count && started.Count < ReadAhead; next++)
                    started.Enqueue(new ArchiveReading(archives[next], part));
                using ArchiveReading reading = started.Dequeue();
                yield return reading;
            }
        }
        finally
        {
            foreach (ArchiveReading left in started)
                left.Dispose();
        }
    }

    private static Dictionary<string, byte[]> Control(ArchiveReading reading)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        int left = LargestControl;
        reading.Read(tar =>
        {
            if (tar.Kind != ShippedKind.File)
                return;
            if (tar.Length > left)
                throw new InvalidDataException($"it has more than {LargestControl >> 20} MiB of control files");
            files[Path.GetFileName(tar.Name)] = tar.Content(left);
            left -= (int)tar.Length;
        });
        return files;
    }

    private static void Read(ArchiveReading reading, Action<ShippedFile, TarReader> onShipped)
    {
        int count = 0;
        reading.Read(tar =>
        {
            if (++count > MostEntries)
                throw new InvalidDataException($"it ships more than {MostEntries} files");
            onShipped(new ShippedFile(PathOf(tar.Name), tar.Kind, tar.Kind == ShippedKind.HardLink ? PathOf(tar.Target) : tar.Target), tar);
        });
    }

    // "./usr/bin/foo", and "./" for the root.
    private static string PathOf(string name)
    {
        string path =
            "/"
            + (
                name.StartsWith("./", StringComparison.Ordinal) ? name[2..]
                : name == "." ? ""
                : name
            ).Trim('/');
        return path.Split('/').Contains("..", StringComparer.Ordinal)
            ? throw new InvalidDataException($"an entry has the name {name}")
            : path;
    }
}
