using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Rollback;

/// <summary>
/// Brings what dpkg and its tools keep about packages back to the snapshot: records of packages, diversions, overrides, alternatives and
/// triggers. To be used while the frontend lock is held, between the runs of dpkg.
/// </summary>
internal sealed class DatabaseReturn(AptSystem system, BackupFolder folder, Backup backup, FileReturn files)
{
    private readonly UpdateTrace? _trace = files.Later.Trace;

    private MachineSnapshot Snapshot => backup.Snapshot;

    /// <summary>
    /// Has diversions and overrides as they were. Before the old archives are unpacked: dpkg puts a file where they say, and knows nothing
    /// of what the scripts of a newer version have diverted.
    /// </summary>
    /// <exception cref="IOException">That cannot be done.</exception>
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

    /// <summary>Has alternatives and triggers as they were. The links of an alternative are files, and put back as such.</summary>
    /// <returns>The alternatives that somebody has changed since the update, and that stay.</returns>
    /// <exception cref="IOException">That cannot be done.</exception>
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
    /// Makes dpkg forget packages that were removed and were not there before. Never by a purge: that runs a script which deletes what it
    /// takes for its own, and takes along what lies beside configuration files.
    /// </summary>
    /// <exception cref="IOException">That cannot be done.</exception>
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
                // The stanza last: as long as it is there, the next start knows what to delete.
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
    /// Has packages there again that dpkg made disappear because the new ones took over all their files: unpacked, so that dpkg configures
    /// them next, and their scripts bring back what those of disappearing have taken away.
    /// </summary>
    /// <exception cref="IOException">That cannot be done.</exception>
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
    /// Puts back what dpkg kept about the packages of the old set, where they are there again, and about those that lost files to the new
    /// ones.
    /// </summary>
    /// <exception cref="IOException">That cannot be done.</exception>
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

    /// <summary>What is not as it was, as far as it is for the way back to have it so.</summary>
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

    // A package outside the plan may have moved on since: then its record is its own again.
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

    // What has to be there: after a failure exactly what was, later what others have made of it.
    private IReadOnlyList<string> Wanted(Func<PackageDatabases, IReadOnlyList<string>> part)
    {
        IReadOnlyList<string> before = part(Snapshot.Databases);
        return _trace is null ? before : PackageDatabases.Undo(before, part(_trace.Databases), part(files.Later.Databases));
    }

    // By the update. One that somebody has removed since stays away.
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
