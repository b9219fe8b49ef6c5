using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Settings;

namespace AptHandler.Records;

/// <summary>
/// The state and the run folder. Only root writes there; the group of the agent reads, because the library answers IsInstalled from them
/// and finds the results of workers there. The setgid bit hands the group on to all that is made below.
/// </summary>
public static class OwnFolders
{
    private const UnixFileMode ForOwner =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;

    /// <summary>The mode of these folders and of those in them.</summary>
    internal const uint ForGroup = 0x5E8; // 2750

    /// <summary>Makes what is missing.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static void Make(Configuration configuration)
    {
        foreach (string path in new[] { configuration.StateDir, configuration.RunDir })
        {
            if (!Directory.Exists(path))
                Make(path);
        }
    }

    /// <summary>Checks that nobody else can have written there: root follows what it finds.</summary>
    /// <exception cref="IOException">Somebody else can.</exception>
    public static void Check(Configuration configuration)
    {
        foreach (string path in new[] { configuration.StateDir, configuration.RunDir })
            Check(path);
    }

    private static void Check(string path)
    {
        using var folder = Descriptor.Open(path, Libc.O_RDONLY | Libc.O_DIRECTORY);
        Libc.FileStatus status = folder.Status();
        if (status.User != Libc.EffectiveUser() || status.IsWritableByOthers)
            throw new IOException(
                $"cannot trust {path}: it belongs to user {status.User}, or others can write it; make it root's own (chown root, "
                    + $"chmod go-w), and look at what is in it"
            );
    }

    private static void Make(string path)
    {
        Directory.CreateDirectory(path, ForOwner);
        if (Libc.EffectiveUser() != 0 || Account.Find(Account.OfAgent) is not { } agent)
            return;
        using var folder = Descriptor.Open(path, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW);
        folder.SetOwner(Account.Root.User, agent.Group, path);
        folder.SetMode(ForGroup, path);
    }
}
