using AptHandler.Manifests;

namespace AptHandler.Authoring.Linting;

/// <summary>
/// The codes of what lint finds beyond the rules of the format, whose codes are <see cref="ManifestProblemCodes"/>. A code is never
/// renamed, and never given a second meaning.
/// </summary>
public static class LintCodes
{
    /// <summary>Note: a package has no version, so that devices get different ones at different times.</summary>
    public const string NotPinned = "not-pinned";

    /// <summary>Warning: a package or a source of an earlier manifest is neither kept nor removed.</summary>
    public const string NotCumulative = "not-cumulative";

    /// <summary>
    /// Error: an earlier manifest of this name has this version and wishes something else: devices take the two for one update.
    /// </summary>
    public const string VersionUsedBefore = "version-used-before";

    /// <summary>Warning: the version of the manifest is not higher than that of an earlier one.</summary>
    public const string VersionNotRaised = "version-not-raised";

    /// <summary>Warning: the manifest has another name than all earlier ones.</summary>
    public const string NameChanged = "name-changed";

    /// <summary>Warning: a package gets a lower version than in the newest manifest that has it.</summary>
    public const string Downgrade = "downgrade";

    /// <summary>
    /// Note: a source has another address, suite, component, architecture or key than in the newest manifest that has it.
    /// </summary>
    public const string SourceChanged = "source-changed";

    /// <summary>Error: the sources have no package of this name.</summary>
    public const string UnknownPackage = "unknown-package";

    /// <summary>Error: the sources have the package, but not in this version.</summary>
    public const string UnknownVersion = "unknown-version";

    /// <summary>Warning: neither the sources nor dpkg know a package that is to be removed.</summary>
    public const string UnknownRemoval = "unknown-removal";

    /// <summary>Note: the sources spell the version in another way.</summary>
    public const string OtherSpelling = "other-spelling";

    /// <summary>Warning: a dependency forces the version of a package that the manifest does not list.</summary>
    public const string ForcedPin = "forced-pin";

    /// <summary>Error: apt finds no way to what the manifest asks, or only one that the handler refuses.</summary>
    public const string NoPlan = "no-plan";

    /// <summary>Error: nothing can be planned here: apt has no package lists, or cannot read its sources.</summary>
    public const string NotPlanned = "not-planned";

    /// <summary>Error: the file cannot be read, or not be checked to the end; the findings in other files are whole.</summary>
    public const string NotChecked = "not-checked";

    /// <summary>Warning: some package lists are missing, and with them the plan could be another one.</summary>
    public const string MissingLists = "missing-lists";

    /// <summary>Note: packages come in, or change, that the manifest does not list.</summary>
    public const string AlsoInstalled = "also-installed";

    /// <summary>Note: packages go because others that come in conflict with them.</summary>
    public const string AlsoRemoved = "also-removed";
}
