using AptHandler.Debian;

namespace AptHandler.Planning.Pins;

/// <summary>What is not yet as it has to be, on the way to a plan.</summary>
/// <param name="Owner">Whose dependency it is, or what is excluded by what was decided.</param>
/// <param name="Group">The dependency: of these relations one has to hold; empty for an exclusion.</param>
/// <param name="Obstacle">The exclusion in words: <c>lib 2.0 breaks plug (&lt;&lt; 2)</c>; null for a dependency.</param>
/// <param name="By">The package for whose sake something is to change.</param>
internal sealed record PinDemand(PackageVersion Owner, IReadOnlyList<Relation> Group, string? Obstacle, string By)
{
    private const int LongestGroup = 200;

    /// <summary>Whether the owner is installed and nothing was decided about it: then another version of it is an answer, too.</summary>
    public bool MayRaise { get; init; }

    /// <summary>Whether the owner may go, because a package that apt chooses without a pin says itself that it takes its place.</summary>
    public bool MayGo { get; init; }

    /// <summary>Whether it admits exactly one version of one package.</summary>
    public bool IsStrict => !MayRaise && Group is [{ Bound: VersionBound.Equal }];

    /// <summary>The constraint in words: <c>edge 1.0 needs libx (&lt;&lt; 1.1)</c>.</summary>
    public string Reason => Obstacle ?? $"{Owner} needs {Needs}";

    /// <summary>The dependency in words.</summary>
    public string Needs => string.Join(" | ", Group) is var needs && needs.Length <= LongestGroup ? needs : $"{needs[..LongestGroup]}...";
}

/// <summary>A version that was decided on, or that a package goes.</summary>
/// <param name="Key">The name of the package as apt takes it.</param>
/// <param name="Version">The version; null where the package is not to be there.</param>
/// <param name="For">What it answers; null where the manifest says so.</param>
/// <param name="IsFirstChoice">Whether apt would come upon this package by itself.</param>
internal sealed record PinDecision(string Key, PackageVersion? Version, PinDemand? For, bool IsFirstChoice)
{
    /// <summary>Whether the installed packages change by it.</summary>
    public bool IsChange => Version is not { IsInstalled: true };

    /// <summary>The pin for it; there is a version, and the manifest is not why.</summary>
    public ForcedPin ToPin() => new(Key, Version!.Version, For!.By) { Reason = For.IsStrict ? null : For.Reason };

    /// <summary>Whether apt has to be told, because it would choose otherwise.</summary>
    public bool IsPin => For is not null && IsChange && Version is { } version && !(IsFirstChoice && version.IsCandidate);
}
