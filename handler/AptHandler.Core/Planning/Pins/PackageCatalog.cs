using AptHandler.Apt;
using AptHandler.Debian;

namespace AptHandler.Planning.Pins;

/// <summary>
/// The packages that <see cref="PinSearch"/> needs, read when they are first needed. Names and versions come from repositories. Those that
/// are not valid by Debian's rules are left out, so that they never reach a command line.
/// </summary>
internal sealed class PackageCatalog
{
    // Limits against hostile or enormous repositories; a search on a device reads some dozens of names.
    private const int MostNames = 5_000;
    private const int MostNamesAtOnce = 200;
    private const int MostForeseen = 1_000;
    private const int MostVersionsForeseen = 5;
    private const int MostVersions = 50_000;

    private readonly IPackageIndex _index;
    private readonly string _native;
    private readonly CancellationToken _cancellation;
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly HashSet<string> _loaded = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PackageVersion> _installed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<PackageVersion>> _mentions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<PackageVersion>> _versions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<PackageVersion>> _refused = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<PackageVersion>> _named = new(StringComparer.Ordinal);
    private int _count;

    /// <param name="index">The source of the answers about packages.</param>
    /// <param name="native">The architecture of the machine.</param>
    /// <param name="cancellation">Ends the queries.</param>
    public PackageCatalog(IPackageIndex index, string native, CancellationToken cancellation)
    {
        (_index, _native, _cancellation) = (index, native, cancellation);
        foreach (ControlParagraph paragraph in index.Installed())
        {
            string[] status = paragraph["Status"].Split(' ');
            if (status.Length == 3 && status[2] is not ("not-installed" or "config-files") && IsValid(paragraph))
                Install(new PackageVersion(paragraph, native, null) { IsInstalled = true, IsHeld = status[0] == "hold" });
        }
    }

    /// <summary>Whether packages were left out because a limit was reached.</summary>
    public bool IsCut { get; private set; }

    /// <summary>The name of a package as apt spells it.</summary>
    public string KeyOf(PackageName package) => PackageVersion.KeyOf(package.Name, package.Architecture ?? _native, _native);

    /// <summary>
    /// The packages that a name in a dependency may mean: the one of the owner's architecture, and the one of the machine's.
    /// </summary>
    public IEnumerable<string> KeysOf(string name, PackageVersion owner) =>
        owner.Architecture == _native ? [name] : [$"{name}:{owner.Architecture}", name];

    /// <summary>The version of a package that is installed, or null.</summary>
    public PackageVersion? Installed(string key) => _installed.GetValueOrDefault(key);

    /// <summary>
    /// The versions of a package that may be installed, the best first: apt's choice, then by priority, then the newest first. Versions
    /// that are older than the installed one come last.
    /// </summary>
    public IReadOnlyList<PackageVersion> Versions(string key) => _versions.GetValueOrDefault(key) ?? [];

    /// <summary>
    /// The versions of a package that preferences refuse. The version that apt chooses nevertheless, because another source has it, too, is
    /// not among them.
    /// </summary>
    public IReadOnlyList<PackageVersion> Refused(string key) => _refused.GetValueOrDefault(key) ?? [];

    /// <summary>All packages that were read and that have a name or provide it, refused or not.</summary>
    public IReadOnlyList<PackageVersion> Named(string name) => _named.GetValueOrDefault(name) ?? [];

    /// <summary>The installed packages whose dependencies or conflicts mention a name.</summary>
    public IReadOnlyList<PackageVersion> Mentions(string name) => _mentions.GetValueOrDefault(name) ?? [];

    /// <summary>
    /// A package in one version, refused or not. For the installed version it is the installed package, even if a source has another
    /// package with that version.
    /// </summary>
    public PackageVersion? Find(string key, string version) =>
        Installed(key) is { } installed && installed.Version == version
            ? installed
            : Versions(key).Concat(Refused(key)).FirstOrDefault(each => each.Version == version);

    /// <summary>Reads the packages of some names, those that provide these names, and those that are most likely needed next.</summary>
    public void Load(IEnumerable<string> names)
    {
        // One query to apt takes many times as long as one more name in a query. So a tree of dependencies is read level by level.
        for (List<string> next = Unknown(names, _asked); next.Count > 0; )
        {
            foreach (string[] some in next.Chunk(MostNamesAtOnce))
            {
                string[] all = [.. Unknown([.. some, .. _index.Providers(some, _cancellation)], _loaded)];
                foreach (string[] part in all.Chunk(MostNamesAtOnce))
                    Read(part);
            }

            next = _asked.Count < MostForeseen ? Unknown(Foreseen(next).Take(MostForeseen), _asked) : [];
        }
    }

