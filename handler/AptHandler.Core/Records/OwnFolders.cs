using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Settings;

namespace AptHandler.Records;

/// <summary>
/// The state folder and the run folder. Only root writes there. The agent's group can read, because the library answers IsInstalled from
/// these folders and finds the results of workers there. The setgid bit gives the group to everything that is created below them.
/// </summary>
public static class OwnFolders
{
    private const UnixFileMode ForOwner =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;

    /// <summary>The mode of these folders and of those in them.</summary>
    internal const uint ForGroup = 0x5E8; // 2750

    /// <summary>Creates the folders that are missing.</summary>
    /// <exception cref="IOException">A folder cannot be created.</exception>
    public static void Make(Configuration configuration)
    {
        foreach (string path in new[] { configuration.StateDir, configuration.RunDir })
        {
            if (!Directory.Exists(path))
                Make(path);
        }
    }

    /// <summary>Checks that nobody else can write there, because root trusts what it finds.</summary>
    /// <exception cref="IOException">Somebody else can write there.</exception>
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
                    + "chmod go-w), and look at what is in it"
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
