using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Rollback;

/// <summary>
/// The files on the way to a set that dpkg leaves alone: it keeps every configuration file that differs from what it knows, knows nothing of files
/// of a package that was killed half unpacked, and does not sync configuration files.
/// </summary>
internal sealed class KeptFiles(AptSystem system, BackupFolder folder, Backup backup)
{
    /// <summary>What dpkg adds to the name of a new configuration file that was not taken.</summary>
    public const string NotTaken = ".dpkg-dist";

    // What dpkg puts beside a file while it replaces it, and what it leaves there of a configuration file that was not taken.
    private static readonly string[] OnTheWay = [".dpkg-new", ".dpkg-tmp"];
    private static readonly string[] Beside = [.. OnTheWay, NotTaken];

    /// <summary>
    /// Takes away configuration files that only the new packages have, as long as they are as shipped. Before the old archives are unpacked: dpkg
    /// would take them over.
    /// </summary>
    public void RemoveNewConffiles()
    {
        HashSet<string> before = [.. backup.Files.Where(file => file.Content is not null).Select(file => file.Path)];
        EachConffile((path, shipped) =>
        {
            string whole = system.PathOf(path);
            if (!before.Contains(path) && IsSame(whole, shipped) && RootsPlace.Holds(system.RootFolder, whole))
                File.Delete(whole);
        });
    }

    /// <summary>Writes configuration files of the new packages that a power cut has left empty, or taken away, although they were not so before.</summary>
    public void CompleteNewConffiles()
    {
        HashSet<string> before = [.. backup.Files.Where(file => file.IsConffile).Select(file => file.Path)];
        EachConffile((path, shipped) =>
        {
            string whole = system.PathOf(path);
            long length = new FileInfo(whole) is { Exists: true } there ? there.Length : 0;
            if (!before.Contains(path) && length == 0 && shipped.Length > 0 && RootsPlace.Holds(system.RootFolder, whole))
                WholeFile.Replace(whole, shipped, 0x1A4 /* 0644 */);
        });
        foreach (KeptFile file in backup.Files.Where(file => file is { IsConffile: true, Content: not null }))
        {
            if (new FileInfo(system.PathOf(file.Path)) is { Exists: true, Length: 0 } && new FileInfo(CopyOf(file)).Length > 0)
                PutBack(file);
        }
    }

    /// <summary>Keeps what lies beside the configuration of new packages as it is now, because these are about to be purged: it is not theirs.</summary>
    public void KeepBeside()
    {
        foreach (KeptFile file in backup.Files.Where(file => file is { IsBeside: true, Content: not null } && !IsAsKept(file)))
        {
            string whole = system.PathOf(file.Path);
            if (Descriptor.StatusOf(whole) is not { IsRegular: true, Size: <= FileKeeper.LargestBeside } || !RootsPlace.Holds(system.RootFolder, whole))
                continue;
            using var opened = Descriptor.Open(whole, Libc.O_RDONLY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK);
            WholeFile.Replace(CopyOf(file), BoundedFile.Read(opened, whole, FileKeeper.LargestBeside), FileKeeper.ReadableByOwner);
        }
    }

    /// <summary>Writes and takes away the files that the update itself changes.</summary>
    /// <exception cref="IOException">That cannot be done.</exception>
    public void PutNew()
    {
        foreach (WantedFile file in backup.NewFiles)
            file.Put(system.RootFolder, system.PathOf(file.Path));
    }

    /// <summary>Puts those files back as they were.</summary>
    /// <exception cref="IOException">That cannot be done.</exception>
    public void TakeNewBack()
    {
        foreach (KeptFile file in backup.Files)
        {
            if (!IsWrittenByUpdate(file))
                continue;
            WantedFile.Require(system.RootFolder, system.PathOf(file.Path));
            WholeFile.Tidy(system.PathOf(file.Path));
            if (!IsAsKept(file))
                PutBack(file);
        }
    }

