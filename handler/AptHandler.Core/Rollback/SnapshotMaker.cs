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
        "/etc/alternatives", "/run/reboot-required", "/run/reboot-required.pkgs", "/var/lib/ucf/registry", "/var/lib/ucf/hashfile",
    ];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly RootTree _tree = new(system.RootFolder);
    private readonly HashSet<string> _watched = new(StringComparer.Ordinal);
    private readonly HashSet<string> _services = new(StringComparer.Ordinal);

    /// <summary>Takes it.</summary>
    /// <param name="packages">The packages in the two sets; their new archives are there.</param>
    /// <param name="newFiles">Files that the update itself writes or takes away.</param>
    /// <exception cref="IOException">A file cannot be kept; the message says which, and why.</exception>
    public MachineSnapshot Take(IReadOnlyList<KeptPackage> packages, IReadOnlyList<WantedFile> newFiles)
    {
        List<StatusEntry> old = OldPackages(packages);
        var inPackages = new HashSet<string>(StringComparer.Ordinal);
        foreach (StatusEntry package in old)
            inPackages.UnionWith(FileLists.Of(system, package));
        HashSet<string> conffiles = Conffiles(old);
        List<string> taken = [];
        foreach (IReadOnlyList<ShippedFile> files in PackageArchive.FilesOfAll([.. NewArchives(packages)], WatchAliases))
        {
            foreach (ShippedFile shipped in files)
            {
                if (!shipped.IsFolder && !inPackages.Contains(shipped.Path))
                    taken.Add(shipped.Path);
                Watch(shipped.Path);
                if (shipped.Kind == ShippedKind.Link && _tree.StatusOf(shipped.Path) is { IsFolder: true })
                    Watch(Behind(shipped, inPackages));
            }
        }

        foreach (WantedFile file in newFiles)
            Require(file.Path);
        Watch(newFiles.Select(file => file.Path));
        Watch(inPackages);
        Watch(conffiles);
        Watch(UcfFiles(old));
        foreach (string path in _watched.Where(path => path.StartsWith("/etc/", StringComparison.Ordinal)).Concat(conffiles).ToArray())
            Watch(BesideConffile.Select(suffix => path + suffix));
        Watch(AlsoWatched);
        WatchOnTheWay();
        Watch(Enablement.Paths(_tree, _services));
        HashSet<string> inReach = [.. _watched];
        var databases = PackageDatabases.Read(system);
        Watch(databases.Paths());
        foreach (string path in _watched.ToArray())
            WatchAbove(path);

        (List<SnapshotEntry> entries, List<string> absent) = Look(conffiles, inReach);
        using var contents = KeptContents.Create(folder.Contents);
        List<PackageRecord> records = KeepRecords(old, TakenFrom(taken, entries), contents);
        KeepContents(entries, Md5Sums(old), contents);
        contents.Sync();
        return new MachineSnapshot
        {
            Entries = entries,
            Absent = absent,
            Databases = databases,
            Records = records,
            Services = [.. _services],
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
        Dictionary<string, SnapshotEntry> files = SafeFiles(tree, entries);
        IReadOnlyDictionary<string, string> hashes = FileHash.StartAll("sha256sum", files.Keys)();
        foreach ((string path, SnapshotEntry entry) in files)
            entry.Hash = hashes.GetValueOrDefault(path);
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

    // A unit can be enabled by another name, which nothing else tells.
    private void WatchAliases(ShippedFile shipped, TarReader tar)
    {
        const int LargestUnit = 64 * 1024;
        if (Enablement.ServiceOf(shipped.Path) is not null && tar.Length is > 0 and <= LargestUnit)
            _services.UnionWith(Enablement.AliasesIn(tar.Content(LargestUnit)));
    }

    private void Watch(IEnumerable<string> paths)
    {
        foreach (string path in paths)
            Watch(path);
    }

    private void Watch(string path)
    {
        // dpkg's list of a package begins with "/.".
        if (path is "/" or "/." || !path.StartsWith('/') || !_watched.Add(path))
            return;
        if (Enablement.ServiceOf(path) is { } service)
            _services.Add(service);
    }

    // What dpkg and its tools put beside what they replace can lie there already, from an update that was cut off long ago, or as somebody's copy.
    private void WatchOnTheWay()
    {
        string[] suffixes = [.. MachineSnapshot.OnTheWay, MachineSnapshot.FolderBackup];
        foreach (string place in _watched.Select(path => Path.GetDirectoryName(path)!).Distinct(StringComparer.Ordinal).ToArray())
        {
            IEnumerable<string> names = _tree.NamesIn(place).Where(name => suffixes.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal)));
            Watch(names.Select(name => Path.Combine(place, name)));
        }
    }

    // Where a folder becomes a link, dpkg deletes what the old version had in the folder through the link: files of others.
    private static string[] Behind(ShippedFile link, HashSet<string> inPackages)
    {
        string target = Path.GetFullPath(link.Target, Path.GetDirectoryName(link.Path)!);
        return inPackages.Where(path => path.StartsWith(link.Path + "/", StringComparison.Ordinal)).Select(path => target + path[link.Path.Length..]).ToArray();
    }

    private void WatchAbove(string path)
    {
        for (string? above = Path.GetDirectoryName(path); above is { Length: > 1 } && _watched.Add(above);)
            above = Path.GetDirectoryName(above);
    }

    private void Require(string path)
    {
        WantedFile.Require(system.RootFolder, system.PathOf(path));
        if (_tree.StatusOf(path) is not (null or { IsRegular: true } or { IsLink: true }))
            throw new IOException($"cannot change {system.PathOf(path)}: it is neither a file nor a link; remove it");
    }

    private (List<SnapshotEntry> Entries, List<string> Absent) Look(HashSet<string> conffiles, HashSet<string> inReach)
    {
        var entries = new List<SnapshotEntry>();
        var absent = new List<string>();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string path in _watched.Order(StringComparer.Ordinal))
        {
            if (_tree.IsStrange(path))
                continue;
            SnapshotEntry entry = SnapshotEntry.Of(_tree, path, conffiles.Contains(path)) with { IsInReach = inReach.Contains(path) };
            if (entry.Kind == EntryKind.Absent && !entry.IsConffile)
            {
                absent.Add(path);
                continue;
            }

            if (entry.Kind == EntryKind.File && _tree.StatusOf(path) is { Links: > 1 } many && _tree.Canonical(path) is { } real)
            {
                // The same file under a path with another link in it is the same name.
                string identity = FormattableString.Invariant($"{many.DeviceMajor}:{many.DeviceMinor}:{many.Inode}");
                if (!names.TryAdd(identity, path) && names[identity] is var first && _tree.Canonical(first) != real)
                    entry = entry with { SameFileAs = first };
            }

            entries.Add(entry);
        }

        return (entries, absent);
    }

    // What an archive does not have is kept. Whether it has a file as it is, dpkg's list of checksums tells.
    private void KeepContents(List<SnapshotEntry> entries, Dictionary<string, string> md5Sums, KeptContents contents)
    {
        Dictionary<string, SnapshotEntry> safe = SafeFiles(_tree, entries);
        string[] inPackages = [.. safe.Keys.Where(place => safe[place] is { IsConffile: false } file && md5Sums.ContainsKey(file.Path))];
        Func<IReadOnlyDictionary<string, string>> shipped = FileHash.StartAll("md5sum", inPackages);
        Hash(_tree, entries);
        IReadOnlyDictionary<string, string> sums = shipped();
        int names = 0;
        foreach (SnapshotEntry entry in entries)
        {
            bool isShipped = !entry.IsConffile && md5Sums.TryGetValue(entry.Path, out string? sum)
                && _tree.SafePath(entry.Path) is { } place && sums.GetValueOrDefault(place) == sum;
            if (entry.Kind != EntryKind.File || isShipped || entry.SameFileAs is not null || !entry.IsInReach)
                continue;
            RequireRoom(entry, contents);
            using Descriptor file = _tree.Open(entry.Path);
            (long offset, long length) = contents.Add(file);
            if (length != entry.Size)
                throw new IOException($"cannot keep {entry.Path}: it is being written; try again when nobody writes to it");
            entry.Content = offset;
            KeepName(entry, names++);
        }
    }

    // A file with other names elsewhere keeps them only if it comes back itself.
    private void KeepName(SnapshotEntry entry, int number)
    {
        string name = FormattableString.Invariant($"{number:d6}");
        if (_tree.StatusOf(entry.Path) is { Links: > 1 } && _tree.SafePath(entry.Path) is { } place
            && Libc.Link(Libc.AT_FDCWD, place, Libc.AT_FDCWD, folder.KeptName(name), 0) == 0)
            entry.KeptName = name;
    }

    // Large ones only: for the rest the check of free space has left room.
    private void RequireRoom(SnapshotEntry entry, KeptContents contents)
    {
        const long Large = 1 << 20;
        if (entry.Size < Large || new DriveInfo(folder.Archives).AvailableFreeSpace is var free && free >= entry.Size + BackupFolder.RoomFor(system))
            return;
        contents.Dispose();
        throw new IOException(
            $"cannot keep {entry.Path}, which the update would replace: it needs {entry.Size / 1000} kB at {folder.Archives}, "
            + $"but {free / 1000} kB are free; free some space, or move the file away",
            Libc.ENOSPC);
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

    // The packages outside the plan that own what new packages ship: dpkg takes the files over, and what it knows of those packages changes.
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
        var stanzas = StatusStanzas.Read(system.StatusFile, system.NativeArchitecture);
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
                byte[] content = BoundedFile.Read(file, LargestInfoFile);
                var kept = new KeptBytes(contents.Add(content), content.Length);
                files.Add(new KeptInfoFile(Path.GetFileName(file), Descriptor.StatusOf(file)!.Value.Permissions, kept));
            }

            byte[] text = Encoding.Latin1.GetBytes(stanza);
            var place = new KeptBytes(contents.Add(text), text.Length);
            records.Add(new PackageRecord(package.Name, package.Architecture, place, files) { IsOutsidePlan = isOutsidePlan });
        }
    }

    private Dictionary<string, string> Md5Sums(List<StatusEntry> packages)
    {
        var sums = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (StatusEntry package in packages)
        {
            if (FileLists.InfoFile(system, package, "md5sums") is not { } file)
                continue;
            foreach ((string path, string sum) in ReadMd5Sums(File.ReadLines(file)))
                sums[path] = sum;
        }

        return sums;
    }

    /// <summary>The lines of a file <c>md5sums</c>: the checksum, two spaces, and the path without the first slash.</summary>
    public static Dictionary<string, string> ReadMd5Sums(IEnumerable<string> lines)
    {
        const int HexDigits = 32;
        var sums = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in lines.Where(line => line.Length > HexDigits + 2))
        {
            string path = line[(HexDigits + 2)..];
            sums["/" + (path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path)] = line[..HexDigits];
        }

        return sums;
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
        const int Largest = 64 << 20;
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
            .. from line in output.ReadEnd(Largest).Split('\n')
               let words = line.Trim().Split(' ')
               let hash = Array.FindLastIndex(words, word => word.Length == 32 && word.All(char.IsAsciiHexDigitLower))
               where hash > 0 && words[0].StartsWith('/')
               select string.Join(' ', words[..hash]),
        ];
    }
}
