using AptHandler.Apt;
using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Processes;

namespace AptHandler.Rollback;

/// <summary>
/// Keeps the files that an update may change and that no archive holds as they are: configuration files of old packages, and what lies already
/// where new packages put something, or beside their configuration. The mirror image is <see cref="KeptFiles"/>.
/// </summary>
internal sealed class FileKeeper(AptSystem system, BackupFolder folder)
{
    /// <summary>Of files that no package has: no configuration that somebody has written is larger. In bytes.</summary>
    public const int LargestBeside = 1 << 20;

    /// <summary>0600: whoever may read the copies may not have been allowed to read the file.</summary>
    public const int ReadableByOwner = 0x180;

    private const string Query = "/usr/bin/dpkg-query";
    private const int LargestFile = 256 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly List<KeptFile> _files = [];
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    /// <summary>Keeps the files of an update.</summary>
    /// <param name="packages">The packages in the two sets; their new archives are there.</param>
    /// <param name="newFiles">Files that the update itself writes or takes away.</param>
    /// <returns>The files, and the folders that only new packages have.</returns>
    /// <exception cref="IOException">A file cannot be kept.</exception>
    public (List<KeptFile> Files, List<string> NewFolders) Keep(IReadOnlyList<KeptPackage> packages, IReadOnlyList<WantedFile> newFiles)
    {
        var newFolders = new List<string>();
        foreach (WantedFile file in newFiles)
            KeepExactly(file.Path, newFolders);
        string[] old = [.. packages.Where(package => package.Old is not null).Select(package => package.Name)];
        foreach (string path in Conffiles(old))
        {
            Keep(path, isConffile: true);
            Keep(path + KeptFiles.NotTaken, isConffile: false);
        }

        HashSet<string> owned = [.. old.SelectMany(name => FileLists.Of(system, name))];
        KeptPackage[] coming = [.. packages.Where(package => package.New?.Archive is not null)];
        var configuration = new HashSet<string>(StringComparer.Ordinal);
        int at = 0;
        foreach (IReadOnlyList<ShippedFile> files in PackageArchive.FilesOfAll(Array.ConvertAll(coming, package => folder.Archive(package.New!.Archive!))))
        {
            bool isNewcomer = coming[at++].Old is null;
            foreach (ShippedFile shipped in files)
            {
                if (isNewcomer && shipped.IsFolder && shipped.Path.StartsWith("/etc/", StringComparison.Ordinal))
                    configuration.Add(shipped.Path);
                if (shipped.Path == "/" || owned.Contains(shipped.Path))
                    continue;
                if (!shipped.IsFolder)
                    Keep(shipped.Path, isConffile: false);
                else if (_seen.Add(shipped.Path) && Descriptor.StatusOf(system.PathOf(shipped.Path)) is null)
                    newFolders.Add(shipped.Path);
            }
        }

        KeepBeside(configuration);
        return (_files, newFolders);
    }

    // A new package is purged on the way back, and the script with which it goes may delete what it has never shipped: a configuration that
    // somebody has prepared.
    private void KeepBeside(IEnumerable<string> folders)
    {
        IEnumerable<string> files = folders
            .Where(path => Descriptor.StatusOf(system.PathOf(path)) is { IsFolder: true })
            .SelectMany(path => Directory.EnumerateFiles(system.PathOf(path)).Select(file => $"{path}/{Path.GetFileName(file)}"))
            .Where(path => !_seen.Contains(path) && Descriptor.StatusOf(system.PathOf(path)) is { Size: <= LargestBeside });
        foreach (string path in FileLists.Unowned(system, files))
            Keep(path, isConffile: false, isBeside: true);
    }

    // Here even what is not there counts, and what cannot be kept is in the way.
    private void KeepExactly(string path, List<string> newFolders)
    {
        string whole = system.PathOf(path);
        WantedFile.Require(system.RootFolder, whole);
        Libc.FileStatus? there = Descriptor.StatusOf(whole);
        if (there is not (null or { IsRegular: true } or { IsLink: true }))
            throw new IOException($"cannot change {whole}: it is neither a file nor a link; remove it");
        string parent = Path.GetDirectoryName(path)!;
        if (Descriptor.StatusOf(system.PathOf(parent)) is null && _seen.Add(parent))
            newFolders.Add(parent);
        Keep(path, isConffile: false);
        if (there is null)
            _files.Add(new KeptFile(path, IsConffile: false, null, null, 0, 0, 0));
    }

    // A configuration file that is not there is remembered, too: somebody has deleted it.
    private void Keep(string path, bool isConffile, bool isBeside = false)
    {
        string whole = system.PathOf(path);
        if (!_seen.Add(path) || !RootsPlace.Holds(system.RootFolder, whole))
            return;
        Libc.FileStatus? status = Descriptor.StatusOf(whole);
        if (status is { IsRegular: true })
        {
            using var file = Descriptor.Open(whole, Libc.O_RDONLY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK);
            Libc.FileStatus opened = file.Status();
            string name = FormattableString.Invariant($"{_files.Count:d6}");
            WholeFile.Replace(Path.Combine(folder.Files, name), BoundedFile.Read(file, whole, LargestFile), ReadableByOwner);
            _files.Add(new KeptFile(path, isConffile, name, null, opened.Permissions, opened.User, opened.Group, isBeside));
        }
        else if (status is { IsLink: true })
        {
            _files.Add(new KeptFile(path, isConffile, null, new FileInfo(whole).LinkTarget, 0, status.Value.User, status.Value.Group, isBeside));
        }
        else if (isConffile)
        {
            _files.Add(new KeptFile(path, isConffile, null, null, 0, 0, 0));
        }
    }

    // " /etc/foo.conf 0123…" and " /etc/foo.conf 0123… obsolete"
    private IEnumerable<string> Conffiles(string[] names)
    {
        if (names.Length == 0)
            return [];
        string output = Run([$"--admindir={system.AdminFolder}", "--show", "--showformat=${Conffiles}\n", "--", .. names]);
        return
        [
            .. from line in output.Split('\n')
               let words = line.Trim().Split(' ')
               let hash = Array.FindLastIndex(words, word => word.Length == 32 && word.All(char.IsAsciiHexDigitLower))
               where hash > 0 && words[0].StartsWith('/')
               select string.Join(' ', words[..hash]),
        ];
    }

    private string Run(string[] arguments)
    {
        const int Largest = 64 << 20;
        using var output = Descriptor.InMemory("output");
        using ChildProcess child = ChildProcess.Spawn(new ChildStart(Query, arguments, system.Environment) { Output = output.Number });
        _ = child.Wait(Patience) ?? child.Terminate(TimeSpan.FromSeconds(1));
        return output.ReadEnd(Largest);
    }
}
