using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Rollback;

/// <summary>
/// Restores the data of dpkg and its tools about packages from the snapshot: records of packages, diversions, overrides, alternatives and
/// triggers. Use it between the runs of dpkg, while holding the frontend lock.
/// </summary>
internal sealed class DatabaseReturn(AptSystem system, BackupFolder folder, Backup backup, FileReturn files)
{
    private readonly UpdateTrace? _trace = files.Later.Trace;

    private MachineSnapshot Snapshot => backup.Snapshot;

    /// <summary>
    /// Restores diversions and overrides. Call it before the old archives are unpacked: dpkg puts files where diversions say. It does not
    /// undo diversions that the scripts of a newer version have made.
    /// </summary>
    /// <exception cref="IOException">The files cannot be changed.</exception>
    public void PutBackDiversions()
    {
        var now = PackageDatabases.Read(system);
        IReadOnlyList<string> wanted = Wanted(each => each.Diversions);
        foreach (string[] undone in now.Diversions.Except(wanted, StringComparer.Ordinal).Select(diversion => diversion.Split('\n')))
            files.UndoDiversion(undone[0], undone[1]);
        foreach (string[] redone in wanted.Except(now.Diversions, StringComparer.Ordinal).Select(diversion => diversion.Split('\n')))
            files.RedoDiversion(redone[0], redone[1]);
        (now with { Diversions = wanted, Overrides = Wanted(each => each.Overrides) }).Write(system);
    }

    /// <summary>Restores alternatives and triggers. The links of an alternative are restored like other files.</summary>
    /// <returns>The alternatives that others have changed since the update. These stay.</returns>
    /// <exception cref="IOException">The files cannot be changed.</exception>
    public IReadOnlyList<string> PutBackAlternatives()
    {
        var stay = new List<string>();
        var now = PackageDatabases.Read(system);
        foreach (string group in Snapshot.Databases.Alternatives.Keys.Union(now.Alternatives.Keys, StringComparer.Ordinal))
        {
            string? before = Snapshot.Databases.Alternatives.GetValueOrDefault(group),
                current = now.Alternatives.GetValueOrDefault(group);
            if (before == current)
                continue;
            if (
                _trace is { } trace
                && files.Later.Databases.Alternatives.GetValueOrDefault(group) != trace.Databases.Alternatives.GetValueOrDefault(group)
            )
            {
                stay.Add(group);
                continue;
            }

            PackageDatabases.WriteAlternative(system, group, before);
            if (current is not null)
                files.DeleteLinksOf(group, current);
        }

        (now with { Triggers = Wanted(each => each.Triggers) }).Write(system);
        return stay;
    }

    /// <summary>
    /// Removes the last records of packages that were not there before the update. A purge is not used. It runs a script which deletes all
    /// that it regards as its own. It also deletes the copies beside configuration files.
    /// </summary>
    /// <exception cref="IOException">The records cannot be removed.</exception>
    public void Forget(IEnumerable<KeptPackage> newcomers)
    {
        var status = system.ReadStatus();
        var gone = new List<StatusEntry>();
        foreach (KeptPackage package in newcomers)
        {
            if (status.Find(package.Package) is { HoldsFiles: false } entry)
                gone.Add(entry);
        }

        if (gone.Count == 0 || status.HasJournal)
            return;
        DpkgDatabase.Change(
            system,
            stanzas =>
            {
                // The stanza is removed last. Until then, the next start knows what to delete.
                foreach (StatusEntry package in gone)
                {
                    foreach (string file in FileLists.InfoFiles(system, package))
                        File.Delete(file);
                    stanzas.Set(package.Name, package.Architecture, null);
                }
            }
        );
    }

    /// <summary>
    /// Restores packages that dpkg made disappear because the new packages took over all their files. They are restored as unpacked. So
    /// dpkg configures them next, and their scripts restore what their removal scripts have deleted.
    /// </summary>
    /// <exception cref="IOException">The packages cannot be restored.</exception>
    public void PutBackDisappeared()
    {
        const string Installed = "ok installed",
            Unpacked = "ok unpacked";
        var status = system.ReadStatus();
        PackageRecord[] gone =
        [
            .. Snapshot.Records.Where(record =>
                record.IsOutsidePlan && HasDisappeared(record) && status.Find(NameOf(record)) is not { HoldsFiles: true }
            ),
        ];
        if (gone.Length == 0 || status.HasJournal)
            return;
        using var contents = KeptContents.Open(folder.Contents);
        DpkgDatabase.Change(
            system,
            stanzas =>
            {
                foreach (PackageRecord record in gone)
                {
                    PutBackFiles(record, [], contents);
                    string stanza = Text(record.Stanza, contents);
                    string version = ControlParagraph.ParseAll(stanza)[0]["Version"];
                    stanzas.Set(
                        record.Name,
                        record.Architecture,
                        stanza.Replace(Installed, Unpacked, StringComparison.Ordinal) + $"\nConfig-Version: {version}"
                    );
                }
            }
        );
    }

