namespace AptHandler.Apt;

/// <summary>Why apt or dpkg did not do what it was asked.</summary>
public enum AptFailureKind
{
    /// <summary>None of the causes below; the evidence tells what apt said.</summary>
    Other,

    /// <summary>No source has a package of this name.</summary>
    UnknownPackage,

    /// <summary>The package is known, but not in this version.</summary>
    UnknownVersion,

    /// <summary>The packages that were asked for cannot be installed together, or not with what is there.</summary>
    UnmetDependencies,

    /// <summary>A held package would have to change.</summary>
    Held,

    /// <summary>An essential or protected package would have to go.</summary>
    Protected,

    /// <summary>Another program holds one of the four locks of apt and dpkg.</summary>
    Locked,

    /// <summary>dpkg was interrupted, now or in an earlier run, and must be finished first.</summary>
    Interrupted,

    /// <summary>A file system is full, or would be.</summary>
    NoSpace,

    /// <summary>An archive or an index could not be fetched, or did not have the announced content.</summary>
    FetchFailed,

    /// <summary>The index of a source is not signed with the key that the source has.</summary>
    SignatureFailed,

    /// <summary>Two sources name one repository but differ, in their keys say; then apt reads no source at all.</summary>
    ConflictingSources,

    /// <summary>A maintainer script failed.</summary>
    ScriptFailed,

    /// <summary>A package that an earlier failure left broken blocks the transaction.</summary>
    BrokenBefore,

    /// <summary>The sources have the package, but a pin of the device forbids every version of it.</summary>
    ForbiddenByPin,

    /// <summary>A file of sources, or of apt's configuration, is malformed; then apt does nothing at all.</summary>
    MalformedFile,

    /// <summary>A package comes from a source without a signature.</summary>
    Unauthenticated,

    /// <summary>The index of a source says that it is not valid any more.</summary>
    Expired,

    /// <summary>The index of a source is dated later than the clock of the device.</summary>
    NotYetValid,

    /// <summary>A source is a disc, which nobody puts in.</summary>
    CdromSource,

    /// <summary>There is no repository at the address of a source, or none of its suite.</summary>
    NoRepository,

    /// <summary>apt has no program for the kind of address that a source has.</summary>
    NoMethod,

    /// <summary>A command failed that apt's configuration has it run: <c>DPkg::Pre-Invoke</c>, <c>APT::Update::Post-Invoke</c>.</summary>
    HookFailed,

    /// <summary>apt has no package lists: there is no source, they were never fetched, or they cannot be read.</summary>
    NoLists,
}
