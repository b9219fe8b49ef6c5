using AptHandler.Apt;

namespace AptHandler.Updates;

/// <summary>How a machine is to be brought to the state that a manifest asks for.</summary>
public sealed record UpdatePlan
{
    /// <summary>The words for <c>apt-get install</c>, in the manifest's order, then the forced pins.</summary>
    public required IReadOnlyList<string> Words { get; init; }

    /// <summary>What apt will do for them.</summary>
    public required AptPlan Apt { get; init; }

    /// <summary>Pins that the manifest does not name, but that strict dependencies of its packages force.</summary>
    public required IReadOnlyList<ForcedPin> ForcedPins { get; init; }

    /// <summary>Packages that the manifest wants and that an earlier run has left unpacked: they only have to be configured.</summary>
    public IReadOnlyList<string> Unfinished { get; init; } = [];

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => Apt.IsEmpty && Unfinished.Count == 0;

    /// <summary>The packages that will change, with the versions before and after.</summary>
    public IReadOnlyList<PackageChange> Changes =>
    [
        .. Apt.Removals.Select(removal => new PackageChange(Qualified(removal.Name, removal.Architecture), removal.OldVersion, null)),
        .. Apt.Installations.Select(installation => new PackageChange(installation.Name, installation.OldVersion, installation.NewVersion)),
    ];

    private static string Qualified(string name, string? architecture) => architecture is null ? name : $"{name}:{architecture}";
}

/// <summary>A pin that a strict dependency (<c>Depends: name (= version)</c>) forces.</summary>
/// <param name="Name">The package that is depended on.</param>
/// <param name="Version">Its version, in the repository's spelling.</param>
/// <param name="By">The package that depends on it.</param>
public sealed record ForcedPin(string Name, string Version, string By);
