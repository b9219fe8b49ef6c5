namespace AptHandler.Apt;

/// <summary>
/// The options that command lines of apt always get, whatever apt.conf of the device says. Each one has its reason beside it.
/// </summary>
internal static class FixedOptions
{
    /// <summary>An unknown name is never a regular expression.</summary>
    public static readonly string[] ExactNames = Set("APT::Cmd::Pattern-Only=true");

    /// <summary>For every apt-get.</summary>
    public static readonly string[] AptGet =
    [
        "-y",
        "-q=1", // -qq would hide the plan; so would -q without a number, which adds to what apt.conf says
        "--allow-downgrades", // a manifest may ask for an older version
        .. ExactNames,
        .. Set(
            "DPkg::Lock::Timeout=0", // apt waits for one lock of four only, and no cancellation ends that: see LockWait
            "Dpkg::Use-Pty=0", // the transcript is a file
            "Acquire::Retries=3", // the networks of devices are often bad; a fetch that stalls ends after the timeout below
            "Acquire::http::Timeout=30",
            "Acquire::https::Timeout=30",
            "Dpkg::Options::=--force-confdef", // nobody is there to answer: a changed configuration file stays
            "Dpkg::Options::=--force-confold",
            // apt.conf may set these for people at a terminal. Then apt would do something else than it is told here, or nothing:
            "APT::Get::AutomaticRemove=false", // only what the manifest lists goes
            "APT::Get::AutomaticRemove::Kernels=false", // this counts even when the option above is false
            "APT::Get::Purge=false", // a removal leaves the configuration
            "APT::Get::Remove=true", // "remove is disabled"; whether something may go is decided by the plan
            "APT::Get::Upgrade=true", // else what is installed stays in its version, with status 0
            "APT::Get::Only-Upgrade=false", // else what is not installed is passed over, with status 0
            "APT::Get::ReInstall=false", // else there is always something to do
            "APT::Get::Simulate=false", // with these three nothing is done, with status 0
            "APT::Get::Download-Only=false",
            "APT::Get::Print-URIs=false",
            "APT::Get::Trivial-Only=false", // "not a trivial operation"
            "APT::Get::Download=true", // else no archive is fetched
            "DPkg::ConfigurePending=true" // else packages stay unpacked, with status 0
        ),
    ];

    /// <summary>apt-get writes its progress to file descriptor 3.</summary>
    public static readonly string[] Status = Set("APT::Status-Fd=3");

    /// <summary>For questions: apt takes no locks and writes no new caches.</summary>
    public static readonly string[] WithoutTraces = Set("Debug::NoLocking=true", "Dir::Cache::pkgcache=", "Dir::Cache::srcpkgcache=");

    private static string[] Set(params string[] settings) => [.. settings.SelectMany(setting => new[] { "-o", setting })];
}
