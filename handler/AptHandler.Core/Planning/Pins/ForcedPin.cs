namespace AptHandler.Planning.Pins;

/// <summary>A pin of a package that the manifest does not name. Without the pin, apt finds no plan.</summary>
/// <param name="Name">The package, named as apt names it.</param>
/// <param name="Version">Its version, in the repository's spelling.</param>
/// <param name="By">The package that needs the pin.</param>
public sealed record ForcedPin(string Name, string Version, string By)
{
    /// <summary>What forces it, in words; null for a strict dependency of <see cref="By"/>, <c>Depends: name (= version)</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>The word for <c>apt-get install</c>.</summary>
    public string Word => $"{Name}={Version}";
}
