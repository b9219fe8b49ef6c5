using System.Text;

namespace AptHandler.Debian;

/// <summary>What is installed on a machine, according to dpkg: the status file with the journal laid over it, read at one moment.</summary>
/// <remarks>
/// Reads only, takes no lock, and may be used while dpkg runs. dpkg replaces its files by renaming, so each file is complete.
/// </remarks>
public sealed class DpkgStatus
{
    // dpkg merges its journal into a new status file every few hundred changes. That rarely disturbs two attempts in a row.
    private const int Attempts = 10;

    private const string Remedy = "restore the file from status-old beside it or from /var/backups/dpkg.status.0, then run 'dpkg --audit'";

    private readonly List<StatusEntry> _entries;
    private readonly byte[] _nativeArchitecture;
    private NameIndex? _index;

    private DpkgStatus(List<StatusEntry> entries, bool hasJournal, string nativeArchitecture)
    {
        _entries = entries;
        NativeArchitecture = nativeArchitecture;
        _nativeArchitecture = Encoding.UTF8.GetBytes(nativeArchitecture);
        HasJournal = hasJournal;
    }

    /// <summary>Debian's name of the machine's architecture.</summary>
    public string NativeArchitecture { get; }

    /// <summary>
    /// Whether there was a journal. Then dpkg is running, or it was interrupted and has to be run with <c>--configure -a</c>.
    /// </summary>
    public bool HasJournal { get; }

    /// <summary>All entries, in the order of the status file. Entries that only the journal has come last.</summary>
    public IReadOnlyList<StatusEntry> Entries => _entries;

    /// <summary>
    /// The names of packages that are only partly installed or broken, as <see cref="NameOf(StatusEntry)"/> spells them.
    /// </summary>
    public IReadOnlyList<string> Unfinished => Names(entry => entry is { HoldsFiles: true, IsInstalled: false });

    /// <summary>The names of the packages whose entries match, as <see cref="NameOf(StatusEntry)"/> spells them.</summary>
    public IReadOnlyList<string> Names(Predicate<StatusEntry> isMeant)
    {
        // A loop, because LINQ is compiled anew for every structure type, and adds a megabyte to a small program.
        var names = new List<string>();
        foreach (StatusEntry entry in _entries)
        {
            if (isMeant(entry))
                names.Add(NameOf(entry));
        }

        return names;
    }

    /// <summary>Reads the status file and the journal beside it. An empty file is a machine without packages.</summary>
    /// <param name="statusPath">
    /// The status file, mostly <c>/var/lib/dpkg/status</c>; the journal is looked for in <c>updates</c> in the same folder.
    /// </param>
    /// <param name="nativeArchitecture">Debian's name of the machine's architecture; null for that of this process.</param>
    /// <returns>What was installed at one moment during the call.</returns>
    /// <exception cref="DpkgStatusException">
    /// A file is missing, is not a regular one, may not be read or is torn, or dpkg replaced the files again and again while they were
    /// read.
    /// </exception>
    public static DpkgStatus Read(string statusPath, string? nativeArchitecture = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(statusPath);
        nativeArchitecture ??= DebianArchitecture.OfThisProcess;

        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            using RegularFile status = RegularFile.Open(statusPath) ?? throw Missing(statusPath);
            List<StatusEntry> entries = StanzasOf(status);
            string[] journal = UpdatesJournal.List(statusPath);

            // dpkg first renames the new status file into place, and then removes the journal file by file. So if a journal file is gone,
            // or the status file is another one, the data read belongs to two different moments.
            if (UpdatesJournal.Read(journal) is { } stanzas && RegularFile.Identify(statusPath) == status.Identity)
            {
                if (stanzas.Count > 0)
                    entries = UpdatesJournal.Merge(entries, stanzas);
                return new DpkgStatus(entries, journal.Length > 0, nativeArchitecture);
            }
        }

        throw new DpkgStatusException(
            $"cannot read '{statusPath}' with its journal: the files changed during each of {Attempts} attempts; "
                + "try again when dpkg has finished"
        );
    }

    /// <summary>Finds the entry of a package.</summary>
    /// <param name="name">
    /// The package. A name without architecture means the native one. The native architecture also matches <c>all</c>.
    /// </param>
    /// <returns>The entry, or null where dpkg has none.</returns>
    public StatusEntry? Find(PackageName name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name.Name ?? "");
        byte[] architecture = name.Architecture is null ? _nativeArchitecture : Encoding.UTF8.GetBytes(name.Architecture);

        // The index is made at the first search, because not every reader searches for single packages.
        NameIndex index = _index ??= new NameIndex(_entries);
        for (int i = index.Last(bytes); i >= 0; i = index.Previous(bytes, i))
        {
            StatusEntry entry = _entries[i];
            if (Matches(entry.ArchitectureBytes, architecture))
                return entry;
        }

        return null;
    }

    /// <summary>The name of a package as apt spells it on the machine: with the architecture where that is a foreign one.</summary>
    public string NameOf(PackageName package) =>
        package.Architecture is null || IsNative(Encoding.UTF8.GetBytes(package.Architecture)) ? package.Name : package.ToString();

    /// <summary>The name of an entry's package, spelled the same way.</summary>
    public string NameOf(StatusEntry entry) => IsNative(entry.ArchitectureBytes) ? entry.Name : $"{entry.Name}:{entry.Architecture}";

    private static List<StatusEntry> StanzasOf(RegularFile file)
    {
        // A stanza has about 900 bytes. This low guess makes the list large enough, so that it is not copied as it grows.
        var entries = new List<StatusEntry>(file.Length / 600);
        var reader = new StanzaReader(file, Remedy);
        while (reader.TryRead(out StatusEntry entry))
            entries.Add(entry);
        return entries;
    }

    private static DpkgStatusException Missing(string path) => new($"cannot find '{path}'; check the path, or {Remedy}");

    private bool Matches(ReadOnlySpan<byte> architecture, ReadOnlySpan<byte> wanted) =>
        architecture.SequenceEqual(wanted) || (wanted.SequenceEqual(_nativeArchitecture) && IsNative(architecture));

    // Stanzas of very old machines have no architecture. dpkg treats them as native.
    private bool IsNative(ReadOnlySpan<byte> architecture) =>
        architecture.SequenceEqual(_nativeArchitecture) || architecture.SequenceEqual("all"u8) || architecture.IsEmpty;
}
