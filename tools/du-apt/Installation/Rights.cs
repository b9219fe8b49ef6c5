using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Records;
using AptHandler.Settings;

namespace AptHandler.CommandLine.Installation;

/// <summary>
/// The rights on this handler's own files: root writes, the agent's group reads. The group comes and goes with the agent's package, so it
/// is set each time the library is registered.
/// </summary>
internal static class Rights
{
    /// <summary>Mode of the state folder, the run folder and their subfolders. Files made there later get the group, too.</summary>
    public const uint Folder = OwnFolders.ForGroup;

    /// <summary>Mode of the script that adu-shell runs.</summary>
    public const uint RootScript = 0x1E8; // 0750

    private const uint File = 0x1A0; // 0640

    // What this handler makes there. We must not close a folder that holds anything else: it is shared with others.
    private static readonly string[] OwnNames =
    [
        "updates",
        "registration.json",
        "registration.lock",
        "results",
        "worker.lock",
        "progress.json",
    ];

    /// <summary>Sets owner, group and mode of the state folder, the run folder and all that is in them, and of the script.</summary>
    /// <param name="configuration">Where the folders are; both exist.</param>
    /// <param name="agent">The account whose group may read.</param>
    /// <param name="say">Is called with what was left unchanged, and why.</param>
    /// <exception cref="IOException">They cannot be set.</exception>
    public static void Set(Configuration configuration, Account agent, Action<string> say)
    {
        var defaults = new Configuration();
        SetFolder(configuration.StateDir, configuration.StateDir == defaults.StateDir, agent, say);
        SetFolder(configuration.RunDir, configuration.RunDir == defaults.RunDir, agent, say);
        try
        {
            using var script = Descriptor.Open(HandlerFiles.RootScript, Libc.O_RDONLY | Libc.O_NOFOLLOW);
            Libc.FileStatus status = script.Status();
            // Rights that are correct already are not written again, because /usr may be read-only.
            if (status.User == Account.Root.User && status.Group == agent.Group && status.Permissions == RootScript)
                return;
            script.SetOwner(Account.Root.User, agent.Group, HandlerFiles.RootScript);
            script.SetMode(RootScript, HandlerFiles.RootScript);
        }
        catch (FileNotFoundException)
        {
            // This is a build that was not installed. du-apt doctor reports that.
        }
    }

    /// <summary>
    /// The name of something in a folder that this handler has not made; null where there is nothing, or where the folder is always ours.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="isOurs">Whether it is the one that the handler's package makes.</param>
    public static string? ForeignIn(GuardedFolder folder, bool isOurs) =>
        isOurs ? null : folder.Names().FirstOrDefault(name => !OwnNames.Contains(NameOf(name), StringComparer.Ordinal));

    // A temporary file whose writer was killed while replacing a file is ours, too.
    private static string NameOf(string entry) =>
        entry.StartsWith('.') && entry.EndsWith(".new", StringComparison.Ordinal) ? entry[1..^4] : entry;

    private static void SetFolder(string path, bool isOurs, Account agent, Action<string> say)
    {
        using GuardedFolder folder = GuardedFolder.Open(path)!;
        if (ForeignIn(folder, isOurs) is { } foreign)
            say(
                $"Owner and mode of {path} are left as they are, because it holds {foreign}, which is not of this handler; better "
                    + "configure a folder of its own."
            );
        else
            folder.SetRights(Account.Root.User, agent.Group, Folder, File);
    }
}
