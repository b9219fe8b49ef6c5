using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Fixtures;

/// <summary>
/// A folder on a file system of its own, in memory, that can be filled up. Dispose takes it away, with all that is in it.
/// </summary>
public sealed class SmallFileSystem : IDisposable
{
    private readonly string _folder;

    private SmallFileSystem(string folder) => _folder = folder;

    private string Ballast => Path.Combine(_folder, "ballast");

    /// <summary>Puts a file system over a folder; the content of the folder is copied to it.</summary>
    public static SmallFileSystem Around(string folder, int mebibytes = 64)
    {
        const string Script = """
            new=$(mktemp -d)
            mount -t tmpfs -o size="$2m",mode=0755 none "$new"
            cp -a "$1/." "$new"
            mount --bind "$new" "$1"
            umount "$new"
            rmdir "$new"
            """;
        Command.Run("sh", ["-ec", Script, "sh", folder, $"{mebibytes}"]).Succeeded($"put a small file system over {folder}");
        return new SmallFileSystem(folder);
    }

    /// <summary>Fills the file system, but for a rest.</summary>
    public void LeaveKib(int free)
    {
        var available = new DriveInfo(_folder).AvailableFreeSpace / 1024;
        if (available < free)
            throw new InvalidOperationException($"cannot leave {free} KiB free in {_folder}: there are only {available}");
        Command.Run("fallocate", ["--length", $"{available - free}KiB", Ballast]).Succeeded("fill the file system");
    }

    /// <summary>Makes room again.</summary>
    public void Empty() => File.Delete(Ballast);

    // Whoever was killed in it may take a moment to be gone.
    public void Dispose() => Wait.Until(() => Command.Run("umount", [_folder]).ExitStatus == 0);
}
