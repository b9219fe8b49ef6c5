using System.Text;
using AptHandler.Apt;
using AptHandler.Files;
using AptHandler.Manifests;
using AptHandler.Native;
using AptHandler.Processes;

namespace AptHandler.DesiredState;

/// <summary>
/// Hashes of the packages and the sources of a device. Equal packages or sources give equal hashes, so that a fleet can be compared.
/// SHA-256, in lower-case hexadecimal digits.
/// </summary>
public sealed record Fingerprints
{
    private const int LargestFile = 4 << 20;

    private Fingerprints(string packages, string? sources, string? packagesOfOSConfig, string? sourcesOfOSConfig) =>
        (Packages, Sources, PackagesOfOSConfig, SourcesOfOSConfig) = (packages, sources, packagesOfOSConfig, sourcesOfOSConfig);

    /// <summary>
    /// The hash of lines <c>name:architecture=version</c> for every package that is installed, in the order of their bytes.
    /// </summary>
    public string Packages { get; }

    /// <summary>
    /// The hash of the files that apt reads: sources, in both formats, and preferences. Each counts with its name and length, in the order
    /// of their names. Keys do not count. Null where one of the files cannot be read.
    /// </summary>
    public string? Sources { get; }

    /// <summary>
    /// The hash of the packages that the module PackageManager of OSConfig computes: lines <c>name (=version)</c> in dpkg's order. Removed
    /// packages whose configuration is left are included. Null where a plan leaves open which those are.
    /// </summary>
    public string? PackagesOfOSConfig { get; }

    /// <summary>
    /// The hash of the sources that the module computes: the <c>*.list</c> files of sources.list.d, as the file system orders them. Null
    /// where one cannot be read.
    /// </summary>
    public string? SourcesOfOSConfig { get; }

    /// <summary>Why the sources have no fingerprint; null where they have one.</summary>
    public string? SourcesProblem { get; private init; }

    /// <summary>Computes the fingerprints, in one child process.</summary>
    /// <param name="system">The machine, with its sources.</param>
    /// <param name="packages">Its packages.</param>
    /// <param name="manifest">
    /// A manifest whose sources count as if they were on the machine already; null for the machine as it is.
    /// </param>
    /// <exception cref="IOException">The hashes cannot be computed.</exception>
    public static Fingerprints Of(AptSystem system, PackageVersions packages, AptManifest? manifest = null)
    {
        byte[] canonical = packages.Canonical();
        byte[]? asOSConfig = packages.AsOSConfig();
        byte[] sources = [],
            sourcesAsOSConfig = [];
        string? problem = null;
        try
        {
            (sources, sourcesAsOSConfig) = (CanonicalSources(system, manifest), SourcesAsOSConfig(system));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // For example, a file with credentials that only root may read. The packages can be compared all the same.
            problem = e.Message;
        }

        string[] hashes = FileHash.Sha256(canonical, sources, sourcesAsOSConfig, asOSConfig ?? []);
        return new Fingerprints(
            hashes[0],
            problem is null ? hashes[1] : null,
            asOSConfig is null ? null : hashes[3],
            problem is null ? hashes[2] : null
        )
        {
            SourcesProblem = problem,
        };
    }

    /// <summary>Computes <see cref="Packages"/> alone.</summary>
    /// <exception cref="IOException">The hash cannot be computed.</exception>
    public static string OfPackages(PackageVersions packages) => FileHash.Sha256(packages.Canonical())[0];

    /// <summary>The files of sources.list.d that name sources, without folders.</summary>
    public static IReadOnlyList<string> SourceFileNames(AptSystem system)
    {
        var names = new List<string>();
        foreach (string path in AptParts.In(system.SourcePartsFolder, ".list", ".sources"))
            names.Add(Path.GetFileName(path));
        return names;
    }

    private static byte[] CanonicalSources(AptSystem system, AptManifest? manifest)
    {
        var files = new SortedList<string, byte[]>(StringComparer.Ordinal);
        if (AptParts.IsFile(system.SourceListFile))
            Add("", system.SourceListFile);
        foreach (string path in AptParts.In(system.SourcePartsFolder, ".list", ".sources"))
            Add("sources.list.d/", path);
        if (AptParts.IsFile(system.PreferencesFile))
            Add("", system.PreferencesFile);

        // apt_preferences(5): files without an extension count, too.
        foreach (string path in AptParts.In(system.PreferencePartsFolder, ".pref", ""))
            Add("preferences.d/", path);
        foreach (WantedFile wanted in manifest is null ? [] : SourceFiles.Of(manifest, system))
        {
            if (Path.GetDirectoryName(system.PathOf(wanted.Path)) != system.SourcePartsFolder)
                continue;
            string title = $"sources.list.d/{Path.GetFileName(wanted.Path)}";
            if (wanted.Content is { } content)
                files[title] = Encoding.UTF8.GetBytes(content);
            else
                files.Remove(title);
        }

        var text = new MemoryStream();
        foreach (string title in files.Keys)
        {
            text.Write(Encoding.UTF8.GetBytes($"{title} {files[title].Length}\n"));
            text.Write(files[title]);
        }

        return text.ToArray();

        void Add(string folder, string path) => files[folder + Path.GetFileName(path)] = Read(path);
    }

    // Like find -type f: entries in the order of the file system, with folders in their place, and without links.
    private static byte[] SourcesAsOSConfig(AptSystem system)
    {
        var text = new MemoryStream();
        Add(system.SourcePartsFolder);
        return text.ToArray();

        void Add(string folder)
        {
            foreach (string path in Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder) : [])
            {
                Libc.FileStatus? status = Descriptor.StatusOf(path);
                if (status is { IsFolder: true })
                    Add(path);
                else if (status is { IsRegular: true } && path.EndsWith(".list", StringComparison.Ordinal))
                    text.Write(Read(path));
            }
        }
    }

    private static byte[] Read(string path) => BoundedFile.Read(path, LargestFile, followLinks: true);
}
