using System.Text;
using AptHandler.Debian;
using AptHandler.Files;

namespace AptHandler.Apt;

/// <summary>
/// The machine that apt works on: this one, or a private root that a configuration file describes. apt gets the file as APT_CONFIG. Some
/// things must be known without asking apt, for example where dpkg keeps its status and where archives go. They are read from the file by
/// apt's own rules.
/// </summary>
public sealed class AptSystem
{
    private const int LargestConfiguration = 1 << 20;

    // Folders that may be a file system of their own and get files of packages.
    private static readonly string[] UsualPlaces =
    [
        "/",
        "/usr",
        "/etc",
        "/var",
        "/boot",
        "/boot/efi",
        "/boot/firmware",
        "/lib",
        "/opt",
        "/srv",
    ];

    private AptSystem(string? configurationFile, AptOptions options, string[] environment)
    {
        ConfigurationFile = configurationFile;
        DpkgOptions = options.FindAll("DPkg::Options");
        AddOwnFiles(options);
        NativeArchitecture = options.Find("APT::Architecture") ?? DebianArchitecture.OfThisProcess;
        RootFolder = options.Find("Dir") ?? "/";
        string state = options.FindPath("var/lib/apt", "Dir::State");
        StatusFile = options.FindPath(Path.Combine(RootFolder, "var/lib/dpkg/status"), "Dir::State::status", state);
        AdminFolder = Path.GetDirectoryName(StatusFile) ?? "/";
        ExtendedStatesFile = options.FindPath("extended_states", "Dir::State::extended_states", state);
        Dpkg = options.Find("Dir::Bin::dpkg") ?? "/usr/bin/dpkg";
        Environment =
        [
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME=/root",
            "LC_ALL=C.UTF-8",
            "DEBIAN_FRONTEND=noninteractive",
            "DEBCONF_NONINTERACTIVE_SEEN=true",
            "APT_LISTCHANGES_FRONTEND=none",
            "NEEDRESTART_SUSPEND=1",
            .. configurationFile is null ? Array.Empty<string>() : [$"APT_CONFIG={configurationFile}"],
            .. environment,
        ];
        ListsFolder = options.FindPath("lists", "Dir::State::lists", state);
        string cache = options.FindPath("var/cache/apt", "Dir::Cache");
        ArchivesFolder = options.FindPath("archives", "Dir::Cache::archives", cache);
        OverlayFolder = Path.Combine(cache, "du-apt-sources");
        string etc = options.FindPath("etc/apt", "Dir::Etc");
        SourceListFile = options.FindPath("sources.list", "Dir::Etc::sourcelist", etc);
        SourcePartsFolder = options.FindPath("sources.list.d", "Dir::Etc::sourceparts", etc);
        PreferencesFile = options.FindPath("preferences", "Dir::Etc::preferences", etc);
        PreferencePartsFolder = options.FindPath("preferences.d", "Dir::Etc::preferencesparts", etc);
        KeyringsFolder = Path.Combine(etc, "keyrings");
    }

    /// <summary>This machine, as apt is configured now.</summary>
    public static AptSystem ReadHost() => new(null, new AptOptions(), []);

    /// <summary>The architecture that apt assumes for a name without one.</summary>
    public string NativeArchitecture { get; }

    /// <summary>The file for APT_CONFIG, or null for this machine.</summary>
    public string? ConfigurationFile { get; }

    /// <summary>The top of the file system that packages are unpacked to.</summary>
    public string RootFolder { get; }

    /// <summary>dpkg's status file.</summary>
    public string StatusFile { get; }

    /// <summary>dpkg's administrative folder, which holds <see cref="StatusFile"/>.</summary>
    public string AdminFolder { get; }

    /// <summary>The file of apt's marks: they tell which packages are only there because others need them.</summary>
    public string ExtendedStatesFile { get; }

    /// <summary>The program dpkg.</summary>
    public string Dpkg { get; }

    /// <summary>
    /// The options that apt passes to dpkg in a private root. Options from this machine's own apt configuration are not repeated here.
    /// </summary>
    public IReadOnlyList<string> DpkgOptions { get; }

