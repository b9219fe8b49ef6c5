using System.Text.Json.Serialization;
using AptHandler.Debian;
using AptHandler.Files;

namespace AptHandler.Rollback;

/// <summary>The two sets of packages between which an update moves a machine. There is no third place for it to rest at.</summary>
public enum PackageSet
{
    /// <summary>The packages as they were before.</summary>
    Old,

    /// <summary>The packages as the update wants them.</summary>
    New,
}

/// <summary>Whether the way back is to be kept.</summary>
public enum WayBack
{
    /// <summary>Nothing of the old packages is kept.</summary>
    Unwanted,

    /// <summary>What can be kept is kept.</summary>
    Wanted,

    /// <summary>Without it there is no update.</summary>
    Required,
}

/// <summary>
/// What is kept of a machine before an update changes it: enough to reach either set from wherever the update was cut off, without a
/// network.
/// </summary>
public sealed record Backup
{
    /// <summary>The packages that the update changes.</summary>
    public required IReadOnlyList<KeptPackage> Packages { get; init; }

    /// <summary>apt's marks of these packages, and of others that the update names.</summary>
    public required IReadOnlyList<KeptMark> Marks { get; init; }

    /// <summary>The machine before the update.</summary>
    public required MachineSnapshot Snapshot { get; init; }

    /// <summary>Files that the update itself writes or takes away. How they were is in <see cref="Snapshot"/>.</summary>
    public IReadOnlyList<WantedFile> NewFiles { get; set; } = [];

    /// <summary>Packages that were neither whole nor gone before, and that the update does not touch.</summary>
    public IReadOnlyList<string> BrokenBefore { get; set; } = [];

    /// <summary>Why old archives were not fetched; null where nothing was in the way of that.</summary>
    public string? Obstacle { get; set; }

    /// <summary>Why the packages in <see cref="WithoutWayBack"/> cannot be brought back.</summary>
    [JsonIgnore]
    public string WhyWithoutWayBack => Obstacle ?? $"no .deb of {string.Join(", ", WithoutWayBack)} is available";

    /// <summary>Whether a machine still is as it was when this was kept.</summary>
    public bool Fits(DpkgStatus status) =>
        Packages.All(package =>
            package.Find(status) is { } there
                ? package.Old is { } old && old.Version == there.Version && old.State == there.State && old.Wanted == there.Wanted
                : package.Old is null
        );

    /// <summary>Those of the packages that cannot be brought back to the old version: its archive is not kept.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> WithoutWayBack =>
        [
            .. Packages
                .Where(package => package.Old is { Archive: null, State: not PackageState.ConfigFiles })
                .Select(package => $"{package.Name} {package.Old!.Version}"),
        ];
}

/// <summary>A package in the two sets.</summary>
/// <param name="Name">Its name, with the architecture where that is a foreign one.</param>
/// <param name="Old">How it was; null where it was not there.</param>
/// <param name="New">How it is to be; null where it is to go.</param>
public sealed record KeptPackage(string Name, KeptState? Old, KeptState? New)
{
    /// <summary>Its name and architecture.</summary>
    [JsonIgnore]
    public PackageName Package => PackageName.Known(Name);

    /// <summary>What dpkg knows of it; null where it is not there in any way.</summary>
    public StatusEntry? Find(DpkgStatus status) => status.Find(Package) is { State: not PackageState.NotInstalled } entry ? entry : null;

    /// <summary>How it is in a set.</summary>
    public KeptState? In(PackageSet set) => set == PackageSet.Old ? Old : New;
}

/// <summary>The state of a package in a set.</summary>
/// <param name="Version">Its version.</param>
/// <param name="State">How far it is installed.</param>
/// <param name="Wanted">What is wanted of it: a hold, say.</param>
/// <param name="Archive">The name of its .deb file in the backup; null where it is not kept.</param>
public sealed record KeptState(string Version, PackageState State, PackageSelection Wanted, string? Archive);

/// <summary>apt's mark of a package.</summary>
/// <param name="Name">Its name, with the architecture where that is a foreign one.</param>
/// <param name="Old">Whether it was there for the sake of others; null where it was not there.</param>
/// <param name="New">The same in the new set.</param>
/// <param name="IsByApt">Whether apt decides it in a transaction that nothing cuts off.</param>
public sealed record KeptMark(string Name, bool? Old, bool? New, bool IsByApt)
{
    /// <summary>The mark in a set.</summary>
    public bool? In(PackageSet set) => set == PackageSet.Old ? Old : New;
}

/// <summary>The JSON of <c>backup.json</c>, generated at build time. Apart from the rest because the library does not need it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    UseStringEnumConverter = true,
    GenerationMode = JsonSourceGenerationMode.Metadata
)]
[JsonSerializable(typeof(Backup))]
[JsonSerializable(typeof(UpdateTrace))]
[JsonSerializable(typeof(NotedChanges))]
internal sealed partial class BackupJson : JsonSerializerContext;
