using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.CommandLine.Installation.Checks;

/// <summary>Whether everybody may do with the handler's files what they must, and nothing else.</summary>
internal static class FileChecks
{
    private const uint WritableByOthers = 0x2; // 0002
    private const uint WritableByGroup = 0x10; // 0020

    private const string Register = "run sudo du-apt register";
    private const string Reinstall = "reinstall du-apt-handler";

    public static Finding RootScript(Device device)
    {
        string path = HandlerFiles.RootScript;
        if (Descriptor.StatusOf(path) is { IsRegular: true } status)
            return Exactly(device, path, status, Installation.Rights.RootScript);
        return device.AgentRunsAsRoot ? Finding.Ok("not needed: the agent runs as root") : Finding.Problem($"there is no {path}, which adu-shell runs", Reinstall);
    }

    // Whoever can write one of them, or a folder above it, is root at the next update.
    public static Finding Programs(Device device)
    {
        foreach (string path in new[] { HandlerFiles.Library, HandlerFiles.Program })
        {
            if (Descriptor.StatusOf(path) is not { IsRegular: true })
                return Finding.Problem($"there is no {path}", Reinstall);
        }

        foreach (string path in new[] { HandlerFiles.Library, HandlerFiles.Program, HandlerFiles.RootScript }.Concat(Above(HandlerFiles.Library)))
        {
            if (Descriptor.StatusOf(path) is { } status && IsWritableByOthers(status))
                return Finding.Problem($"somebody else than root can change {path} ({device.RightsOf(status)})", $"sudo chown root:root {path} && sudo chmod go-w {path}; then find out who did that");
        }

        return Finding.Ok($"only root can change what is in {HandlerFiles.Folder}");
    }

    public static Finding StateFolder(Device device) => OwnFolder(device, device.Configuration.StateDir);

    public static Finding RunFolder(Device device) => OwnFolder(device, device.Configuration.RunDir);

    public static Finding LogFolder(Device device)
    {
        string path = device.Configuration.LogDir;
        string owner = device.Agent.Account is null ? "root" : Account.OfAgent;
        using GuardedFolder? folder = GuardedFolder.Open(path);
        if (folder?.Status is not { } status)
            return Finding.Problem($"there is no {path}", $"sudo install -d -o {owner} -g {owner} -m 0750 {path}");
        return device.Agent.Owner.May(status, Account.Write | Account.Enter)
            ? Finding.Ok($"{path} is {device.RightsOf(status)}")
            : Finding.Problem($"the agent cannot write in {path} ({device.RightsOf(status)})", $"sudo chown {owner}:{owner} {path} && sudo chmod 0750 {path}");
    }

    private static Finding OwnFolder(Device device, string path)
    {
        if (Descriptor.StatusOf(path) is not { } status)
            return Finding.Problem($"there is no {path}", Register);
        return status.IsFolder ? Exactly(device, path, status, Installation.Rights.Folder) : Finding.Problem($"{path} is no folder, or a link to one", $"remove it, then {Register}");
    }

    private static Finding Exactly(Device device, string path, Libc.FileStatus status, uint mode)
    {
        string actual = device.RightsOf(status);
        string expected = device.Rights(device.Agent.Owner.Group, mode);
        return actual == expected ? Finding.Ok($"{path} is {actual}") : Finding.Problem($"{path} is {actual} instead of {expected}", Register);
    }

    private static bool IsWritableByOthers(Libc.FileStatus status) =>
        status.User != 0 || (status.Permissions & WritableByOthers) != 0 || ((status.Permissions & WritableByGroup) != 0 && status.Group != 0);

    private static IEnumerable<string> Above(string path)
    {
        for (string? folder = Path.GetDirectoryName(path); folder is not null; folder = Path.GetDirectoryName(folder))
            yield return folder;
    }
}
