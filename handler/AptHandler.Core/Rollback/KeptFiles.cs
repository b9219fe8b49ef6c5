using AptHandler.Apt;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Rollback;

/// <summary>
/// The files on the way to a set that dpkg leaves alone: it keeps every configuration file that differs from what it knows, knows nothing of files
/// of a package that was killed half unpacked, and does not sync configuration files.
/// </summary>
internal sealed class KeptFiles(AptSystem system, BackupFolder folder, Backup backup)
{
    // What dpkg puts beside a file while it replaces it, and what it leaves there of a configuration file that was not taken.
    private static readonly string[] OnTheWay = [".dpkg-new", ".dpkg-tmp"];
    private static readonly string[] NotTaken = [.. OnTheWay, ".dpkg-dist"];

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
            if (!before.Contains(path) && IsSame(whole, shipped))
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
            if (!before.Contains(path) && length == 0 && shipped.Length > 0)
                WholeFile.Replace(whole, shipped, 0x1A4 /* 0644 */);
        });
        foreach (KeptFile file in backup.Files.Where(file => file is { IsConffile: true, Content: not null }))
        {
            if (new FileInfo(system.PathOf(file.Path)) is { Exists: true, Length: 0 } && new FileInfo(CopyOf(file)).Length > 0)
                PutBack(file);
        }
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
        foreach (KeptFile file in backup.Files)
        {
            string whole = system.PathOf(file.Path);
            bool isThere = File.Exists(whole);
            if (file.Content is null ? !isThere : isThere && File.ReadAllBytes(whole).AsSpan().SequenceEqual(File.ReadAllBytes(CopyOf(file))))
                continue;
            if (keepsEdits && isThere && shipped.TryGetValue(file.Path, out byte[]? content) && !IsSame(whole, content))
                stay.Add(file.Path);
            else if (file.Content is not null)
                PutBack(file);
            else if (file.IsConffile && Descriptor.StatusOf(whole) is { IsRegular: true })
                File.Delete(whole);
        }

        return stay;
    }

    /// <summary>Those archives of a set of which a file is not there: it had moved from one package to another, or was lost with the power.</summary>
    public string[] Incomplete(PackageSet set) =>
    [
        .. Archives(set).Where(archive => PackageArchive.Files(archive).Any(shipped => Descriptor.StatusOf(system.PathOf(shipped.Path)) is null && !IsConffile(shipped.Path, archive))),
    ];

    /// <summary>Deletes what a half unpacked package has left: files that were not there before and that no package has, and folders.</summary>
    /// <param name="set">The set that was reached.</param>
    public void RemoveLeftovers(PackageSet set)
    {
        HashSet<string> before = [.. backup.Files.Select(file => file.Path)];
        HashSet<string> old = [.. backup.Packages.SelectMany(package => FileLists.Of(system, package.Name))];
        ShippedFile[] shipped = [.. PackageArchive.FilesOfAll([.. Archives(PackageSet.New)]).SelectMany(each => each).Distinct()];
        string[] paths = [.. shipped.Where(each => !each.IsFolder).Select(each => each.Path)];
        string diversions = File.Exists(Path.Combine(system.AdminFolder, "diversions")) ? File.ReadAllText(Path.Combine(system.AdminFolder, "diversions")) : "";
        IEnumerable<string> candidates = paths.Where(path => !before.Contains(path) && !old.Contains(path) && !diversions.Contains(path, StringComparison.Ordinal) && Exists(path));
        foreach (string path in FileLists.Unowned(system, candidates))
            File.Delete(system.PathOf(path));
        foreach (string path in paths.Concat(old).Distinct(StringComparer.Ordinal).SelectMany(path => (set == PackageSet.Old ? NotTaken : OnTheWay).Select(suffix => path + suffix)).Where(path => !before.Contains(path) && Exists(path)))
            File.Delete(system.PathOf(path));
        IEnumerable<string> halfMade = shipped.Where(each => each.IsFolder && each.Path != "/").SelectMany(each => OnTheWay.Select(suffix => each.Path + suffix));
        foreach (string path in backup.NewFolders.Concat(halfMade).OrderByDescending(path => path.Length))
        {
            string whole = system.PathOf(path);
            if (!old.Contains(path) && !(set == PackageSet.New && backup.NewFolders.Contains(path, StringComparer.Ordinal)) && Descriptor.StatusOf(whole) is { IsFolder: true } && !Directory.EnumerateFileSystemEntries(whole).Any())
                Directory.Delete(whole);
        }

        string control = Path.Combine(system.AdminFolder, "tmp.ci");
        if (Directory.Exists(control))
            Directory.Delete(control, recursive: true);

        bool Exists(string path) => Descriptor.StatusOf(system.PathOf(path)) is { IsFolder: false };
    }

    private void PutBack(KeptFile file)
    {
        string whole = system.PathOf(file.Path);
        if (!Directory.Exists(Path.GetDirectoryName(whole)))
            Directory.CreateDirectory(Path.GetDirectoryName(whole)!);
        WholeFile.Replace(whole, File.ReadAllBytes(CopyOf(file)), (int)file.Mode);
        using var written = Descriptor.Open(whole, Libc.O_RDONLY | Libc.O_NOFOLLOW);
        written.SetOwner(file.User, file.Group, whole);
        written.SetMode(file.Mode, whole);
    }

    private string CopyOf(KeptFile file) => Path.Combine(folder.Files, file.Content!);

    private IEnumerable<string> Archives(PackageSet set) => backup.Packages.Select(package => package.In(set)?.Archive).OfType<string>().Select(folder.Archive);

    // Whoever has deleted one wants it so.
    private static bool IsConffile(string path, string archive) => Conffiles(archive).Contains(path);

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

    private static bool IsSame(string path, byte[] content) =>
        new FileInfo(path) is { Exists: true } there && there.Length == content.Length && File.ReadAllBytes(path).AsSpan().SequenceEqual(content);
}
