using System.Text;
using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Processes;

namespace AptHandler.Rollback;

/// <summary>Keeps what is needed to reach the old set or the new one, before anything changes.</summary>
/// <param name="system">The machine.</param>
/// <param name="apt">For archives that are not at hand.</param>
/// <param name="folder">Where it is kept.</param>
internal sealed class BackupMaker(AptSystem system, AptCommand apt, BackupFolder folder)
{
    private const string Repack = "/usr/bin/dpkg-repack";

    private const int MostFailures = 2;
    private const int LargestSums = 32 << 20;
    private const UnixFileMode ForOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private string Partial => Path.Combine(system.ArchivesFolder, "partial");

    // Where apt has no such folder it keeps its archives elsewhere, or nowhere.
    private string FetchFolder => Directory.Exists(Partial) ? Partial : folder.Archives;

    /// <summary>Makes a backup.</summary>
    /// <param name="plan">What apt will do.</param>
    /// <param name="unfinished">Packages that will only be configured.</param>
    /// <param name="paragraphs">What the sources, or dpkg, say of the packages that come and go.</param>
    /// <param name="marks">The marks before and after.</param>
    /// <param name="newFiles">Files that the update itself writes or takes away.</param>
    /// <param name="status">The machine as it is.</param>
    /// <param name="wayBack">Whether the archives of the old versions are wanted, too.</param>
    /// <param name="unpacked">
    /// How much room dpkg will need to unpack the new packages, in bytes. The old archives must leave it free.
    /// </param>
    /// <param name="makeRoom">
    /// Called when there is not enough room: gives up older backups. What it returns is whether there was one.
    /// </param>
    /// <param name="cancellation">Ends it; nothing has changed then.</param>
    /// <exception cref="AptException">A new archive cannot be had.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public Backup Make(
        AptPlan plan,
        IReadOnlyList<string> unfinished,
        IReadOnlyList<ControlParagraph> paragraphs,
        IReadOnlyList<KeptMark> marks,
        IReadOnlyList<WantedFile> newFiles,
        DpkgStatus status,
        WayBack wayBack,
        long unpacked,
        Func<bool> makeRoom,
        CancellationToken cancellation
    )
    {
        folder.Begin();
        List<Wanted> wanted = Wishes(plan, unfinished, status);
        Dictionary<string, ControlParagraph> known = Known(wanted, paragraphs);
        Link(wanted, known);
        if (wayBack != WayBack.Unwanted)
            ForgetOthersOfThisName(wanted, status);
        string? obstacle = Fetch(wanted, known, wayBack, unpacked, makeRoom, cancellation);
        ForgetOthersOfThisName(wanted, status);
        if (wayBack != WayBack.Unwanted && obstacle is null)
            wanted.FindAll(each => each is { Archive: null, IsInstalled: true }).ForEach(TryRepack);
        if (
            wanted.Find(each =>
                each is { Set: PackageSet.New, Archive: null } && plan.Installations.Any(coming => coming.QualifiedName == each.Name)
            ) is
            { } missing
        )
            throw new AptException(new AptFailure(AptFailureKind.FetchFailed, missing.Name, $"no .deb of {missing.Word} is available"));

        List<KeptPackage> packages =
        [
            .. wanted
                .Select(each => each.Name)
                .Distinct(StringComparer.Ordinal)
                .Select(name => new KeptPackage(name, StateOf(name, PackageSet.Old), StateOf(name, PackageSet.New))),
        ];
        MachineSnapshot snapshot = new SnapshotMaker(system, folder, status).Take(packages, newFiles);
        var backup = new Backup
        {
            Packages = packages,
            Marks = marks,
            Snapshot = snapshot,
            NewFiles = newFiles,
            BrokenBefore = [.. status.Unfinished],
            Obstacle = obstacle,
        };
        folder.Complete(backup);
        return backup;

        KeptState? StateOf(string name, PackageSet set) =>
            wanted.Find(each => each.Name == name && each.Set == set && each.Version.Length > 0) is { } each
                ? new KeptState(each.Version, each.State, each.Selection, each.Archive)
                : null;
    }

    private static List<Wanted> Wishes(AptPlan plan, IReadOnlyList<string> unfinished, DpkgStatus status)
    {
        var wanted = new List<Wanted>();
        foreach (PlannedInstallation each in plan.Installations)
        {
            AddOld(each.QualifiedName);
            wanted.Add(
                new Wanted(
                    each.QualifiedName,
                    PackageSet.New,
                    each.NewVersion,
                    each.Architecture,
                    PackageState.Installed,
                    PackageSelection.Install
                )
            );
        }

        foreach (PlannedRemoval each in plan.Removals)
            AddOld(each.QualifiedName);
        foreach (string name in unfinished)
        {
            AddOld(name);
            Wanted old = wanted[^1];
            wanted.Add(old with { Set = PackageSet.New, State = PackageState.Installed });
        }

        return wanted;

        void AddOld(string name)
        {
            // Without a version where it is not there: the package is of the set, and absent from it.
            StatusEntry? entry = status.Find(PackageName.Known(name));
            wanted.Add(
                entry is { State: not PackageState.NotInstalled, Version.Length: > 0 } there
                    ? new Wanted(name, PackageSet.Old, there.Version, there.Architecture, there.State, there.Wanted)
                    : new Wanted(name, PackageSet.Old, "", "", PackageState.NotInstalled, PackageSelection.Unknown)
            );
        }
    }

    // What the sources know of the versions: where there is no hash, they do not have the archive.
    private static Dictionary<string, ControlParagraph> Known(List<Wanted> wanted, IReadOnlyList<ControlParagraph> paragraphs) =>
        wanted
            .DistinctBy(each => each.Word, StringComparer.Ordinal)
            .ToDictionary(
                each => each.Word,
                each =>
                    paragraphs.FirstOrDefault(paragraph =>
                        paragraph["Package"] == each.BareName
                        && paragraph["Version"] == each.Version
                        && paragraph["Architecture"] == each.Architecture
                        && HashOf(paragraph).Length > 0
                    ) ?? new ControlParagraph(),
                StringComparer.Ordinal
            );

    private void Link(List<Wanted> wanted, Dictionary<string, ControlParagraph> known)
    {
        var linked = new List<Wanted>();
        foreach (Wanted each in wanted)
        {
            string cached = Path.Combine(system.ArchivesFolder, each.ArchiveName);
            if (each.Version.Length == 0 || !File.Exists(cached))
                continue;
            // A version that was removed and comes back is in both sets.
            if (!File.Exists(folder.Archive(each.ArchiveName)))
                WholeFile.Link(cached, folder.Archive(each.ArchiveName));
            each.Archive = each.ArchiveName;
            linked.Add(each);
        }

        // apt renames what it has fetched and does not sync it, so after a power cut a file of that name may hold anything. What the
        // sources have now may be another build of an old version; which of the two was installed is judged afterwards.
        Dictionary<string, string> hashes = Hashes(linked, known);
        foreach (Wanted each in linked)
        {
            bool isAsInSources = hashes.TryGetValue(each.ArchiveName, out string? hash) && hash == HashOf(known[each.Word]);
            if (isAsInSources || ((HashOf(known[each.Word]).Length == 0 || each.Set == PackageSet.Old) && IsWhole(each)))
                continue;
            File.Delete(folder.Archive(each.ArchiveName));
            each.Archive = null;
        }
    }

    // The strongest hash that an index has of an archive: apt takes one with SHA512 alone.
    private static string HashOf(ControlParagraph paragraph) => paragraph["SHA256"] is { Length: > 0 } hash ? hash : paragraph["SHA512"];

    private Dictionary<string, string> Hashes(List<Wanted> linked, Dictionary<string, ControlParagraph> known)
    {
        const int DigitsOfSha256 = 64;
        var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
        Add("sha256sum", each => HashOf(known[each.Word]).Length == DigitsOfSha256);
        Add("sha512sum", each => HashOf(known[each.Word]).Length > DigitsOfSha256);
        return hashes;

        void Add(string algorithm, Func<Wanted, bool> isMeant)
        {
            string[] files = [.. linked.Where(isMeant).Select(each => folder.Archive(each.ArchiveName)).Distinct(StringComparer.Ordinal)];
            FileHash.StartAll(algorithm, files)((file, hash) => hashes[Path.GetFileName(file)] = hash);
        }
    }

    // No source has this version any more, so nobody knows its hash. What can be said is that it is this version, and can be read to its
    // end.
    private bool IsWhole(Wanted wanted)
    {
        try
        {
            string path = folder.Archive(wanted.ArchiveName);
            ControlParagraph control = ControlParagraph.ParseAll(
                Encoding.UTF8.GetString(PackageArchive.Control(path).GetValueOrDefault("control", []))
            )[0];
            PackageArchive.Read(path, (_, _) => { });
            return control["Package"] == wanted.BareName
                && control["Version"] == wanted.Version
                && control["Architecture"] == wanted.Architecture;
        }
        catch (Exception e) when (e is IOException or ArgumentOutOfRangeException)
        {
            return false;
        }
    }

    // A version that was built again has the same name and another content. Its archive would bring back what was never there: dpkg's list
    // of checksums tells the two apart.
    private void ForgetOthersOfThisName(List<Wanted> wanted, DpkgStatus status)
    {
        List<Wanted> old = wanted.FindAll(each => each is { Archive: not null, IsInstalled: true, IsProven: false });
        int at = 0;
        foreach (
            IReadOnlyDictionary<string, byte[]> control in PackageArchive.ControlOfAll([
                .. old.Select(each => folder.Archive(each.Archive!)),
            ])
        )
        {
            Wanted each = old[at++];
            each.IsProven = true;
            if (status.Find(each.Package) is not { } entry || FileLists.InfoFile(system, entry, "md5sums") is not { } file)
                continue;
            byte[] installed = BoundedFile.Read(file, LargestSums);
            if (
                control.TryGetValue("md5sums", out byte[]? shipped)
                    ? !shipped.AsSpan().SequenceEqual(installed)
                    : !IsInstalledFrom(folder.Archive(each.Archive!), installed)
            )
                (each.Archive, each.IsProven) = (null, false);
        }
    }

    // An archive without checksums is compared with the files that nobody has changed since dpkg computed theirs.
    private bool IsInstalledFrom(string archive, byte[] md5Sums)
    {
        var tree = new RootTree(system.RootFolder);
        HashSet<string> unchanged = UnchangedFiles(md5Sums, tree);
        bool isSame = true;
        PackageArchive.Read(
            archive,
            (shipped, tar) =>
            {
                if (shipped.Kind != ShippedKind.File || !unchanged.Contains(shipped.Path))
                    return;
                using Descriptor file = tree.Open(shipped.Path);
                isSame = isSame && tar.HasContentOf(file);
            }
        );
        return isSame;
    }

    private static HashSet<string> UnchangedFiles(byte[] md5Sums, RootTree tree)
    {
        var unchanged = new HashSet<string>(StringComparer.Ordinal);
        using var reader = new StreamReader(new MemoryStream(md5Sums));
        foreach (Md5Line[] some in Md5Line.ReadAll(reader).Chunk(FileHash.FilesAtOnce))
        {
            var byPlace = new Dictionary<string, Md5Line>(StringComparer.Ordinal);
            foreach (Md5Line line in some)
            {
                if (tree.SafePath(line.Path) is { } place)
                    byPlace[place] = line;
            }

            FileHash.StartAll("md5sum", byPlace.Keys)(
                (place, sum) =>
                {
                    if (byPlace[place].Sum == sum)
                        unchanged.Add(byPlace[place].Path);
                }
            );
        }

        return unchanged;
    }

    // Returns why the old archives are not fetched, or null.
    private string? Fetch(
        List<Wanted> wanted,
        Dictionary<string, ControlParagraph> known,
        WayBack wayBack,
        long unpacked,
        Func<bool> makeRoom,
        CancellationToken cancellation
    )
    {
        Wanted[] incoming = [.. wanted.Where(each => each is { Archive: null, Set: PackageSet.New } && SizeOf(each) > 0)];
        Wanted[] old =
        [
            .. wanted.Where(each => each is { Archive: null, Set: PackageSet.Old } && SizeOf(each) > 0 && wayBack != WayBack.Unwanted),
        ];
        long reserve = BackupFolder.RoomFor(system) + unpacked;
        string? obstacle = null;
        while (Free() is var free && free < Sum(incoming) + Sum(old) + reserve)
        {
            if (incoming.Length + old.Length == 0)
                break;
            if (makeRoom())
                continue;
            obstacle =
                $"the old .deb files need {Sum(old) / 1e6:0.0} MB at {folder.Archives}, and there is no room for them beside the update";
            if (wayBack == WayBack.Required || old.Length == 0)
                throw new IOException(
                    old.Length == 0
                        ? $"the .deb files need {Sum(incoming) / 1e6:0.0} MB at {folder.Archives}, but {free / 1e6:0.0} MB are free"
                        : obstacle,
                    Libc.ENOSPC
                );
            old = [];
        }

        Fetch([.. incoming, .. old], cancellation);
        return obstacle;

        long SizeOf(Wanted each) => known[each.Word].Number("Size");

        // Bounded, because a repository can claim any number.
        long Sum(Wanted[] missing) => missing.Sum(each => Math.Min(SizeOf(each), 1L << 40));
    }

    // What is fetched goes through the folder of apt.
    private long Free()
    {
        long free = new DriveInfo(folder.Archives).AvailableFreeSpace;
        return Directory.Exists(Partial) ? Math.Min(free, new DriveInfo(Partial).AvailableFreeSpace) : free;
    }

    private void Fetch(Wanted[] missing, CancellationToken cancellation)
    {
        if (missing.Length == 0)
            return;

        // One that cannot be had keeps the others away, too. Where one after the other cannot, it is the network.
        string[] words = [.. missing.Select(each => each.Word).Distinct(StringComparer.Ordinal)];
        if (!TryFetch(words, cancellation) && words.Length > 1)
        {
            int failed = 0;
            foreach (string word in words)
                failed = failed >= MostFailures || !TryFetch([word], cancellation) ? failed + 1 : 0;
        }

        foreach (Wanted each in missing)
        {
            string fetched = Path.Combine(FetchFolder, each.ArchiveName);
            if (fetched != folder.Archive(each.ArchiveName) && File.Exists(fetched))
                File.Move(fetched, folder.Archive(each.ArchiveName), overwrite: true);
            if (File.Exists(folder.Archive(each.ArchiveName)))
                each.Archive = each.ArchiveName;
        }
    }

    // In the folder of the user that apt gives its rights up to: from one that only root may enter it would fetch as root.
    private bool TryFetch(string[] words, CancellationToken cancellation)
    {
        try
        {
            apt.Fetch(words, FetchFolder, cancellation);
            return true;
        }
        catch (AptException)
        {
            // Told by its absence.
            return false;
        }
    }

    // Last: a configuration file that somebody has changed is packed as if it had been shipped so. It reports success when it fails.
    private void TryRepack(Wanted wanted)
    {
        if (!File.Exists(Repack))
            return;
        string[] root = system.RootFolder == "/" ? [] : [$"--root={system.RootFolder}"];
        Run(Repack, [.. root, wanted.Name], folder.Archives);
        string made = folder.Archive(
            $"{wanted.BareName}_{wanted.Version[(wanted.Version.IndexOf(':', StringComparison.Ordinal) + 1)..]}_{wanted.Architecture}.deb"
        );
        if (File.Exists(made) && made != folder.Archive(wanted.ArchiveName))
            File.Move(made, folder.Archive(wanted.ArchiveName));
        if (!File.Exists(folder.Archive(wanted.ArchiveName)))
            return;
        File.SetUnixFileMode(folder.Archive(wanted.ArchiveName), ForOwner);
        if (IsWhole(wanted))
            wanted.Archive = wanted.ArchiveName;
    }

    private void Run(string program, string[] arguments, string? workingFolder)
    {
        using var output = Descriptor.InMemory("output");
        using ChildProcess child = ChildProcess.Spawn(
            new ChildStart(program, arguments, system.Environment) { Folder = workingFolder, Output = output.Number }
        );
        _ = child.Wait(Patience) ?? child.Terminate(TimeSpan.FromSeconds(1));
    }

    private sealed record Wanted(
        string Name,
        PackageSet Set,
        string Version,
        string Architecture,
        PackageState State,
        PackageSelection Selection
    )
    {
        public string? Archive { get; set; }

        /// <summary>Whether the archive is that of what is installed.</summary>
        public bool IsProven { get; set; }

        public bool IsInstalled => Set == PackageSet.Old && State == PackageState.Installed;

        public PackageName Package => PackageName.Known(Name);

        public string BareName => Name.Split(':')[0];

        public string Word => $"{Name}={Version}";

        public string ArchiveName => PlannedInstallation.ArchiveNameOf(BareName, Version, Architecture);
    }
}
