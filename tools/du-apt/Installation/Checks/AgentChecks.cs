using AptHandler.Debian;
using AptHandler.Files;

namespace AptHandler.CommandLine.Installation.Checks;

/// <summary>Checks whether the agent is installed and can become root.</summary>
internal static class AgentChecks
{
    private const uint SetUser = 0x800; // 04000
    private const uint OnlyForGroup = 0x968; // 04550
    private const uint OfOthers = 0x17; // 0027

    private const string Reinstall = "reinstall " + DeviceUpdateAgent.Package;

    public static Finding Program(ExaminedDevice device)
    {
        if (!device.Agent.HasProgram)
        {
            return Finding.Problem(
                $"there is no {DeviceUpdateAgent.Program}",
                $"install {DeviceUpdateAgent.Package}; the Debian package of the handler registers itself then"
            );
        }

        return Finding.Ok($"{DeviceUpdateAgent.Program} is there{VersionOf(device)}");
    }

    public static Finding Account(ExaminedDevice device)
    {
        if (device.Agent.Account is not null)
            return Finding.Ok(
                device.AgentRunsAsRoot
                    ? $"{Files.Account.OfAgent} is there; the agent runs as root"
                    : $"the agent runs as {Files.Account.OfAgent}"
            );
        return !device.Agent.HasProgram || device.AgentRunsAsRoot
            ? Finding.Ok($"there is no account {Files.Account.OfAgent}, and nobody who needs one")
            : Finding.Problem(
                $"there is no user {Files.Account.OfAgent} with a group {Files.Account.OfAgent}",
                $"{Reinstall}, then {device.Register}"
            );
    }

    public static Finding Configuration(ExaminedDevice device)
    {
        const string Remedy = "write it as the agent's documentation says, and restart the agent: it does not start without";
        if (!device.Agent.HasProgram)
            return Finding.Ok("there is no agent that would read one");
        if (Descriptor.StatusOf(DeviceUpdateAgent.ConfigurationFile) is { IsLink: true })
        {
            return Finding.Warning(
                $"{DeviceUpdateAgent.ConfigurationFile} is a symbolic link: the agent follows it, and this handler does not, "
                    + "because the agent's user could have made it",
                "put the file itself there if it names dataFolder, extensionsFolder or aduShellFolder: the handler goes on with "
                    + "the usual ones"
            );
        }

        if (device.Agent.ConfigurationProblem is { } problem)
            return Finding.Problem(problem, Remedy);
        if (device.Agent.TrustedUsers is null)
            return Finding.Problem($"{DeviceUpdateAgent.ConfigurationFile} has no list aduShellTrustedUsers", Remedy);
        return device.AgentRunsAsRoot || device.Agent.TrustedUsers.Contains(Files.Account.OfAgent, StringComparer.Ordinal)
            ? Finding.Ok($"{DeviceUpdateAgent.ConfigurationFile} is valid")
            : Finding.Warning(
                $"adu-shell may refuse to serve {Files.Account.OfAgent}: aduShellTrustedUsers in "
                    + $"{DeviceUpdateAgent.ConfigurationFile} does not name it",
                $"add \"{Files.Account.OfAgent}\" to aduShellTrustedUsers"
            );
    }

    public static Finding Shell(ExaminedDevice device)
    {
        if (!device.Agent.HasProgram)
            return Finding.Ok("there is no agent that would need it");
        if (device.AgentRunsAsRoot)
            return Finding.Ok("not needed: the agent runs as root");
        string path = device.Agent.ShellFile;
        if (Descriptor.StatusOf(path) is not { IsRegular: true } status)
            return Finding.Problem($"there is no {path}, which the agent becomes root by", Reinstall);

        // The rights of the agent, and then those of everybody else.
        bool works = status.User == 0 && (status.Permissions & SetUser) != 0 && device.Agent.Owner.May(status, Files.Account.Enter);
        return works && (status.Permissions & OfOthers) == 0
            ? Finding.Ok($"{path} is {device.RightsOf(status)}")
            : Finding.Problem(
                $"{path} is {device.RightsOf(status)} instead of {device.Rights(device.Agent.Owner.Group, OnlyForGroup)}: "
                    + $"{(works ? "others could become root by it" : "the agent cannot become root")}",
                // The agent's user can write the configuration and name its own program there. Such a program must not be made setuid.
                path == DeviceUpdateAgent.DefaultShell
                    ? $"sudo chown root:{Files.Account.OfAgent} {path} && sudo chmod 04550 {path}"
                    : $"see why {DeviceUpdateAgent.ConfigurationFile} names another folder than that of {DeviceUpdateAgent.DefaultShell}"
            );
    }

    private static string VersionOf(ExaminedDevice device)
    {
        try
        {
            return device.Packages.Find(new PackageName(DeviceUpdateAgent.Package, null)) is { IsInstalled: true } package
                ? $", from {package.Name} {package.Version}"
                : "";
        }
        catch (DpkgStatusException)
        {
            // Another check reports this.
            return "";
        }
    }
}
