using System.Text;
using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Rollback;

/// <summary>Keeps dpkg's records of packages before an update. <see cref="DatabaseReturn"/> restores them.</summary>
/// <param name="system">The machine.</param>
/// <param name="tree">The files of the machine.</param>
/// <param name="status">The installed packages.</param>
internal sealed class RecordMaker(AptSystem system, RootTree tree, DpkgStatus status)
{
    private const int LargestInfoFile = 64 << 20;

    /// <summary>
    /// The packages that own files which new packages ship. dpkg gives the files to the new packages, and changes the records of the
    /// owners.
    /// </summary>
    /// <param name="shipped">The paths that only new packages of the plan ship.</param>
    /// <param name="entries">The files before the update.</param>
    public List<StatusEntry> OwnersOf(IReadOnlyList<string> shipped, List<SnapshotEntry> entries)
    {
        HashSet<string> present = [.. entries.Where(entry => entry.Kind != EntryKind.Absent).Select(entry => entry.Path)];
        Dictionary<string, string> owners = FileLists.Owners(system, tree, shipped.Where(present.Contains));
        var packages = new List<StatusEntry>();
        foreach (string owner in owners.Values.Distinct(StringComparer.Ordinal))
        {
            if (Find(PackageName.Known(owner)) is { } entry)
                packages.Add(entry);
        }

        return packages;
    }

    /// <summary>Keeps the stanzas of packages, and their files in <c>info</c>.</summary>
    /// <param name="old">Packages of the plan.</param>
    /// <param name="others">Packages outside the plan. A package that is also in the plan is left out.</param>
    /// <param name="contents">Gets the kept bytes.</param>
    /// <exception cref="IOException">A file cannot be kept; the message says which, and why.</exception>
    public List<PackageRecord> Keep(List<StatusEntry> old, List<StatusEntry> others, KeptContents contents)
    {
        using var stanzas = StatusStanzas.Read(system.StatusFile, system.NativeArchitecture);
        var records = new List<PackageRecord>();
        foreach (StatusEntry package in old)
            Add(package, isOutsidePlan: false);
        foreach (StatusEntry package in others)
        {
            if (!records.Exists(record => record.Name == package.Name && record.Architecture == package.Architecture))
                Add(package, isOutsidePlan: true);
        }

        return records;

        void Add(StatusEntry package, bool isOutsidePlan)
        {
            if (stanzas[package.Name, package.Architecture] is not { } stanza)
                return;
            List<KeptInfoFile> files = KeepInfoFiles(package, contents);
            byte[] text = Encoding.Latin1.GetBytes(stanza);
            var place = new KeptBytes(contents.Add(text), text.Length);
            records.Add(new PackageRecord(package.Name, package.Architecture, place, files) { IsOutsidePlan = isOutsidePlan });
        }
    }

    private List<KeptInfoFile> KeepInfoFiles(StatusEntry package, KeptContents contents)
    {
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

        return files;
    }

    // dpkg leaves the architecture out of the name of a list when a foreign package is installed for one architecture only.
    private StatusEntry? Find(PackageName name)
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
