namespace AptHandler.Manifests;

/// <summary>A source of packages that a manifest names: one that the device is to have, or is to have no longer.</summary>
public sealed class AptSource
{
    /// <summary>The name of the source, from which the names of its files are made.</summary>
    public required string Id { get; init; }

    /// <summary>Whether the device is to have it no longer. Then there is nothing else to tell of it.</summary>
    public bool IsRemoval { get; init; }

    /// <summary>Where it lies; any of several mirrors.</summary>
    public IReadOnlyList<string> Uris { get; init; } = [];

    /// <summary>Its suites, or folders of it: those end with a slash.</summary>
    public IReadOnlyList<string> Suites { get; init; } = [];

    /// <summary>The components of the suites; none where the suites are folders.</summary>
    public IReadOnlyList<string> Components { get; init; } = [];

    /// <summary>The architectures of packages that are taken from it; none: all of the device.</summary>
    public IReadOnlyList<string> Architectures { get; init; } = [];

    /// <summary>The key that it is signed with, in ASCII armour; null where <see cref="Keyring"/> is told.</summary>
    public string? SigningKey { get; init; }

    /// <summary>The file of a key that the device has already; null where <see cref="SigningKey"/> is told.</summary>
    public string? Keyring { get; init; }
}
