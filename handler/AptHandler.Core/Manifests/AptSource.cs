namespace AptHandler.Manifests;

/// <summary>A source of packages that a manifest names. The device must have it, or must not have it any more.</summary>
public sealed class AptSource
{
    /// <summary>The name of the source. The names of its files are made from it.</summary>
    public required string Id { get; init; }

    /// <summary>Whether the source is to be removed. Then the other properties are empty.</summary>
    public bool IsRemoval { get; init; }

    /// <summary>The addresses of the source; any of several mirrors.</summary>
    public IReadOnlyList<string> Uris { get; init; } = [];

    /// <summary>The suites of the source, or folders of it. Folders end with a slash.</summary>
    public IReadOnlyList<string> Suites { get; init; } = [];

    /// <summary>The components of the suites; empty where the suites are folders.</summary>
    public IReadOnlyList<string> Components { get; init; } = [];

    /// <summary>The architectures of the packages to use from the source; empty for all architectures of the device.</summary>
    public IReadOnlyList<string> Architectures { get; init; } = [];

    /// <summary>The key that signs the source, in ASCII armour; null where <see cref="Keyring"/> is set.</summary>
    public string? SigningKey { get; init; }

    /// <summary>The file of a key that the device has already; null where <see cref="SigningKey"/> is set.</summary>
    public string? Keyring { get; init; }
}
