using System.Text.Json.Serialization;
using AptHandler.Debian;
using AptHandler.Files;

namespace AptHandler.Rollback;

/// <summary>The two sets of packages between which an update moves a machine. A machine must never stay between them.</summary>
public enum PackageSet
{
    /// <summary>The packages as they were before.</summary>
    Old,

    /// <summary>The packages as the update wants them.</summary>
    New,
}

/// <summary>Whether to keep the way back.</summary>
public enum WayBack
{
    /// <summary>Nothing of the old packages is kept.</summary>
    Unwanted,

    /// <summary>What can be kept is kept.</summary>
    Wanted,

    /// <summary>Without a way back the update does not start.</summary>
    Required,
}

/// <summary>
/// The data kept of a machine before an update changes it. It is enough to reach either set without a network, wherever the update was cut
/// off.
/// </summary>
public sealed record Backup
{
    /// <summary>The packages that the update changes.</summary>
    public required IReadOnlyList<KeptPackage> Packages { get; init; }

    /// <summary>apt's marks of these packages, and of others that the update names.</summary>
    public required IReadOnlyList<KeptMark> Marks { get; init; }

    /// <summary>The machine before the update.</summary>
    public required MachineSnapshot Snapshot { get; init; }

    /// <summary>Files that the update itself writes or removes. <see cref="Snapshot"/> has their old state.</summary>
    public IReadOnlyList<WantedFile> NewFiles { get; set; } = [];

    /// <summary>Packages that were only partly installed or broken before, and that the update does not touch.</summary>
    public IReadOnlyList<string> BrokenBefore { get; set; } = [];

    /// <summary>Why old archives were not fetched; null where nothing blocked that.</summary>
    public string? Obstacle { get; set; }

    /// <summary>Why the packages in <see cref="WithoutWayBack"/> cannot be brought back.</summary>
    [JsonIgnore]
    public string WhyWithoutWayBack => WhyNot(WithoutWayBack);

    /// <summary>Why packages cannot be brought back.</summary>
    /// <param name="packages">Their names and versions.</param>
    public string WhyNot(IEnumerable<string> packages) => Obstacle ?? $"no .deb of {string.Join(", ", packages)} is available";

    /// <summary>Whether a machine still is as it was when this backup was made.</summary>
    public bool Fits(DpkgStatus status) =>
        Packages.All(package =>
            package.Find(status) is { } there
                ? package.Old is { } old && old.Version == there.Version && old.State == there.State && old.Wanted == there.Wanted
                : package.Old is null
        );

    /// <summary>Packages that cannot be brought back to the old version, because its archive is not kept.</summary>
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
/// <param name="Old">Its old state; null where it was not installed.</param>
/// <param name="New">Its new state; null where it is to be removed.</param>
public sealed record KeptPackage(string Name, KeptState? Old, KeptState? New)
{
    /// <summary>Its name and architecture.</summary>
    [JsonIgnore]
    public PackageName Package => PackageName.Known(Name);

    /// <summary>The entry of the package in dpkg's status; null where the package is not installed and has left nothing behind.</summary>
    public StatusEntry? Find(DpkgStatus status) => status.Find(Package) is { State: not PackageState.NotInstalled } entry ? entry : null;

    /// <summary>The state of the package in a set.</summary>
    public KeptState? In(PackageSet set) => set == PackageSet.Old ? Old : New;
}

/// <summary>The state of a package in a set.</summary>
/// <param name="Version">Its version.</param>
/// <param name="State">How far it is installed.</param>
/// <param name="Wanted">Its wanted state, for example a hold.</param>
/// <param name="Archive">The name of its .deb file in the backup; null where it is not kept.</param>
public sealed record KeptState(string Version, PackageState State, PackageSelection Wanted, string? Archive);

/// <summary>apt's mark of a package.</summary>
/// <param name="Name">Its name, with the architecture where that is a foreign one.</param>
/// <param name="Old">Whether it was marked as automatically installed; null where it was not installed.</param>
/// <param name="New">The same in the new set.</param>
/// <param name="IsByApt">Whether apt itself sets the mark in a transaction that is not cut off.</param>
public sealed record KeptMark(string Name, bool? Old, bool? New, bool IsByApt)
{
    /// <summary>The mark in a set.</summary>
    public bool? In(PackageSet set) => set == PackageSet.Old ? Old : New;
}

/// <summary>The JSON of <c>backup.json</c>, generated at build time. It is a separate class because the library does not need it.</summary>
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
