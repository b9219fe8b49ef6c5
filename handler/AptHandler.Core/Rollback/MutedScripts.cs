using System.Text;
using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Processes;

namespace AptHandler.Rollback;

/// <summary>
/// Maintainer scripts that block the way back. dpkg falls back to the script of the other version where there is one. If that fails, too,
/// the script is replaced by one that does nothing. In the end it is restored from its archive.
/// </summary>
internal sealed class MutedScripts(AptSystem system, BackupFolder folder, Backup backup)
{
    private const int Executable = 0x1ED; // 0755

    private static readonly string[] Names = ["preinst", "postinst", "prerm", "postrm"];
    private static readonly byte[] Nothing = Encoding.ASCII.GetBytes("#!/bin/sh\nexit 0\n");

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly HashSet<string> _rebuilt = new(StringComparer.Ordinal);
    private readonly HashSet<string> _muted = new(StringComparer.Ordinal);

    /// <summary>Mutes the scripts of packages that differ from before.</summary>
    /// <param name="ofArchives">
    /// Whether to mute the scripts in the old archives, too. The script that runs before unpacking is only there.
    /// </param>
    /// <returns>The packages whose scripts are muted now.</returns>
    public IReadOnlyCollection<string> Mute(bool ofArchives)
    {
        var mutedNow = new List<string>();
        DpkgStatus status = system.ReadStatus();
        foreach (KeptPackage package in backup.Packages)
        {
            StatusEntry? entry = package.Find(status);
            bool isAsBefore = package.Old is null
                ? entry is null
                : entry is { IsInstalled: true } there && there.Version == package.Old.Version;
            if (isAsBefore)
                continue;
            if (ofArchives && package.Old?.Archive is { } archive)
                _rebuilt.Add(archive);
            foreach (
                string script in entry is { } now ? Names.Select(script => FileLists.InfoFile(system, now, script)).OfType<string>() : []
            )
                WholeFile.Replace(script, Nothing, Executable);
            _muted.Add(package.Name);
            mutedNow.Add(package.Name);
        }

        return mutedNow;
    }

    /// <summary>The archive to unpack: the kept one, or a copy with scripts that do nothing.</summary>
    /// <exception cref="IOException">The copy cannot be made.</exception>
    public string ArchiveOf(string name)
    {
        string kept = folder.Archive(name);
        if (!_rebuilt.Contains(name))
            return kept;
        string tree = folder.Archive(".muted");
        string muted = folder.Archive($".muted-{name}");
        if (Directory.Exists(tree))
            Directory.Delete(tree, recursive: true);
        Run("--raw-extract", kept, tree);
        foreach (string script in Names.Select(script => Path.Combine(tree, "DEBIAN", script)).Where(File.Exists))
            File.WriteAllBytes(script, Nothing);
        Run("-Znone", "--build", tree, muted);
        Directory.Delete(tree, recursive: true);
        return muted;
    }

    /// <summary>Restores the scripts of the installed packages from the archives of their versions.</summary>
    public void PutBack()
    {
        DpkgStatus status = system.ReadStatus();
        foreach (KeptPackage package in backup.Packages.Where(package => _muted.Contains(package.Name)))
        {
            if (package.Find(status) is not { } entry)
                continue;
            string version = entry.Version;
            string? archive =
                version == package.Old?.Version ? package.Old?.Archive
                : version == package.New?.Version ? package.New?.Archive
                : null;
            foreach (
                (string name, byte[] content) in archive is null
                    ? []
                    : PackageArchive.Control(folder.Archive(archive)).Where(file => Names.Contains(file.Key))
            )
            {
                if (FileLists.InfoFile(system, entry, name) is { } script)
                    WholeFile.Replace(script, content, Executable);
            }
        }
    }

    private void Run(params string[] arguments) =>
        ChildProcess.RunToSuccess(
            new ChildStart("/usr/bin/dpkg-deb", arguments, system.Environment),
            Patience,
            "cannot rebuild an archive"
        );
}
