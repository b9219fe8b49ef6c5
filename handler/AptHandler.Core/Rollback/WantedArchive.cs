using System.Text;
using AptHandler.Apt;
using AptHandler.Debian;

namespace AptHandler.Rollback;

/// <summary>A package as it is in one of the two sets, and whether the backup has the archive of that version.</summary>
/// <param name="Name">Its name, with the architecture where that is a foreign one.</param>
/// <param name="Set">The set.</param>
/// <param name="Version">Its version in the set; empty where it is not in the set.</param>
/// <param name="Architecture">Its architecture; empty where it is not in the set.</param>
/// <param name="State">How far it is installed in the set.</param>
/// <param name="Selection">Its wanted state, for example a hold.</param>
internal sealed record WantedArchive(
    string Name,
    PackageSet Set,
    string Version,
    string Architecture,
    PackageState State,
    PackageSelection Selection
)
{
    /// <summary>The name of the archive in the backup; null until the backup has it.</summary>
    public string? Archive { get; set; }

    /// <summary>Whether the archive is checked: of the installed build, or of a package without checksums to compare.</summary>
    public bool IsProven { get; set; }

    /// <summary>Whether this is the archive of a package that is installed before the update.</summary>
    public bool IsInstalled => Set == PackageSet.Old && State == PackageState.Installed;

    /// <summary>Its name and architecture.</summary>
    public PackageName Package => PackageName.Known(Name);

    /// <summary>Its name without architecture.</summary>
    public string BareName => Name.Split(':')[0];

    /// <summary>Package and version as apt-get(8) accepts them: <c>NAME=VERSION</c>.</summary>
    public string Word => $"{Name}={Version}";

    /// <summary>The name that apt gives the archive.</summary>
    public string ArchiveName => PlannedInstallation.ArchiveNameOf(BareName, Version, Architecture);

    /// <summary>The packages of an update. A package that is in both sets appears twice.</summary>
    /// <param name="plan">What apt will do.</param>
    /// <param name="unfinished">Packages that will only be configured.</param>
    /// <param name="status">The packages of the machine now.</param>
    public static List<WantedArchive> AllOf(AptPlan plan, IReadOnlyList<string> unfinished, DpkgStatus status)
    {
        var wanted = new List<WantedArchive>();
        foreach (PlannedInstallation each in plan.Installations)
        {
            wanted.Add(AsInstalled(each.QualifiedName, status));
            wanted.Add(
                new WantedArchive(
                    each.QualifiedName,
                    PackageSet.New,
                    each.NewVersion,
                    each.Architecture,
                    PackageState.Installed,
                    PackageSelection.Install
                )
            );
        }

        foreach (PlannedRemoval each in plan.Removals)
            wanted.Add(AsInstalled(each.QualifiedName, status));
        foreach (string name in unfinished)
        {
            WantedArchive old = AsInstalled(name, status);
            wanted.Add(old);
            wanted.Add(old with { Set = PackageSet.New, State = PackageState.Installed });
        }

        return wanted;
    }

    /// <summary>
    /// Whether an archive is of this version, and can be read to its end. Nothing more can be checked where no source has the version any
    /// more, because then its hash is unknown.
    /// </summary>
    /// <param name="path">The archive.</param>
    public bool IsWholeAt(string path)
    {
        try
        {
            byte[] text = PackageArchive.Control(path).GetValueOrDefault("control", []);
            ControlParagraph control = ControlParagraph.ParseAll(Encoding.UTF8.GetString(text))[0];
            PackageArchive.Read(path, (_, _) => { });
            return control["Package"] == BareName && control["Version"] == Version && control["Architecture"] == Architecture;
        }
        catch (Exception e) when (e is IOException or ArgumentOutOfRangeException)
        {
            return false;
        }
    }

    // A package that is not installed has no version. It belongs to the update, and is absent from the old set.
    private static WantedArchive AsInstalled(string name, DpkgStatus status)
    {
        StatusEntry? entry = status.Find(PackageName.Known(name));
        return entry is { State: not PackageState.NotInstalled, Version.Length: > 0 } there
            ? new WantedArchive(name, PackageSet.Old, there.Version, there.Architecture, there.State, there.Wanted)
            : new WantedArchive(name, PackageSet.Old, "", "", PackageState.NotInstalled, PackageSelection.Unknown);
    }
}
