using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Updates;
using Microsoft.Extensions.Logging.Abstractions;

namespace AptHandler.CommandLine.Installation.Checks;

/// <summary>What the checks look at.</summary>
/// <param name="configuration">The configuration, or the defaults where it cannot be used.</param>
/// <param name="configurationProblem">Why it cannot be used, or null.</param>
internal sealed class Device(Configuration configuration, string? configurationProblem)
{
    private DpkgStatus? _packages;

    /// <summary>The configuration, or the defaults where it cannot be used.</summary>
    public Configuration Configuration => configuration;

    /// <summary>Why the configuration cannot be used, or null.</summary>
    public string? ConfigurationProblem => configurationProblem;

    /// <summary>The agent.</summary>
    public DeviceUpdateAgent Agent { get; } = DeviceUpdateAgent.Find();

    /// <summary>Whether this process may look at everything.</summary>
    public bool IsRoot { get; } = Libc.EffectiveUser() == 0;

    /// <summary>Whether the agent needs nobody's help to become root.</summary>
    public bool AgentRunsAsRoot => AgentService.User() is { } user ? user is "root" or "0" : Agent.Account is null;

    /// <summary>What is installed.</summary>
    /// <exception cref="DpkgStatusException">dpkg's status cannot be read.</exception>
    public DpkgStatus Packages => _packages ??= configuration.System.ReadStatus();

    /// <summary>apt, for questions: without a log, and without waiting for locks.</summary>
    public AptCommand Apt => new(configuration.System, TimeSpan.Zero, NullLogger.Instance);

    /// <summary>Owner, group and mode as stat(1) would name them, as far as they are of interest here: <c>root:adu 2750</c>.</summary>
    public string RightsOf(Libc.FileStatus status) =>
        $"{NameOf(status.User, Agent.Account?.User)}:{NameOf(status.Group, Agent.Account?.Group)} {Convert.ToString(status.Permissions, 8)}";

    /// <summary>The same, as it should be.</summary>
    public string Rights(uint group, uint mode) => RightsOf(new Libc.FileStatus { Group = group, Mode = (ushort)mode });

    private static string NameOf(uint number, uint? ofAgent) =>
        number == 0 ? "root" : number == ofAgent ? Account.OfAgent : number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
