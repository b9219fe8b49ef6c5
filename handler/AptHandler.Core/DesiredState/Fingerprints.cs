using System.Text;
using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Processes;

namespace AptHandler.DesiredState;

/// <summary>
/// Short texts that stand for the packages and the sources of a device: equal where these are equal, so that a fleet can be compared.
/// SHA-256, in lower-case hexadecimal digits.
/// </summary>
public sealed record Fingerprints
{
    private const int LargestFile = 16 << 20;

    private Fingerprints(string packages, string sources, string packagesOfOSConfig, string sourcesOfOSConfig) =>
        (Packages, Sources, PackagesOfOSConfig, SourcesOfOSConfig) = (packages, sources, packagesOfOSConfig, sourcesOfOSConfig);

    /// <summary>Of lines <c>name:architecture=version</c> for every package that is installed, in the order of their bytes.</summary>
    public string Packages { get; }

    /// <summary>Of all that decides where packages come from: source lists of both formats and preferences, in the order of their names.</summary>
    public string Sources { get; }

    /// <summary>The one that the module PackageManager of OSConfig computes: lines <c>name (=version)</c> in dpkg's order, removed packages whose configuration is left included.</summary>
    public string PackagesOfOSConfig { get; }

    /// <summary>The one that the module computes: the <c>*.list</c> files of sources.list.d, as the file system orders them.</summary>
    public string SourcesOfOSConfig { get; }

    /// <summary>Computes them, in one child process.</summary>
    /// <exception cref="IOException">A file cannot be read, or the hashes cannot be computed.</exception>
    public static Fingerprints Of(AptSystem system, DpkgStatus status)
    {
        string[] hashes = FileHash.Sha256(CanonicalPackages(status), CanonicalSources(system), PackagesAsOSConfig(status), SourcesAsOSConfig(system));
        return new Fingerprints(hashes[0], hashes[1], hashes[2], hashes[3]);
    }

    /// <summary>The first of them alone.</summary>
    /// <exception cref="IOException">It cannot be computed.</exception>
    public static string OfPackages(DpkgStatus status) => FileHash.Sha256(CanonicalPackages(status))[0];

    /// <summary>The files of sources.list.d that name sources, without folders.</summary>
    public static IReadOnlyList<string> SourceFileNames(AptSystem system) =>
        Names(system.SourcePartsFolder, ".list", ".sources");

    private static byte[] CanonicalPackages(DpkgStatus status)
    {
        var lines = new List<string>();
        foreach (StatusEntry entry in status.Entries)
        {
            if (entry.IsInstalled)
                lines.Add($"{entry.Name}:{entry.Architecture}={entry.Version}\n");
        }

        lines.Sort(StringComparer.Ordinal);
        return Encoding.UTF8.GetBytes(string.Concat(lines));
    }

    private static byte[] CanonicalSources(AptSystem system)
    {
        var text = new MemoryStream();
        Add("sources.list", system.SourceListFile);
        foreach (string name in Names(system.SourcePartsFolder, ".list", ".sources"))
            Add($"sources.list.d/{name}", Path.Combine(system.SourcePartsFolder, name));
        Add("preferences", system.PreferencesFile);

        // apt_preferences(5): files without an extension count, too.
        foreach (string name in Names(system.PreferencePartsFolder, ".pref", ""))
            Add($"preferences.d/{name}", Path.Combine(system.PreferencePartsFolder, name));
        return text.ToArray();

        void Add(string title, string path)
        {
            if (!File.Exists(path))
                return;
            byte[] content = BoundedFile.Read(path, LargestFile, followLinks: true);
            text.Write(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{title} {content.Length}\n")));
            text.Write(content);
        }
    }

    // As dpkg-query --show prints them: by name, then by architecture; what was purged is not among them.
    private static byte[] PackagesAsOSConfig(DpkgStatus status)
    {
        var lines = new List<string>();
        foreach (StatusEntry entry in status.Entries)
        {
            if (entry.State != PackageState.NotInstalled)
                lines.Add($"{entry.Name}\0{entry.Architecture}\0{entry.Name} (={entry.Version})\n");
        }

        lines.Sort(StringComparer.Ordinal);
        return Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line[(line.LastIndexOf('\0') + 1)..])));
    }

    private static byte[] SourcesAsOSConfig(AptSystem system)
    {
        var text = new MemoryStream();
        if (Directory.Exists(system.SourcePartsFolder))
        {
            foreach (string path in Directory.EnumerateFiles(system.SourcePartsFolder, "*.list", SearchOption.AllDirectories))
                text.Write(BoundedFile.Read(path, LargestFile, followLinks: true));
        }

        return text.ToArray();
    }

    private static List<string> Names(string folder, string extension, string otherExtension)
    {
        var names = new List<string>();
        if (!Directory.Exists(folder))
            return names;
        foreach (string path in Directory.EnumerateFiles(folder))
        {
            string own = Path.GetExtension(path);
            if (own == extension || own == otherExtension)
                names.Add(Path.GetFileName(path));
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }
}
