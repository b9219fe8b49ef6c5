using AptHandler.Debian;

namespace AptHandler.Planning.Pins;

/// <summary>A demand that is not met yet on the way to a plan.</summary>
/// <param name="Owner">The package that has the dependency, or that is excluded by a decision.</param>
/// <param name="Group">The dependency: one of these relations must hold; empty for an exclusion.</param>
/// <param name="Obstacle">The exclusion in words: <c>lib 2.0 breaks plug (&lt;&lt; 2)</c>; null for a dependency.</param>
/// <param name="By">The package that causes the demand.</param>
internal sealed record PinDemand(PackageVersion Owner, IReadOnlyList<Relation> Group, string? Obstacle, string By)
{
    private const int LongestGroup = 200;

    /// <summary>
    /// Whether the owner is installed and no decision was made about it. Then a newer version of it may also meet the demand.
    /// </summary>
    public bool MayRaise { get; init; }

    /// <summary>
    /// Whether the owner may be removed: a package that apt chooses without a pin excludes it by its own Breaks or Conflicts.
    /// </summary>
    public bool MayGo { get; init; }

    /// <summary>Whether it admits exactly one version of one package.</summary>
    public bool IsStrict => !MayRaise && Group is [{ Bound: VersionBound.Equal }];

    /// <summary>The constraint in words: <c>edge 1.0 needs libx (&lt;&lt; 1.1)</c>.</summary>
    public string Reason => Obstacle ?? $"{Owner} needs {Needs}";

    /// <summary>The dependency in words.</summary>
    public string Needs => string.Join(" | ", Group) is var needs && needs.Length <= LongestGroup ? needs : $"{needs[..LongestGroup]}...";
}

/// <summary>The decision for a version of a package, or for its removal.</summary>
/// <param name="Key">The name of the package as apt spells it.</param>
/// <param name="Version">The version; null where the package is removed.</param>
/// <param name="For">The demand that it meets; null where the manifest decides.</param>
/// <param name="IsFirstChoice">Whether apt would choose this package by itself.</param>
internal sealed record PinDecision(string Key, PackageVersion? Version, PinDemand? For, bool IsFirstChoice)
{
    /// <summary>Whether the decision changes the installed packages.</summary>
    public bool IsChange => Version is not { IsInstalled: true };

    /// <summary>The pin for the decision. Only for a decision that has a version and does not come from the manifest.</summary>
    public ForcedPin ToPin() => new(Key, Version!.Version, For!.By) { Reason = For.IsStrict ? null : For.Reason };

    /// <summary>Whether apt needs a pin, because it would choose otherwise by itself.</summary>
    public bool IsPin => For is not null && IsChange && Version is { } version && !(IsFirstChoice && version.IsCandidate);
}
