using System.Text;
using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Processes;

namespace AptHandler.Rollback;

/// <summary>Takes the snapshot of a machine before an update. The way back is <see cref="FileReturn"/>.</summary>
/// <param name="system">The machine.</param>
/// <param name="folder">Where the backup lies.</param>
/// <param name="status">What is installed.</param>
internal sealed class SnapshotMaker(AptSystem system, BackupFolder folder, DpkgStatus status)
{
    private const string Query = "/usr/bin/dpkg-query";
    private const int LargestInfoFile = 64 << 20;

    // A reboot flag that the update has set is removed when the update is undone.
    private static readonly string[] AlsoWatched =
    [
        "/etc/alternatives",
        "/run/reboot-required",
        "/run/reboot-required.pkgs",
        "/var/lib/ucf/registry",
        "/var/lib/ucf/hashfile",
    ];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly RootTree _tree = new(system.RootFolder);
    private int _names;

    /// <summary>Takes it.</summary>
    /// <param name="packages">The packages in the two sets; their new archives are there.</param>
    /// <param name="newFiles">Files that the update itself writes or takes away.</param>
    /// <exception cref="IOException">A file cannot be kept; the message says which, and why.</exception>
    public MachineSnapshot Take(IReadOnlyList<KeptPackage> packages, IReadOnlyList<WantedFile> newFiles)
    {
        List<StatusEntry> old = OldPackages(packages);
        HashSet<string> conffiles = Conffiles(old);
        var databases = PackageDatabases.Read(system);
        List<string> taken = [];
        WatchedPaths watched = Watch(packages, newFiles, old, conffiles, databases, taken);
        (List<SnapshotEntry> entries, List<string> absent) = Look(watched, conffiles);
        string[] services = [.. watched.Services];
        using var contents = KeptContents.Create(folder.Contents);
        List<PackageRecord> records = KeepRecords(old, TakenFrom(taken, entries), contents);
        var md5Sums = new Md5Table(new EntryTable(entries));
        foreach (StatusEntry package in old)
        {
            if (FileLists.InfoFile(system, package, "md5sums") is { } file)
                md5Sums.Read(file);
        }

        foreach (SnapshotEntry[] some in entries.Chunk(FileHash.FilesAtOnce))
            KeepContents(some, md5Sums, contents);
        contents.Sync();
        return new MachineSnapshot
        {
            Entries = entries,
            Absent = absent,
            Databases = databases,
            Records = records,
            Services = services,
            Unshipped = UnshippedNames.Look(_tree, entries),
        };
    }

    /// <summary>What dpkg, dpkg-maintscript-helper(1) and ucf(1) add to the name of a configuration file.</summary>
    public static IReadOnlyList<string> BesideConffile { get; } =
    [".dpkg-dist", ".dpkg-old", ".dpkg-new", ".dpkg-tmp", ".dpkg-bak", ".dpkg-remove", ".dpkg-backup", ".ucf-dist", ".ucf-old", ".ucf-new"];

    /// <summary>Whether one of these has put a file beside a configuration file.</summary>
    public static bool IsBesideConffile(string path) => BesideConffile.Any(suffix => path.EndsWith(suffix, StringComparison.Ordinal));

    /// <summary>Fills in the hashes of files, as far as others than root cannot change the way to them.</summary>
    public static void Hash(RootTree tree, IEnumerable<SnapshotEntry> entries)
    {
        foreach (SnapshotEntry[] some in entries.Where(entry => entry.Kind == EntryKind.File).Chunk(FileHash.FilesAtOnce))
        {
            Dictionary<string, SnapshotEntry> files = SafeFiles(tree, some);
            FileHash.StartAll("sha256sum", files.Keys)((path, hash) => files[path].Hash = hash);
        }
    }

    private List<StatusEntry> OldPackages(IReadOnlyList<KeptPackage> packages)
    {
        var old = new List<StatusEntry>();
        foreach (KeptPackage package in packages)
        {
            if (package.Find(status) is { } entry)
                old.Add(entry);
        }

        return old;
    }

