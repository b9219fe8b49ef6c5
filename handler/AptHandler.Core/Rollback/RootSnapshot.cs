using AptHandler.Apt;
using AptHandler.Files;
using AptHandler.Processes;
using Microsoft.Extensions.Logging;

namespace AptHandler.Rollback;

/// <summary>
/// A read-only snapshot of a root on btrfs. People can look at it and copy files from it. The way back does not use it, because that would
/// lose the data that services have written since.
/// </summary>
/// <param name="system">The machine.</param>
/// <param name="log">Gets a line for each step.</param>
internal sealed class RootSnapshot(AptSystem system, ILogger log)
{
    private const string Program = "/usr/bin/btrfs";
    private const ulong InodeOfSubvolume = 256;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private string Folder => system.PathOf("/.du-apt-snapshots");

    /// <summary>The path of an update's snapshot, seen from the root; null where there is none.</summary>
    public string? Find(int update) => Directory.Exists(PathOf(update)) ? system.SeenFromRoot(PathOf(update)) : null;

    /// <summary>Takes a snapshot, and deletes that of an earlier update. A failure is only logged.</summary>
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