    // The first alternatives of the dependencies of new packages, unless they are installed.
    private IEnumerable<string> Foreseen(List<string> names)
    {
        foreach (string name in names)
        {
            foreach (PackageVersion version in Versions(name).Take(MostVersionsForeseen))
            {
                foreach (IReadOnlyList<Relation> group in version.IsInstalled ? [] : version.Needs)
                {
                    foreach (string key in KeysOf(group[0].Name, version))
                    {
                        if (Installed(key) is not { } installed || !installed.IsMeantBy(group[0]))
                            yield return key;
                    }
                }
            }
        }
    }

    private List<string> Unknown(IEnumerable<string> names, HashSet<string> known)
    {
        var unknown = new List<string>();
        foreach (string name in names)
        {
            IsCut |= known.Count >= MostNames;
            if (!IsCut && PackageName.TryParse(name, out _, out _) && known.Add(name))
                unknown.Add(name);
        }

        return unknown;
    }

    private void Read(string[] names)
    {
        RepositoryVersions offers = _index.Versions(names, _cancellation);
        string[] known = Array.FindAll(names, name => offers.Offers(name).Count > 0);
        var changed = new HashSet<string>(StringComparer.Ordinal);
        foreach (ControlParagraph paragraph in known.Length > 0 ? _index.ShowAll(known, _cancellation) : [])
        {
            IsCut |= _count >= MostVersions;
            if (IsCut || !IsValid(paragraph))
                continue;
            string key = PackageVersion.KeyOf(paragraph, _native);
            string version = paragraph["Version"];
            List<OfferedVersion> same = [.. offers.Offers(key).Where(offer => offer.Version == version)];
            if (same.Count == 0 || Find(key, version) is not null)
                continue;

            // If several packages have this version, apt takes the first, whatever its priority. So one refused package makes the version
            // refused.
            OfferedVersion offer = same.Find(each => each.IsRefused) ?? same[0];
            var package = new PackageVersion(paragraph, _native, offer) { IsCandidate = offers.CandidateOf(key) == version };
            Add(offer.IsRefused && !package.IsCandidate ? _refused : _versions, key, package);
            Name(package);
            changed.Add(key);
            _count++;
        }

        foreach (string key in changed)
        {
            PackageVersion? installed = Installed(key);
            _versions.GetValueOrDefault(key)?.Sort((left, right) => Order(left, right, installed));
        }
    }

    private static int Order(PackageVersion left, PackageVersion right, PackageVersion? installed)
    {
        int order = IsOlder(left).CompareTo(IsOlder(right));
        if (order == 0)
            order = right.IsCandidate.CompareTo(left.IsCandidate);
        if (order == 0)
            order = right.Offer.Priority.CompareTo(left.Offer.Priority);
        return order != 0 ? order : DebianVersion.Compare(right.Version, left.Version);

        bool IsOlder(PackageVersion version) => installed is not null && DebianVersion.Compare(version.Version, installed.Version) < 0;
    }

    private void Install(PackageVersion package)
    {
        _installed[package.Key] = package;
        Add(_versions, package.Key, package);
        Name(package);
        foreach (IReadOnlyList<Relation> group in package.Needs)
            Mention(group);
        Mention(package.Breaks);
        Mention(package.Conflicts);

        void Mention(IReadOnlyList<Relation> relations)
        {
            foreach (Relation relation in relations)
                Add(_mentions, relation.Name, package);
        }
    }

    private void Name(PackageVersion package)
    {
        Add(_named, package.Name, package);
        foreach (Relation provided in package.Provides)
            Add(_named, provided.Name, package);
    }

    private static void Add(Dictionary<string, List<PackageVersion>> lists, string key, PackageVersion package)
    {
        if (!lists.TryGetValue(key, out List<PackageVersion>? list))
            lists.Add(key, list = []);
        if (list.Count == 0 || list[^1] != package)
            list.Add(package);
    }

    private static bool IsValid(ControlParagraph paragraph) =>
        PackageName.TryParse(paragraph["Package"], out PackageName name, out _)
        && name.Architecture is null
        && DebianVersion.TryParse(paragraph["Version"], out _, out _)
        && (paragraph["Architecture"] is "" or "all" || PackageName.TryParse($"aa:{paragraph["Architecture"]}", out _, out _));
}