    /// <summary>
    /// Restores dpkg's records of the packages of the old set, where they are installed again, and of packages that lost files to the new
    /// ones.
    /// </summary>
    /// <exception cref="IOException">The records cannot be restored.</exception>
    public void PutBackRecords()
    {
        var status = system.ReadStatus();
        if (status.HasJournal)
            return;
        using var contents = KeptContents.Open(folder.Contents);
        DpkgDatabase.Change(
            system,
            stanzas =>
            {
                foreach (PackageRecord record in Snapshot.Records.Where(record => MayPutBack(record, status)))
                {
                    StatusEntry? now = status.Find(NameOf(record));
                    PutBackFiles(record, now is { } there ? FileLists.InfoFiles(system, there) : [], contents);
                    stanzas.Set(record.Name, record.Architecture, Text(record.Stanza, contents));
                }
            }
        );
    }

    /// <summary>The records and databases that differ from before, if the way back is responsible for them.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public IReadOnlyList<string> Compare()
    {
        var different = new List<string>();
        var now = PackageDatabases.Read(system);
        Check("diversions", each => each.Diversions);
        Check("statoverride", each => each.Overrides);
        Check("triggers", each => each.Triggers);
        if (!files.Later.IsLater)
        {
            different.AddRange(
                Snapshot
                    .Databases.Alternatives.Keys.Union(now.Alternatives.Keys, StringComparer.Ordinal)
                    .Where(group => Snapshot.Databases.Alternatives.GetValueOrDefault(group) != now.Alternatives.GetValueOrDefault(group))
                    .Select(group => Path.Combine(system.AdminFolder, "alternatives", group))
            );
        }

        using var contents = KeptContents.Open(folder.Contents);
        var status = system.ReadStatus();
        using var stanzas = StatusStanzas.Read(system.StatusFile, system.NativeArchitecture);
        foreach (PackageRecord record in Snapshot.Records)
        {
            if (
                !(files.Later.IsLater && record.IsOutsidePlan)
                && stanzas[record.Name, record.Architecture] != Text(record.Stanza, contents)
            )
                different.Add($"dpkg's record of {record.Name}");
        }

        return different;

        void Check(string name, Func<PackageDatabases, IReadOnlyList<string>> part)
        {
            if (!Wanted(part).ToHashSet(StringComparer.Ordinal).SetEquals(part(now)))
                different.Add(Path.Combine(system.AdminFolder, name));
        }
    }

    // Others may have changed a package outside the plan since. Then its record must not be restored.
    private bool MayPutBack(PackageRecord record, DpkgStatus status)
    {
        StatusEntry? now = status.Find(NameOf(record));
        if (record.IsOutsidePlan)
            return now is { HoldsFiles: true } there ? there.Version == VersionOf(record) : HasDisappeared(record);
        KeptPackage? package = backup.Packages.FirstOrDefault(each =>
            each.Package.Name == record.Name && (each.Package.Architecture is null || each.Package.Architecture == record.Architecture)
        );
        return package?.Old switch
        {
            { State: PackageState.ConfigFiles } => now is not { HoldsFiles: true },
            { State: PackageState.Installed } old => now is { IsInstalled: true } whole && whole.Version == old.Version,
            _ => false,
        };
    }

    // The wanted content: after a failure exactly the old one; later, the old one with the changes that others have made since.
    private IReadOnlyList<string> Wanted(Func<PackageDatabases, IReadOnlyList<string>> part)
    {
        IReadOnlyList<string> before = part(Snapshot.Databases);
        return _trace is null ? before : PackageDatabases.Undo(before, part(_trace.Databases), part(files.Later.Databases));
    }

    // Whether the update made the package disappear. A package that somebody has removed since stays removed.
    private bool HasDisappeared(PackageRecord record) =>
        !files.Later.IsLater || _trace?.Disappeared.Contains(NameOf(record).ToString(), StringComparer.Ordinal) == true;

    /// <summary>The name of a package as dpkg's status has it.</summary>
    internal static PackageName NameOf(PackageRecord record) =>
        new(record.Name, record.Architecture is "all" or "" ? null : record.Architecture);

    private string VersionOf(PackageRecord record)
    {
        using var contents = KeptContents.Open(folder.Contents);
        return ControlParagraph.ParseAll(Text(record.Stanza, contents)) is [var paragraph] ? paragraph["Version"] : "";
    }

    private static string Text(KeptBytes kept, KeptContents contents) =>
        System.Text.Encoding.Latin1.GetString(contents.Bytes(kept.Offset, kept.Length));

    private void PutBackFiles(PackageRecord record, IReadOnlyList<string> now, KeptContents contents)
    {
        string info = Path.Combine(system.AdminFolder, "info");
        HashSet<string> wanted = [.. record.Files.Select(file => Path.Combine(info, file.Name))];
        foreach (string surplus in now.Where(file => !wanted.Contains(file)))
            File.Delete(surplus);
        foreach (KeptInfoFile file in record.Files)
        {
            string path = Path.Combine(info, file.Name);
            (long offset, int length) = file.Content;
            if (!IsThere(path, file, contents))
                WholeFile.Replace(path, stream => contents.CopyTo(stream, offset, length), (int)file.Mode, durable: false);
        }
    }

    private static bool IsThere(string path, KeptInfoFile kept, KeptContents contents)
    {
        if (Descriptor.StatusOf(path) is not { IsRegular: true } status || status.Permissions != kept.Mode)
            return false;
        using var file = Descriptor.Open(path, Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_NOFOLLOW);
        return contents.IsContentOf(file, kept.Content.Offset, kept.Content.Length);
    }
}
