using AptHandler.Apt;
using AptHandler.Files;
using AptHandler.Processes;
using Microsoft.Extensions.Logging;

namespace AptHandler.Rollback;

/// <summary>
/// A read-only snapshot of a root on btrfs, for a person to look at and to copy from. The way back does not use it: what services have
/// written since would be lost.
/// </summary>
/// <param name="system">The machine.</param>
/// <param name="log">What is done.</param>
internal sealed class RootSnapshot(AptSystem system, ILogger log)
{
    private const string Program = "/usr/bin/btrfs";
    private const ulong InodeOfSubvolume = 256;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private string Folder => system.PathOf("/.du-apt-snapshots");

    /// <summary>Where the snapshot of an update is, seen from the root; null where there is none.</summary>
    public string? Find(int update) => Directory.Exists(PathOf(update)) ? system.SeenFromRoot(PathOf(update)) : null;

    /// <summary>Takes one in place of that of an earlier update. Where that cannot be done, it is logged, and nothing else.</summary>
    /// <param name="update">The number of the update.</param>
    public void Take(int update)
    {
        string root = system.RootFolder;
        if (new DriveInfo(root).DriveFormat != "btrfs" || Descriptor.StatusOf(root + "/") is not { Inode: InodeOfSubvolume })
        {
            log.LogInformation("no snapshot is taken: {Root} is no subvolume of btrfs", root);
            return;
        }

        if (!File.Exists(Program))
        {
            log.LogWarning("no snapshot is taken: {Program} is missing; install btrfs-progs", Program);
            return;
        }

        try
        {
            Directory.CreateDirectory(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            foreach (string earlier in Directory.EnumerateDirectories(Folder))
                Run("subvolume", "delete", earlier);
            Run("subvolume", "snapshot", "-r", root, PathOf(update));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.LogWarning("no snapshot is taken: {Reason}", e.Message);
        }
    }

    private string PathOf(int update) => Path.Combine(Folder, $"{update}");

    private void Run(params string[] arguments) =>
        ChildProcess.RunToSuccess(new ChildStart(Program, arguments, system.Environment), Patience, $"btrfs {string.Join(' ', arguments)}");
}
