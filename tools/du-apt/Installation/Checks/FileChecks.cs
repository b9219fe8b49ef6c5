using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Settings;

namespace AptHandler.CommandLine.Installation.Checks;

/// <summary>Checks whether everybody has the rights on the handler's files that they need, and no others.</summary>
internal static class FileChecks
{
    private const uint WritableByOthers = 0x2; // 0002
    private const uint WritableByGroup = 0x10; // 0020
    private const uint Sticky = 0x200; // 01000

    private static string Reinstall => HandlerFiles.IsInstalledCopy ? "reinstall du-apt-handler" : ExaminedDevice.OtherCopy("doctor");

    public static Finding RootScript(ExaminedDevice device)
    {
        string path = HandlerFiles.RootScript;
        if (Descriptor.StatusOf(path) is { IsRegular: true } status)
            return Exactly(device, path, status, Installation.Rights.RootScript);
        return device.AgentRunsAsRoot
            ? Finding.Ok("not needed: the agent runs as root")
            : Finding.Problem($"there is no {path}, which adu-shell runs", Reinstall);
    }

    // A user who can write one of these files, or a folder above it, becomes root at the next update.
    public static Finding Programs(ExaminedDevice device)
    {
        foreach (string path in new[] { HandlerFiles.Library, HandlerFiles.Program })
        {
            if (Descriptor.StatusOf(path) is not { IsRegular: true })
                return Finding.Problem($"there is no {path}", Reinstall);
        }

        // The script has a check of its own.
        string[] own = [HandlerFiles.Library, HandlerFiles.Program, HandlerFiles.Folder];
        string? open = own.Concat(Above(HandlerFiles.Folder))
            .FirstOrDefault(path => Descriptor.StatusOf(path) is { } status && IsWritableByOthers(status));
        string rights = open is not null && Descriptor.StatusOf(open) is { } there ? device.RightsOf(there) : "";

        if (!HandlerFiles.IsInstalledCopy)
        {
            string found = $"this is not an installed copy: it lies in {HandlerFiles.Folder}";
            return open is not null && IsRegistered(device)
                ? Finding.Problem($"{found}, the agent loads it, and somebody else than root can change {open} ({rights})", Reinstall)
                : Finding.Warning(found, Reinstall);
        }

        if (open is null)
            return Finding.Ok($"only root can change what is in {HandlerFiles.Folder}");
        return Finding.Problem(
            $"somebody else than root can change {open} ({rights})",
            own.Contains(open, StringComparer.Ordinal)
                ? $"sudo chown root:root {open} && sudo chmod go-w {open}; then find out who did that"
                : $"find out who did that; on a new Debian {open} is root:root 755"
        );
    }

    public static Finding StateFolder(ExaminedDevice device) =>
        OwnFolder(device, device.Configuration.StateDir, new Configuration().StateDir, "stateDir");

    public static Finding RunFolder(ExaminedDevice device) =>
        OwnFolder(device, device.Configuration.RunDir, new Configuration().RunDir, "runDir");

    public static Finding LogFolder(ExaminedDevice device)
    {
        string path = device.Configuration.LogDir;
        string owner = device.Agent.Account is null ? "root" : Account.OfAgent;
        using GuardedFolder? folder = GuardedFolder.Open(path);
        if (folder?.Status is not { } status)
            return Finding.Problem($"there is no {path}", $"sudo install -d -o {owner} -g {owner} -m 0750 {path}");
        if (device.Agent.Owner.May(status, Account.Write | Account.Enter))
            return Finding.Ok($"{path} is {device.RightsOf(status)}");

        // A folder other than the usual one may belong to somebody else, so its owner is not changed.
        return Finding.Problem(
            $"the agent cannot write in {path} ({device.RightsOf(status)})",
            path == new Configuration().LogDir
                ? $"sudo chown {owner}:{owner} {path} && sudo chmod 0750 {path}"
                : "name a folder in logDir that the agent can write in"
        );
    }

    private static Finding OwnFolder(ExaminedDevice device, string path, string usual, string member)
    {
        if (Descriptor.StatusOf(path) is not { } status)
            return Finding.Problem($"there is no {path}", device.Register);
        if (status.IsFolder)
        {
            Finding finding = Exactly(device, path, status, Installation.Rights.Folder);
            if (finding.Gravity == Gravity.Ok)
                return finding;
            using GuardedFolder? folder = GuardedFolder.Open(path);
            string? foreign = folder is null ? null : Installation.Rights.ForeignIn(folder, path == usual);
            string folderOfItsOwn =
                $"name a folder of its own in {member}, then {device.Register}: {path} holds {foreign}, which is not of this handler";
            return foreign is null ? finding : finding with { Remedy = folderOfItsOwn };
        }

        string first = status.IsLink ? $"put the folder itself there, or name in {member} where the link leads" : "remove it";
        return Finding.Problem($"{path} is no folder, or a link to one", $"{first}, then {device.Register}");
    }

    private static Finding Exactly(ExaminedDevice device, string path, Libc.FileStatus status, uint mode)
    {
        string actual = device.RightsOf(status);
        string expected = device.Rights(device.Agent.Owner.Group, mode);
        return actual == expected
            ? Finding.Ok($"{path} is {actual}")
            : Finding.Problem($"{path} is {actual} instead of {expected}", device.Register);
    }

    // In a sticky folder, a user cannot change what belongs to somebody else.
    private static bool IsWritableByOthers(Libc.FileStatus status)
    {
        bool isSticky = status.IsFolder && (status.Permissions & Sticky) != 0;
        bool isOpen = (status.Permissions & WritableByOthers) != 0 || ((status.Permissions & WritableByGroup) != 0 && status.Group != 0);
        return status.User != 0 || (isOpen && !isSticky);
    }

    private static bool IsRegistered(ExaminedDevice device)
    {
        try
        {
            return new RegistrationFile(device.Agent, device.Configuration.UpdateType).Read()?.Library == HandlerFiles.Library;
        }
        catch (IOException)
        {
            // Another check reports this.
            return false;
        }
    }

    // The folders above a path, from the nearest one up.
    private static IEnumerable<string> Above(string path)
    {
        for (string? folder = Path.GetDirectoryName(path); folder is not null; folder = Path.GetDirectoryName(folder))
            yield return folder;
    }
}
