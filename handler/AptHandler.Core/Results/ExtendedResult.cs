namespace AptHandler.Results;

/// <summary>
/// An extended result code: facility, component and value in one 32-bit number, which the agent reports to the cloud. The codes up to
/// 0x302002ff and 0x30000068 are the agent's own (agent-contract.md, 4); the values from 0x30200300 are ours. To add a code, declare it
/// here: scripts/docs.sh writes it into the README, and the man page is made from it.
/// </summary>
/// <param name="Code">The number.</param>
/// <param name="Outcome">What the failure means for the caller.</param>
/// <param name="Meaning">What went wrong.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record ExtendedResult(int Code, UpdateOutcome Outcome, string Meaning, string Remedy)
{
    // This list must stand before the declarations, because they add to it.
    private static readonly List<ExtendedResult> Declared = [];

    /// <summary>The apt manifest is wrong.</summary>
    public static readonly ExtendedResult Manifest = Declare(
        0x30000068,
        UpdateOutcome.InvalidInput,
        "The apt manifest is not valid",
        "mend what the details name; du-apt plan FILE shows all problems"
    );

    /// <summary>Initialization failed: the agent's functions or the worker cannot be reached.</summary>
    public static readonly ExtendedResult Initialization = Declare(
        0x30200001,
        UpdateOutcome.Failed,
        "The handler cannot reach the agent's functions, or cannot start its worker",
        "read the details; check that du-apt lies beside the library"
    );

    /// <summary>Not exactly one payload file.</summary>
    public static readonly ExtendedResult FileCount = Declare(
        0x30200004,
        UpdateOutcome.InvalidInput,
        "The step has not exactly one file",
        "import the update again with one apt manifest for the step"
    );

    /// <summary>The file of the step is not described.</summary>
    public static readonly ExtendedResult NoFileEntity = Declare(
        0x30200005,
        UpdateOutcome.Failed,
        "The agent cannot describe the file of the step",
        "deploy again; read the agent's log"
    );

    /// <summary>The installed criteria or the record of the update could not be written.</summary>
    public static readonly ExtendedResult CriteriaNotPersisted = Declare(
        0x30200006,
        UpdateOutcome.Failed,
        "The installed criteria or the record of the update could not be written",
        "free some space; check the owner of the file that the details name"
    );

    /// <summary>The step has no criteria.</summary>
    public static readonly ExtendedResult CriteriaMissing = Declare(
        0x30200007,
        UpdateOutcome.InvalidInput,
        "The step has no installedCriteria",
        "import the update again with handlerProperties.installedCriteria, for example <name>-<version>"
    );

    /// <summary>A package or its version is not available while downloading.</summary>
    public static readonly ExtendedResult Download = Declare(
        0x30200100,
        UpdateOutcome.Failed,
        "A package or its version is not in the sources, or apt failed while downloading",
        "correct the manifest, or publish the package"
    );

    /// <summary>Installing failed.</summary>
    public static readonly ExtendedResult Install = Declare(
        0x30200200,
        UpdateOutcome.Failed,
        "A maintainer script failed, or apt failed while installing",
        "mend the package; du-apt history --show ID tells all that it printed"
    );

    /// <summary>The configuration is wrong.</summary>
    public static readonly ExtendedResult Configuration = Declare(
        0x30200300,
        UpdateOutcome.InvalidInput,
        "The configuration file of the handler is not valid",
        "mend the file and line that the details name"
    );

    /// <summary>Dependencies cannot be satisfied.</summary>
    public static readonly ExtendedResult UnmetDependencies = Declare(
        0x30200301,
        UpdateOutcome.Failed,
        "The packages cannot be installed together, or not with what is on the device",
        "change the versions in the manifest so that the dependency in the details holds"
    );

    /// <summary>A hold blocks the update.</summary>
    public static readonly ExtendedResult Held = Declare(
        0x30200302,
        UpdateOutcome.Failed,
        "A held package would have to change",
        "release it (apt-mark unhold), or leave it out of the manifest"
    );

    /// <summary>A protected package would be removed.</summary>
    public static readonly ExtendedResult Protected = Declare(
        0x30200303,
        UpdateOutcome.Failed,
        "An essential or protected package would be removed",
        "leave the package on the device; change the manifest"
    );

    /// <summary>A package would be removed that the manifest does not list.</summary>
    public static readonly ExtendedResult UnlistedRemoval = Declare(
        0x30200304,
        UpdateOutcome.Failed,
        "A package would be removed that the manifest does not list",
        "list it with a trailing '-', or set unlistedRemovals to allow"
    );

    /// <summary>A lock was held too long.</summary>
    public static readonly ExtendedResult Locked = Declare(
        0x30200305,
        UpdateOutcome.TryLater,
        "Another program held a lock of apt or dpkg for too long",
        "deploy again when the program that the details name has ended"
    );

    /// <summary>dpkg was interrupted, now or in an earlier run.</summary>
    public static readonly ExtendedResult Interrupted = Declare(
        0x30200306,
        UpdateOutcome.Failed,
        "dpkg was interrupted, now or in an earlier run",
        "run dpkg --configure -a on the device, then deploy again"
    );

    /// <summary>There is not enough room.</summary>
    public static readonly ExtendedResult NoSpace = Declare(
        0x30200307,
        UpdateOutcome.Failed,
        "There is not enough room on the device",
        "free the space that the details name"
    );

    /// <summary>Fetching failed.</summary>
    public static readonly ExtendedResult FetchFailed = Declare(
        0x30200308,
        UpdateOutcome.TryLater,
        "An archive could not be fetched from its source",
        "check the network and the source, then deploy again"
    );

    /// <summary>A package that was broken before blocks the update.</summary>
    public static readonly ExtendedResult BrokenBefore = Declare(
        0x30200309,
        UpdateOutcome.Failed,
        "A package that an earlier failure left broken stands in the way",
        "mend or reinstall the package that the details name, then deploy again"
    );

    /// <summary>dpkg's status is not as the manifest asks.</summary>
    public static readonly ExtendedResult Verification = Declare(
        0x3020030a,
        UpdateOutcome.Failed,
        "apt ended, but a package is not as the manifest asks",
        "read what apt printed: du-apt history --show ID"
    );

    /// <summary>apt's plan is not what the manifest asks.</summary>
    public static readonly ExtendedResult PlanMismatch = Declare(
        0x3020030b,
        UpdateOutcome.Failed,
        "apt would not do what the manifest asks",
        "check the sources and preferences of apt on the device"
    );

    /// <summary>dpkg's status cannot be read.</summary>
    public static readonly ExtendedResult StatusUnreadable = Declare(
        0x3020030c,
        UpdateOutcome.Failed,
        "dpkg's status database cannot be read",
        "restore it from /var/lib/dpkg/status-old or /var/backups"
    );

    /// <summary>The state folder cannot be used.</summary>
    public static readonly ExtendedResult StateUnusable = Declare(
        0x3020030d,
        UpdateOutcome.Failed,
        "The handler cannot read or write its own state",
        "check space, owner and mode of the path that the details name"
    );

    /// <summary>The worker ended without a result.</summary>
    public static readonly ExtendedResult WorkerLost = Declare(
        0x3020030e,
        UpdateOutcome.Failed,
        "The worker ended without a result",
        "read the log; deploy again"
    );

    /// <summary>Another update is running.</summary>
    public static readonly ExtendedResult Busy = Declare(
        0x3020030f,
        UpdateOutcome.TryLater,
        "Another update is running on the device",
        "deploy again when it has ended"
    );

    /// <summary>A fault of the handler itself.</summary>
    public static readonly ExtendedResult Internal = Declare(
        0x30200310,
        UpdateOutcome.Failed,
        "A fault in the handler itself",
        "report it with the log"
    );

    /// <summary>The manifest file cannot be read.</summary>
    public static readonly ExtendedResult ManifestUnreadable = Declare(
        0x30200311,
        UpdateOutcome.InvalidInput,
        "The apt manifest cannot be read",
        "check the path that the details name"
    );

    /// <summary>Something that is needed to go back is not available.</summary>
    public static readonly ExtendedResult NoWayBack = Declare(
        0x30200312,
        UpdateOutcome.Failed,
        "There is no way back: an archive or the backup is not to be had, or packages that came later stand on the update",
        "do what the details say; publish the version that they name again, install dpkg-repack, or set rollback to best-effort"
    );

    /// <summary>The update failed, and going back failed, too.</summary>
    public static readonly ExtendedResult RollbackFailed = Declare(
        0x30200313,
        UpdateOutcome.Failed,
        "The update failed, and the device could not be brought back whole",
        "read the details and du-apt history --show ID, mend what they name, then run sudo du-apt restore"
    );

    /// <summary>A health check failed.</summary>
    public static readonly ExtendedResult HealthCheck = Declare(
        0x30200314,
        UpdateOutcome.Failed,
        "A health check failed after the installation, or cannot be run",
        "read what it printed: du-apt history --show ID; mend the update, or the check"
    );

    /// <summary>A file system is mounted read-only.</summary>
    public static readonly ExtendedResult ReadOnly = Declare(
        0x30200315,
        UpdateOutcome.Failed,
        "A file system that packages are unpacked to is read-only",
        "mount it writable; a file system that turned read-only by itself has errors"
    );

    /// <summary>The update was cut off.</summary>
    public static readonly ExtendedResult CutOff = Declare(
        0x30200316,
        UpdateOutcome.TryLater,
        "The update was cut off, and the device is as it was before",
        "deploy again"
    );

    /// <summary>A source of the manifest cannot be used on this device.</summary>
    public static readonly ExtendedResult SourceNotAllowed = Declare(
        0x30200317,
        UpdateOutcome.InvalidInput,
        "A source of the manifest is not allowed on the device, conflicts with another one, or its key cannot be used",
        "set allowSources on the device, or change the source that the details name"
    );

    /// <summary>A source of the device cannot be used.</summary>
    public static readonly ExtendedResult SourceUnusable = Declare(
        0x30200318,
        UpdateOutcome.Failed,
        "A source of the device cannot be used: malformed, contradictory, expired, a disc, not there, or not signed with its key",
        "fix the source that the details name"
    );

    /// <summary>A hook of apt failed.</summary>
    public static readonly ExtendedResult HookFailed = Declare(
        0x30200319,
        UpdateOutcome.Failed,
        "A command that apt's configuration runs has failed",
        "fix the command that the details name, or take it out of the file that has it (grep -r finds it in /etc/apt/apt.conf.d)"
    );

    /// <summary>The clock of the device is behind.</summary>
    public static readonly ExtendedResult ClockBehind = Declare(
        0x3020031a,
        UpdateOutcome.TryLater,
        "The clock of the device is behind: the index of a source is not valid yet",
        "set the clock, or wait until the device has done so, then deploy again"
    );

    /// <summary>All codes, in the order of their numbers.</summary>
    public static IReadOnlyList<ExtendedResult> All => Declared;

    /// <summary>How a code is written: <c>0x30200100</c>.</summary>
    public static string Format(int code) => $"0x{code:x8}";

    private static ExtendedResult Declare(int code, UpdateOutcome outcome, string meaning, string remedy)
    {
        var declared = new ExtendedResult(code, outcome, meaning, remedy);
        Declared.Add(declared);
        return declared;
    }
}