    private IEnumerable<string> NewArchives(IReadOnlyList<KeptPackage> packages) =>
        packages.Select(package => package.New?.Archive).OfType<string>().Select(folder.Archive);

    private WatchedPaths Watch(
        IReadOnlyList<KeptPackage> packages,
        IReadOnlyList<WantedFile> newFiles,
        List<StatusEntry> old,
        HashSet<string> conffiles,
        PackageDatabases databases,
        List<string> taken
    )
    {
        var watched = new WatchedPaths(_tree);
        var inPackages = new HashSet<string>(StringComparer.Ordinal);
        foreach (StatusEntry package in old)
            inPackages.UnionWith(FileLists.Of(system, package));
        watched.Add(inPackages);
        WatchNew(packages, inPackages, watched, taken);
        foreach (WantedFile file in newFiles)
            Require(file.Path);
        watched.Add(newFiles.Select(file => file.Path));
        watched.Add(conffiles);
        watched.Add(UcfFiles(old));
        watched.AddBesideConffiles(conffiles);
        watched.Add(AlsoWatched);
        watched.AddOnTheWay();
        watched.AddEnablement();
        watched.AddOutOfReach(databases.Paths());
        return watched;
    }

    // Also gathers what no old package has.
    private void WatchNew(IReadOnlyList<KeptPackage> packages, HashSet<string> inPackages, WatchedPaths watched, List<string> taken) =>
        PackageArchive.ReadAll(
            [.. NewArchives(packages)],
            (shipped, tar) =>
            {
                watched.Add(shipped.Path);
                if (!shipped.IsFolder && !inPackages.Contains(shipped.Path))
                    taken.Add(shipped.Path);
                if (shipped.Kind == ShippedKind.Link && _tree.StatusOf(shipped.Path) is { IsFolder: true })
                    watched.Add(Behind(shipped, inPackages));
                if (shipped.Kind == ShippedKind.File)
                    watched.AddServices(Aliases(shipped, tar));
            }
        );

    // A unit can be enabled by another name, which nothing else tells.
    private static IEnumerable<string> Aliases(ShippedFile shipped, TarReader tar)
    {
        const int LargestUnit = 64 * 1024;
        return Enablement.ServiceOf(shipped.Path) is not null && tar.Length is > 0 and <= LargestUnit
            ? Enablement.AliasesIn(tar.Content(LargestUnit))
            : [];
    }

    // Where a folder becomes a link, dpkg deletes what the old version had in the folder through the link: files of others.
    private static string[] Behind(ShippedFile link, HashSet<string> inPackages)
    {
        string target = Path.GetFullPath(link.Target, Path.GetDirectoryName(link.Path)!);
        return inPackages
            .Where(path => path.StartsWith(link.Path + "/", StringComparison.Ordinal))
            .Select(path => target + path[link.Path.Length..])
            .ToArray();
    }

    private void Require(string path)
    {
        WantedFile.Require(system.RootFolder, system.PathOf(path));
        if (_tree.StatusOf(path) is not (null or { IsRegular: true } or { IsLink: true }))
            throw new IOException($"cannot change {system.PathOf(path)}: it is neither a file nor a link; remove it");
    }

    private (List<SnapshotEntry> Entries, List<string> Absent) Look(WatchedPaths watched, HashSet<string> conffiles)
    {
        var entries = new List<SnapshotEntry>();
        var absent = new List<string>();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string path in watched.InOrder)
        {
            if (_tree.IsStrange(path))
                continue;
            SnapshotEntry entry = SnapshotEntry.Of(_tree, path, conffiles.Contains(path)) with { IsInReach = watched.IsInReach(path) };
            if (entry.Kind == EntryKind.Absent && !entry.IsConffile)
            {
                absent.Add(path);
                continue;
            }

            if (entry.Kind == EntryKind.File && _tree.StatusOf(path) is { Links: > 1 } many && _tree.Canonical(path) is { } real)
            {
                // The same file under a path with another link in it is the same name.
                string identity = $"{many.DeviceMajor}:{many.DeviceMinor}:{many.Inode}";
                if (!names.TryAdd(identity, path) && names[identity] is var first && _tree.Canonical(first) != real)
                    entry = entry with { SameFileAs = first };
            }

            entries.Add(entry);
        }

