namespace AptHandler.Manifests;

/// <summary>An apt manifest without errors: the wanted state of a device.</summary>
public sealed class AptManifest
{
    /// <summary>The name of the manifest, which need not be the name of any package.</summary>
    public required string Name { get; init; }

    /// <summary>The version of the manifest. It may be any text: it is compared for equality only.</summary>
    public required string Version { get; init; }

    /// <summary>What to do with each package, in the order of the file. Every package appears once.</summary>
    public required IReadOnlyList<PackageIntent> Packages { get; init; }

    /// <summary>
    /// Sources to add to the device or to remove from it, in the order of the file. All others stay as they are.
    /// </summary>
    public IReadOnlyList<AptSource> Sources { get; init; } = [];

    /// <summary>Whether to restart the agent once the packages are in place.</summary>
    public bool AgentRestartRequired { get; init; }

    /// <summary>The same manifest with other packages and sources.</summary>
    internal AptManifest With(IReadOnlyList<PackageIntent> packages, IReadOnlyList<AptSource> sources) =>
        new()
        {
            Name = Name,
            Version = Version,
            Packages = packages,
            Sources = sources,
            AgentRestartRequired = AgentRestartRequired,
        };

    /// <summary>The installed criteria that the documentation of the format recommends: <c>name-version</c>.</summary>
    public string RecommendedInstalledCriteria => $"{Name}-{Version}";
}