    /// <summary>Those of these files that are not as in a set.</summary>
    public IReadOnlyList<string> NewFilesNotAsIn(PackageSet set)
    {
        var paths = new List<string>();
        foreach (WantedFile file in backup.NewFiles)
        {
            if (set == PackageSet.New && !file.IsAt(system.PathOf(file.Path)))
                paths.Add(file.Path);
        }

        foreach (KeptFile file in backup.Files)
        {
            if (set == PackageSet.Old && IsWrittenByUpdate(file) && !IsAsKept(file))
                paths.Add(file.Path);
        }

        return paths;
    }

    /// <summary>Puts files back as they were.</summary>
    /// <param name="keepsEdits">Whether a configuration file stays that somebody has changed after the update: it is neither as before nor as shipped.</param>
    /// <returns>The files that stay.</returns>
    public List<string> PutBack(bool keepsEdits)
    {
        var stay = new List<string>();
        var shipped = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        if (keepsEdits)
            EachConffile((path, content) => shipped[path] = content);

        // What a package left behind that the update removed, nobody but a person changes.
        HashSet<string> left = keepsEdits ? [.. backup.Packages.Where(package => package.New is null).SelectMany(package => FileLists.Of(system, package.Name))] : [];
        foreach (KeptFile file in backup.Files.Where(file => !IsAsKept(file) && RootsPlace.Holds(system.RootFolder, system.PathOf(file.Path))))
        {
            string whole = system.PathOf(file.Path);
            if (file.IsBeside && Descriptor.StatusOf(whole) is not null)
                continue;
            bool isEdited = File.Exists(whole) && (shipped.TryGetValue(file.Path, out byte[]? content) ? !IsSame(whole, content) : file.IsConffile && left.Contains(file.Path));
            if (isEdited)
                stay.Add(file.Path);
            else
                PutBack(file);
        }

        return stay;
    }

    /// <summary>Whether nobody has changed a file since it was kept.</summary>
    public bool AreAsKept() => backup.Files.All(IsAsKept);

    /// <summary>Those archives of a set of which a file is not there: it had moved from one package to another, or was lost with the power.</summary>
    public string[] Incomplete(PackageSet set) =>
    [
        .. backup.Packages.Select(package => package.In(set)).Where(state => state is { Archive: not null, State: not PackageState.ConfigFiles }).Select(state => folder.Archive(state!.Archive!)).Where(archive =>
        {
            string[] missing = [.. PackageArchive.Files(archive).Select(shipped => shipped.Path).Where(path => Descriptor.StatusOf(system.PathOf(path)) is null)];

            // Whoever has deleted a configuration file wants it so.
            return missing.Length > 0 && missing.Except(Conffiles(archive), StringComparer.Ordinal).Any();
        }),
    ];

