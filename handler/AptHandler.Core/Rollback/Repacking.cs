using AptHandler.Apt;
using AptHandler.Files;
using AptHandler.Processes;

namespace AptHandler.Rollback;

/// <summary>
/// Makes the archive of an installed package from its files, with dpkg-repack(1). This is the last resort: a configuration file that
/// somebody has changed is packed as if the package had shipped it so.
/// </summary>
/// <param name="system">The machine.</param>
/// <param name="folder">The folder of the backup.</param>
internal sealed class Repacking(AptSystem system, BackupFolder folder)
{
    private const string Program = "/usr/bin/dpkg-repack";
    private const UnixFileMode ForOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>Makes an archive, if dpkg-repack is installed and succeeds.</summary>
    /// <exception cref="IOException">The archive cannot be renamed.</exception>
    public void TryMake(WantedArchive wanted)
    {
        if (!File.Exists(Program))
            return;
        Run(wanted.Name);

        // dpkg-repack leaves the epoch out of the file name.
        string version = wanted.Version[(wanted.Version.IndexOf(':', StringComparison.Ordinal) + 1)..];
        string made = folder.Archive($"{wanted.BareName}_{version}_{wanted.Architecture}.deb");
        string archive = folder.Archive(wanted.ArchiveName);
        if (File.Exists(made) && made != archive)
            File.Move(made, archive);
        if (!File.Exists(archive))
            return;
        File.SetUnixFileMode(archive, ForOwner);
        if (wanted.IsWholeAt(archive))
            wanted.Archive = wanted.ArchiveName;
    }

    // The exit status is ignored, because dpkg-repack reports success even when it fails.
    private void Run(string package)
    {
        string[] root = system.RootFolder == "/" ? [] : [$"--root={system.RootFolder}"];
        using var output = Descriptor.InMemory("output");
        using ChildProcess child = ChildProcess.Spawn(
            new ChildStart(Program, [.. root, package], system.Environment) { Folder = folder.Archives, Output = output.Number }
        );
        _ = child.Wait(Patience) ?? child.Terminate(TimeSpan.FromSeconds(1));
    }
}
