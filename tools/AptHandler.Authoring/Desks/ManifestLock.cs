using AptHandler.Apt;
using AptHandler.Authoring.Manifests;
using AptHandler.Debian;
using AptHandler.Manifests;
using AptHandler.Planning;

namespace AptHandler.Authoring.Desks;

/// <summary>
/// Makes a manifest that leaves nothing open. It lists every package that the manifest names or changes, and all their dependencies, each
/// in its exact version. A later deployment does the same again, whatever was published in the meantime and whatever else a device has.
/// </summary>
public sealed class ManifestLock
{
    private readonly AptManifest _manifest;
    private readonly AptPlan _plan;
    private readonly DpkgStatus _status;
    private readonly string _native;
    private readonly List<LockedPackage> _packages = [];
    private readonly Dictionary<string, List<LockedPackage>> _byName = new(StringComparer.Ordinal);

    // A package is visited twice: when it turns out to be needed, and when it gets its place.
    private readonly HashSet<LockedPackage> _needed = [];
    private readonly HashSet<LockedPackage> _placed = [];
    private readonly List<ManifestEntry> _entries = [];

    private ManifestLock(AptManifest manifest, UpdatePlan plan, Desk desk)
    {
        (_manifest, _plan, _status, _native) = (manifest, plan.Apt, desk.Status, desk.Architecture);
        foreach (PlannedInstallation each in plan.Apt.Installations)
            Add(
                new LockedPackage(
                    each.Name,
                    each.Architecture,
                    each.NewVersion,
                    PlanReview.Find(plan.Paragraphs, each.Name, each.NewVersion)
                )
            );
        foreach (ControlParagraph each in desk.Installed())
        {
            bool isThere = each["Status"].EndsWith(" installed", StringComparison.Ordinal);
            if (isThere && !Changes(KeyOf(each["Package"], each["Architecture"])))
                Add(new LockedPackage(each["Package"], each["Architecture"], each["Version"], each));
        }
    }

    /// <summary>
    /// The entries of the locked manifest. Removals come first, then the packages to install. A package comes after those that it depends
    /// on; otherwise packages are sorted by name.
    /// </summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="desk">Where it was planned.</param>
    public static IReadOnlyList<ManifestEntry> Of(AptManifest manifest, UpdatePlan plan, Desk desk) =>
        new ManifestLock(manifest, plan, desk).Lock(plan);

    private List<ManifestEntry> Lock(UpdatePlan plan)
    {
        foreach (PlannedRemoval each in plan.Apt.Removals)
            Remove(NameOf(each.QualifiedName, _native));
        foreach (PackageIntent each in _manifest.Packages)
        {
            if (
                each.Kind == PackageIntentKind.Remove
                && !plan.Apt.Removals.Any(removal => removal.QualifiedName == _status.NameOf(each.Package))
            )
                Remove(each.Package.ToString());
        }

        foreach (LockedPackage each in _packages)
        {
            string key = KeyOf(each.Name, each.Architecture);
            bool isAsked =
                _manifest.Packages.Any(intent => intent.Kind != PackageIntentKind.Remove && _status.NameOf(intent.Package) == key)
                || plan.ForcedPins.Any(pin => pin.Name == key)
                || plan.Apt.Installations.Any(coming => coming.QualifiedName == key);
            if (isAsked)
                Need(each);
        }

        // Dependency circles are opened at the same place whatever the order of the manifest: locking a locked manifest changes nothing.
        List<LockedPackage> needed = [.. _needed];
        needed.Sort((left, right) => string.CompareOrdinal($"{left.Name}:{left.Architecture}", $"{right.Name}:{right.Architecture}"));
        foreach (LockedPackage each in needed)
            Place(each);
        return _entries;
    }

    private void Need(LockedPackage package)
    {
        if (!_needed.Add(package))
            return;
        foreach (LockedPackage each in DependenciesOf(package))
            Need(each);
    }

    private void Place(LockedPackage package)
    {
        if (!_placed.Add(package))
            return;
        foreach (LockedPackage each in DependenciesOf(package))
            Place(each);
        _entries.Add(new ManifestEntry(NameOf(KeyOf(package.Name, package.Architecture), package.Architecture), package.Version));
    }

    // Of several alternatives, all that are there: the lock does not decide which of them is enough.
    private IEnumerable<LockedPackage> DependenciesOf(LockedPackage package)
    {
        if (package.Paragraph is not { } paragraph)
            yield break;
        foreach (Relation relation in paragraph.Relations("Pre-Depends").Concat(paragraph.Relations("Depends")))
        {
            foreach (LockedPackage each in _byName.GetValueOrDefault(relation.Name) ?? [])
            {
                if (each.Satisfies(relation))
                    yield return each;
            }
        }
    }

    private void Add(LockedPackage package)
    {
        _packages.Add(package);
        Name(package.Name);
        foreach (Relation provided in package.Paragraph?.Relations("Provides") ?? [])
            Name(provided.Name);

        void Name(string name)
        {
            if (!_byName.TryGetValue(name, out List<LockedPackage>? all))
                _byName.Add(name, all = []);
            if (!all.Contains(package))
                all.Add(package);
        }
    }

    private void Remove(string name)
    {
        var entry = new ManifestEntry($"{name}-", null);
        if (!_entries.Contains(entry))
            _entries.Add(entry);
    }

    // If the manifest names the package with an architecture, its spelling is used. Otherwise the architecture is added only where it is
    // needed: for foreign packages, and for packages that are there for several architectures.
    private string NameOf(string key, string architecture)
    {
        PackageIntent? named = _manifest.Packages.FirstOrDefault(intent =>
            intent.Package.Architecture is not null && _status.NameOf(intent.Package) == key
        );
        if (named is not null)
            return named.Package.ToString();
        bool isOneOfSeveral =
            architecture != "all"
            && (
                _packages.Exists(each => each.Name == key && KeyOf(each.Name, each.Architecture) != key)
                || _plan.Removals.Any(each => each.Name == key && each.QualifiedName != key)
            );
        return isOneOfSeveral ? $"{key}:{architecture}" : key;
    }

    private string KeyOf(string name, string architecture) => _status.NameOf(new PackageName(name, architecture));

    private bool Changes(string key) =>
        _plan.Installations.Any(each => each.QualifiedName == key) || _plan.Removals.Any(each => each.QualifiedName == key);

    private sealed class LockedPackage(string name, string architecture, string version, ControlParagraph? paragraph)
    {
        public string Name { get; } = name;

        public string Architecture { get; } = architecture;

        public string Version { get; } = version;

        public ControlParagraph? Paragraph { get; } = paragraph;

        public bool Satisfies(Relation relation) =>
            relation.Name == Name
                ? relation.Admits(Version)
                : relation.Bound == VersionBound.Any
                    || (
                        Paragraph
                            ?.Relations("Provides")
                            .Any(provided =>
                                provided.Name == relation.Name && provided.Bound == VersionBound.Equal && relation.Admits(provided.Version)
                            )
                        ?? false
                    );
    }
}