        return (entries, absent);
    }

    // What an archive does not have is kept. Whether it has a file as it is, dpkg's list of checksums tells.
    private void KeepContents(SnapshotEntry[] entries, Md5Table md5Sums, KeptContents contents)
    {
        Dictionary<string, SnapshotEntry> safe = SafeFiles(_tree, entries);
        string[] inPackages = [.. safe.Keys.Where(place => safe[place] is { IsConffile: false } file && md5Sums.Knows(file.Path))];
        Action<Action<string, string>> shipped = FileHash.StartAll("md5sum", inPackages);
        Hash(_tree, entries);
        var sums = new Dictionary<string, string>(StringComparer.Ordinal);
        shipped((place, sum) => sums[place] = sum);
        foreach (SnapshotEntry entry in entries)
        {
            bool isShipped =
                !entry.IsConffile
                && md5Sums.Knows(entry.Path)
                && _tree.SafePath(entry.Path) is { } place
                && sums.TryGetValue(place, out string? sum)
                && md5Sums.Is(entry.Path, sum);
            if (entry.Kind != EntryKind.File || isShipped || entry.SameFileAs is not null || !entry.IsInReach)
                continue;
            RequireRoom(entry, contents);
            using Descriptor file = _tree.Open(entry.Path);
            (long offset, long length) = contents.Add(file);
            if (length != entry.Size)
                throw new IOException($"cannot keep {entry.Path}: it is being written; try again when nobody writes to it");
            entry.Content = offset;
            KeepName(entry, _names++);
        }
    }

    // A file with other names elsewhere keeps them only if it comes back itself.
    private void KeepName(SnapshotEntry entry, int number)
    {
        string name = $"{number:d6}";
        if (
            _tree.StatusOf(entry.Path) is { Links: > 1 }
            && _tree.SafePath(entry.Path) is { } place
            && Libc.Link(Libc.AT_FDCWD, place, Libc.AT_FDCWD, folder.KeptName(name), 0) == 0
        )
            entry.KeptName = name;
    }

    // Large ones only: for the rest the check of free space has left room.
    private void RequireRoom(SnapshotEntry entry, KeptContents contents)
    {
        const long Large = 1 << 20;
        if (
            entry.Size < Large
            || new DriveInfo(folder.Archives).AvailableFreeSpace is var free && free >= entry.Size + BackupFolder.RoomFor(system)
        )
            return;
        contents.Dispose();
        throw new IOException(
            $"cannot keep {entry.Path}, which the update would replace: it needs {entry.Size / 1000} kB at {folder.Archives}, "
                + $"but {free / 1000} kB are free; free some space, or move the file away",
            Libc.ENOSPC
        );
    }

    private static Dictionary<string, SnapshotEntry> SafeFiles(RootTree tree, IEnumerable<SnapshotEntry> entries)
    {
        var files = new Dictionary<string, SnapshotEntry>(StringComparer.Ordinal);
        foreach (SnapshotEntry entry in entries)
        {
            if (entry.Kind == EntryKind.File && tree.SafePath(entry.Path) is { } place)
                files.TryAdd(place, entry);
        }

        return files;
    }

    // The packages outside the plan that own what new packages ship: dpkg takes the files over, and what it knows of those packages
    // changes.
    private List<StatusEntry> TakenFrom(List<string> taken, List<SnapshotEntry> entries)
    {
        HashSet<string> present = [.. entries.Where(entry => entry.Kind != EntryKind.Absent).Select(entry => entry.Path)];
        Dictionary<string, string> owners = FileLists.Owners(system, _tree, taken.Where(present.Contains));
        var packages = new List<StatusEntry>();
        foreach (string owner in owners.Values.Distinct(StringComparer.Ordinal))
        {
            if (Find(PackageName.Known(owner)) is { } entry)
                packages.Add(entry);
        }

        return packages;

        // dpkg names the list of a foreign package that has no siblings without its architecture.
        StatusEntry? Find(PackageName name)
        {
            if (status.Find(name) is { } entry)
                return entry;
            foreach (StatusEntry each in status.Entries)
            {
                if (each.Name == name.Name && name.Architecture is null)
                    return each;
            }

            return null;
        }
    }

    private List<PackageRecord> KeepRecords(List<StatusEntry> old, List<StatusEntry> others, KeptContents contents)
    {
        using var stanzas = StatusStanzas.Read(system.StatusFile, system.NativeArchitecture);
        var records = new List<PackageRecord>();
        foreach (StatusEntry package in old)
            Keep(package, isOutsidePlan: false);
        foreach (StatusEntry package in others)
        {
            if (!records.Exists(record => record.Name == package.Name && record.Architecture == package.Architecture))
                Keep(package, isOutsidePlan: true);
        }

        return records;

        void Keep(StatusEntry package, bool isOutsidePlan)
        {
            if (stanzas[package.Name, package.Architecture] is not { } stanza)
                return;
            var files = new List<KeptInfoFile>();
            foreach (string file in FileLists.InfoFiles(system, package))
            {
                using var info = Descriptor.Open(file, Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_NOFOLLOW);
                Libc.FileStatus about = info.Status();
                if (!about.IsRegular || about.Size > LargestInfoFile)
                    throw new IOException($"cannot keep {file}: it is not a regular file of at most {LargestInfoFile} bytes");
                (long offset, long length) = contents.Add(info);
                files.Add(new KeptInfoFile(Path.GetFileName(file), about.Permissions, new KeptBytes(offset, (int)length)));
            }

            byte[] text = Encoding.Latin1.GetBytes(stanza);
            var place = new KeptBytes(contents.Add(text), text.Length);
            records.Add(new PackageRecord(package.Name, package.Architecture, place, files) { IsOutsidePlan = isOutsidePlan });
        }
    }

    // "openssh-server /etc/ssh/sshd_config", with white space between the two.
    private IEnumerable<string> UcfFiles(List<StatusEntry> packages)
    {
        string registry = system.PathOf("/var/lib/ucf/registry");
        if (!File.Exists(registry))
            yield break;
        HashSet<string> names = [];
        foreach (StatusEntry package in packages)
            names.Add(package.Name);
        foreach (string line in File.ReadLines(registry))
        {
            string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length != 2 || !names.Contains(words[0]))
                continue;
            yield return words[1];
            yield return "/var/lib/ucf/cache/" + words[1].Replace('/', ':');
        }
    }

    // " /etc/foo.conf 0123…" and " /etc/foo.conf 0123… obsolete"
    private HashSet<string> Conffiles(List<StatusEntry> packages)
    {
        if (packages.Count == 0)
            return [];
        var arguments = new List<string> { $"--admindir={system.AdminFolder}", "--show", "--showformat=${Conffiles}\n", "--" };
        foreach (StatusEntry package in packages)
            arguments.Add(package.Architecture is "all" or "" ? package.Name : $"{package.Name}:{package.Architecture}");
        using var output = Descriptor.InMemory("output");
        using ChildProcess child = ChildProcess.Spawn(new ChildStart(Query, arguments, system.Environment) { Output = output.Number });
        _ = child.Wait(Patience) ?? child.Terminate(TimeSpan.FromSeconds(1));
        return
        [
            .. from line in Pieces.Of(output, (byte)'\n')
            let words = line.Trim().Split(' ')
            let hash = Array.FindLastIndex(words, word => word.Length == 32 && word.All(char.IsAsciiHexDigitLower))
            where hash > 0 && words[0].StartsWith('/')
            select string.Join(' ', words[..hash]),
        ];
    }
}
