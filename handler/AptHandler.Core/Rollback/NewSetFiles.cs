using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;

namespace AptHandler.Rollback;

/// <summary>
/// Fixes what dpkg leaves undone on the way forward after it was killed. dpkg does not sync configuration files. It also forgets which
/// files it had half unpacked, and which files packages have lost to others.
/// </summary>
internal sealed class NewSetFiles(AptSystem system, BackupFolder folder, Backup backup)
{
    private readonly RootTree _tree = new(system.RootFolder);

    private IEnumerable<string> Archives => backup.Packages.Select(package => package.New?.Archive).OfType<string>().Select(folder.Archive);

    /// <summary>Writes configuration files that a power cut has emptied or deleted, unless they were so before.</summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void CompleteConffiles()
    {
        using var contents = KeptContents.Open(folder.Contents);
        Dictionary<string, SnapshotEntry> before = backup
            .Snapshot.Entries.Where(entry => entry.IsConffile)
            .ToDictionary(entry => entry.Path, StringComparer.Ordinal);
        foreach (string archive in Archives)
        {
            HashSet<string> conffiles = ConffilesOf(archive);
            if (conffiles.Count == 0)
                continue;
            PackageArchive.Read(
                archive,
                (shipped, tar) =>
                {
                    bool isNew = shipped.Kind == ShippedKind.File && conffiles.Contains(shipped.Path) && !before.ContainsKey(shipped.Path);
                    if (!isNew || tar.Length == 0 || _tree.StatusOf(shipped.Path) is { Size: > 0 } or { IsRegular: false })
                        return;
                    _tree.Write(shipped.Path, file => tar.CopyContent(file, shipped.Path), tar.Mode, Account.Root.User, Account.Root.Group);
                }
            );
        }

        foreach (SnapshotEntry entry in before.Values)
        {
            if (
                entry is { Kind: EntryKind.File, Size: > 0, Content: { } offset }
                && _tree.StatusOf(entry.Path) is { IsRegular: true, Size: 0 }
            )
                _tree.Write(entry.Path, file => contents.CopyTo(file, offset, entry.Size, entry.Path), entry.Mode, entry.User, entry.Group);
        }
    }

    /// <summary>
    /// The archives with a missing file. The file had moved from one package to another, or was lost in a power cut.
    /// </summary>
    /// <exception cref="IOException">An archive cannot be read.</exception>
    public string[] Incomplete()
    {
        var diversions = PackageDatabases.Read(system);
        var incomplete = new List<string>();
        foreach (KeptPackage package in backup.Packages.Where(package => package.New?.Archive is not null))
        {
            string archive = folder.Archive(package.New!.Archive!);
            HashSet<string>? conffiles = null;
            bool isWhole = true;
            PackageArchive.Read(
                archive,
                (shipped, _) =>
                {
                    // A missing configuration file does not count: somebody may have deleted it on purpose.
                    string path = shipped.Path;
                    bool isThere = path == "/" || _tree.StatusOf(diversions.PlaceOf(path, package.Name.Split(':')[0])) is not null;
                    isWhole = isWhole && (isThere || (conffiles ??= ConffilesOf(archive)).Contains(path));
                }
            );
            if (!isWhole)
                incomplete.Add(archive);
        }

        return [.. incomplete];
    }

    /// <summary>Deletes the files that dpkg puts beside a file or folder while it replaces it.</summary>
    /// <exception cref="IOException">A file cannot be deleted.</exception>
    public void RemoveLeftovers()
    {
        IEnumerable<string> paths = backup
            .Snapshot.Entries.Where(entry => entry.IsInReach)
            .Select(entry => entry.Path)
            .Concat(backup.Snapshot.Absent);
        foreach (string path in paths.SelectMany(path => MachineSnapshot.OnTheWay.Select(suffix => path + suffix)))
        {
            if (_tree.StatusOf(path) is not { } status || backup.Snapshot.ByPath.Contains(path))
                continue;
            if (status.IsFolder)
                _ = _tree.TryDeleteFolder(path);
            else
                _tree.Delete(path);
        }
    }

    /// <summary>
    /// Marks configuration files that other packages have taken over as obsolete. dpkg does this as the last part of unpacking, and not
    /// when it unpacks once more.
    /// </summary>
    /// <exception cref="IOException">dpkg's records cannot be changed.</exception>
    public void MarkTakenConffiles()
    {
        DpkgStatus status = system.ReadStatus();
        if (status.HasJournal)
            return;
        DpkgDatabase.Change(
            system,
            stanzas =>
            {
                foreach (KeptPackage package in backup.Packages.Where(package => package.Old is not null))
                {
                    if (package.Find(status) is not { } entry || stanzas[entry.Name, entry.Architecture] is not { } stanza)
                        continue;
                    if (FileLists.Of(system, entry).ToHashSet(StringComparer.Ordinal) is { Count: > 0 } owned)
                        stanzas.Set(entry.Name, entry.Architecture, WithObsolete(stanza, owned));
                }
            }
        );
    }

    // A line is " /etc/foo.conf 0123…", perhaps with a word behind the checksum.
    private static string WithObsolete(string stanza, HashSet<string> owned)
    {
        const string Header = "\nConffiles:\n";
        const int Md5Digits = 32;
        int from = stanza.IndexOf(Header, StringComparison.Ordinal);
        if (from < 0)
            return stanza;
        string[] lines = stanza[(from + Header.Length)..].Split('\n');
        for (int i = 0; i < lines.Length && lines[i].StartsWith(' '); i++)
        {
            int hash = lines[i].LastIndexOf(' ');
            if (lines[i].Length - hash - 1 == Md5Digits && !owned.Contains(lines[i][1..hash]))
                lines[i] += " obsolete";
        }

        return stanza[..(from + Header.Length)] + string.Join('\n', lines);
    }

    private static HashSet<string> ConffilesOf(string archive) =>
        PackageArchive.Control(archive).TryGetValue("conffiles", out byte[]? list) ? [.. ShippedState.ConffilesIn(list)] : [];
}