    /// <summary>Deletes what a half unpacked package has left: files that were not there before and that no package has, and folders.</summary>
    /// <param name="set">The set that was reached.</param>
    public void RemoveLeftovers(PackageSet set)
    {
        HashSet<string> before = [.. backup.Files.Select(file => file.Path)];
        HashSet<string> listed = [.. backup.Packages.SelectMany(package => FileLists.Of(system, package.Name))];
        ShippedFile[] shipped = [.. PackageArchive.FilesOfAll([.. Archives(PackageSet.New)]).SelectMany(each => each).DistinctBy(each => each.Path, StringComparer.Ordinal)];
        string[] paths = [.. shipped.Where(each => !each.IsFolder).Select(each => each.Path)];
        string diversions = File.Exists(Path.Combine(system.AdminFolder, "diversions")) ? File.ReadAllText(Path.Combine(system.AdminFolder, "diversions")) : "";
        IEnumerable<string> candidates = paths.Where(path => !before.Contains(path) && !listed.Contains(path) && !diversions.Contains(path, StringComparison.Ordinal) && Exists(path));
        foreach (string path in FileLists.Unowned(system, candidates))
            File.Delete(system.PathOf(path));
        foreach (string path in paths.Concat(listed).Distinct(StringComparer.Ordinal).SelectMany(path => (set == PackageSet.Old ? Beside : OnTheWay).Select(suffix => path + suffix)).Where(path => !before.Contains(path) && Exists(path)))
            File.Delete(system.PathOf(path));
        IEnumerable<string> halfMade = shipped.Where(each => each.IsFolder && each.Path != "/").SelectMany(each => OnTheWay.Select(suffix => each.Path + suffix));
        foreach (string path in backup.NewFolders.Concat(halfMade).OrderByDescending(path => path.Length))
        {
            string whole = system.PathOf(path);
            if (!listed.Contains(path) && !(set == PackageSet.New && backup.NewFolders.Contains(path, StringComparer.Ordinal)) && Descriptor.StatusOf(whole) is { IsFolder: true } && !Directory.EnumerateFileSystemEntries(whole).Any())
                Directory.Delete(whole);
        }

        string control = Path.Combine(system.AdminFolder, "tmp.ci");
        if (Directory.Exists(control))
            Directory.Delete(control, recursive: true);

        bool Exists(string path) => Descriptor.StatusOf(system.PathOf(path)) is { IsFolder: false } && RootsPlace.Holds(system.RootFolder, system.PathOf(path));
    }

    private bool IsWrittenByUpdate(KeptFile file)
    {
        foreach (WantedFile each in backup.NewFiles)
        {
            if (each.Path == file.Path)
                return true;
        }

        return false;
    }

    private bool IsAsKept(KeptFile file)
    {
        string whole = system.PathOf(file.Path);
        Libc.FileStatus? status = Descriptor.StatusOf(whole);
        return (file.Content, file.Link) switch
        {
            (null, null) => status is null,
            (null, var link) => status is { IsLink: true } && new FileInfo(whole).LinkTarget == link,
            _ => status is { IsRegular: true } now && now.Permissions == file.Mode && now.User == file.User && now.Group == file.Group && IsSame(whole, File.ReadAllBytes(CopyOf(file))),
        };
    }

    private void PutBack(KeptFile file)
    {
        string whole = system.PathOf(file.Path);
        if (file.Content is null && Descriptor.StatusOf(whole) is { IsFolder: false })
            File.Delete(whole);
        if (file is { Content: null, Link: null })
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(whole)!);
        if (file.Link is { } link)
            File.CreateSymbolicLink(whole, link);
        else
            WholeFile.Replace(whole, File.ReadAllBytes(CopyOf(file)), (int)file.Mode, file.User, file.Group);
    }

    private string CopyOf(KeptFile file) => Path.Combine(folder.Files, file.Content!);

    private IEnumerable<string> Archives(PackageSet set) => backup.Packages.Select(package => package.In(set)?.Archive).OfType<string>().Select(folder.Archive);

    private static HashSet<string> Conffiles(string archive) => PackageArchive.Control(archive).TryGetValue("conffiles", out byte[]? list)
        ? [.. System.Text.Encoding.UTF8.GetString(list).Split('\n').Where(line => line.Contains('/', StringComparison.Ordinal)).Select(line => line[line.IndexOf('/', StringComparison.Ordinal)..].TrimEnd())]
        : [];

    private void EachConffile(Action<string, byte[]> onFile)
    {
        foreach (string archive in Archives(PackageSet.New))
        {
            if (Conffiles(archive) is { Count: > 0 } conffiles)
                PackageArchive.Files(archive, conffiles, onFile);
        }
    }

    private static bool IsSame(string path, byte[] content)
    {
        if (Descriptor.StatusOf(path) is not { IsRegular: true } status || (long)status.Size != content.Length)
            return false;
        using var file = Descriptor.Open(path, Libc.O_RDONLY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK);
        return BoundedFile.Read(file, path, content.Length).AsSpan().SequenceEqual(content);
    }
}