    /// <summary>The environment of apt, dpkg and related programs.</summary>
    public IReadOnlyList<string> Environment { get; }

    /// <summary>Where apt keeps the indexes of its sources.</summary>
    public string ListsFolder { get; }

    /// <summary>Where apt puts the archives that it has fetched.</summary>
    public string ArchivesFolder { get; }

    /// <summary>The single file of sources, <c>sources.list</c>.</summary>
    public string SourceListFile { get; }

    /// <summary>The folder with more files of sources, <c>sources.list.d</c>.</summary>
    public string SourcePartsFolder { get; }

    /// <summary>The file of pins (apt_preferences(5)).</summary>
    public string PreferencesFile { get; }

    /// <summary>The folder with more files of pins.</summary>
    public string PreferencePartsFolder { get; }

    /// <summary>Keys of sources that were added by hand, or by an update.</summary>
    public string KeyringsFolder { get; }

    /// <summary>The folder for sources that the device does not have yet, while a step needs them.</summary>
    internal string OverlayFolder { get; }

    /// <summary>One existing folder on each file system that packages are unpacked to.</summary>
    public IReadOnlyList<string> FileSystems =>
        [
            .. UsualPlaces
                .Select(PathOf)
                .Append(AdminFolder)
                .Where(Directory.Exists)
                .DistinctBy(folder => $"{Descriptor.DeviceOf(folder)}", StringComparer.Ordinal),
        ];

    /// <summary>What dpkg knows of the packages now.</summary>
    /// <exception cref="DpkgStatusException">dpkg's status file cannot be read.</exception>
    public DpkgStatus ReadStatus() => DpkgStatus.Read(StatusFile, NativeArchitecture);

    /// <summary>apt's marks of the packages now.</summary>
    /// <exception cref="IOException">The marks cannot be read.</exception>
    public AutoMarks ReadMarks() => AutoMarks.Read(ExtendedStatesFile, NativeArchitecture);

    /// <summary>The full path of a file of the machine.</summary>
    /// <param name="path">An absolute path, as packages have it.</param>
    public string PathOf(string path) => Path.Combine(RootFolder, path.TrimStart('/'));

    /// <summary>A full path as seen from the root of the machine: the reverse of <see cref="PathOf"/>.</summary>
    /// <param name="whole">An absolute path.</param>
    internal string SeenFromRoot(string whole) => $"/{Path.GetRelativePath(RootFolder, whole)}";

    /// <summary>Reads the description of a private root.</summary>
    /// <param name="configurationFile">A file in the format of apt.conf(5).</param>
    /// <param name="environment">More variables for apt's environment: <c>NAME=value</c>.</param>
    /// <exception cref="IOException">
    /// The file cannot be read. That is an error on purpose: apt itself would only warn, and work on the host.
    /// </exception>
    public static AptSystem Read(string configurationFile, params string[] environment)
    {
        byte[] text = BoundedFile.Read(configurationFile, LargestConfiguration, followLinks: true);
        var options = AptOptions.Parse(Encoding.UTF8.GetString(text));

        // apt puts RootDir before every path. We would then look for dpkg's status in another place than apt does.
        return options.Find("RootDir") is null
            ? new AptSystem(Path.GetFullPath(configurationFile), options, environment)
            : throw new IOException($"cannot use {configurationFile}: it sets RootDir; set Dir and the paths below it instead");
    }

    // The files are read in apt's order: a later value overrides an earlier one. Files that this user may not read are left out, for
    // example one with the password of a proxy.
    private static void AddOwnFiles(AptOptions options)
    {
        string etc = options.FindPath("etc/apt", "Dir::Etc");
        string[] parts = [];
        try
        {
            parts = AptParts.In(options.FindPath("apt.conf.d", "Dir::Etc::parts", etc), ".conf", "");
        }
        catch (UnauthorizedAccessException) { }

        foreach (string file in (string[])[.. parts, options.FindPath("apt.conf", "Dir::Etc::main", etc)])
        {
            try
            {
                options.Add(Encoding.UTF8.GetString(BoundedFile.Read(file, LargestConfiguration, followLinks: true)));
            }
            catch (IOException) { }
        }
    }
}
