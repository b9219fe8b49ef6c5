using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace AptHandler.CommandLine.Installation;

/// <summary>What the checks look at.</summary>
/// <param name="configuration">The configuration, or the defaults where it cannot be used.</param>
/// <param name="configurationProblem">Why it cannot be used, or null.</param>
/// <param name="configurationFile">The file that was named instead of the usual one, or null.</param>
internal sealed class ExaminedDevice(Configuration configuration, string? configurationProblem, string? configurationFile)
{
    private DpkgStatus? _packages;

    /// <summary>The configuration, or the defaults where it cannot be used.</summary>
    public Configuration Configuration => configuration;

    /// <summary>Why the configuration cannot be used, or null.</summary>
    public string? ConfigurationProblem => configurationProblem;

    /// <summary>The file that was named instead of the usual one, or null.</summary>
    public string? ConfigurationFile => configurationFile;

    /// <summary>The agent.</summary>
    public DeviceUpdateAgent Agent { get; } = DeviceUpdateAgent.Find();

    /// <summary>Whether this process may look at everything.</summary>
    public bool IsRoot { get; } = Libc.EffectiveUser() == 0;

    /// <summary>Whether the agent runs as root already, and needs no program to become root.</summary>
    public bool AgentRunsAsRoot => AgentService.User() is { } user ? user is "root" or "0" : Agent.Account is null;

    /// <summary>What is installed.</summary>
    /// <exception cref="DpkgStatusException">dpkg's status cannot be read.</exception>
    public DpkgStatus Packages => _packages ??= configuration.System.ReadStatus();

    /// <summary>apt for queries: without a log, and without waiting for locks.</summary>
    public AptCommand Apt => new(configuration.System, TimeSpan.Zero, NullLogger.Instance);

    /// <summary>How to run a command of this program for the same device: <c>run sudo du-apt recover</c>.</summary>
    public string Run(string command)
    {
        string program = HandlerFiles.IsInstalledCopy ? "du-apt" : HandlerFiles.Program;
        string options = configurationFile is null ? "" : $" --config {configurationFile}";
        return $"run sudo {program} {command}{options}";
    }

    /// <summary>
    /// How to register the library and set the rights of the handler's own files. The installed copy has to do that: another copy may be in
    /// a place where others can change it, and would take over the update type.
    /// </summary>
    public string Register => HandlerFiles.IsInstalledCopy ? Run("register") : OtherCopy("register");

    /// <summary>The remedy where this is not an installed copy.</summary>
    /// <param name="command">The command of the installed copy that helps.</param>
    public static string OtherCopy(string command) =>
        File.Exists(HandlerFiles.InstalledLibrary)
            ? $"run sudo du-apt {command}, which is the installed copy"
            : "install the Debian package du-apt-handler, which scripts/build-deb.sh makes";

    /// <summary>Owner, group and mode as stat(1) would name them, for the accounts that matter here: <c>root:adu 2750</c>.</summary>
    public string RightsOf(Libc.FileStatus status) =>
        $"{NameOf(status.User, Agent.Account?.User)}:{NameOf(status.Group, Agent.Account?.Group)} "
        + $"{Convert.ToString(status.Permissions, 8)}";

    /// <summary>Owner, group and mode as they should be, in the same form.</summary>
    public string Rights(uint group, uint mode) => RightsOf(new Libc.FileStatus { Group = group, Mode = (ushort)mode });

    private static string NameOf(uint number, uint? ofAgent) =>
        number == 0 ? "root"
        : number == ofAgent ? Account.OfAgent
        : number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
