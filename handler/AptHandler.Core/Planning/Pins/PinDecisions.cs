using AptHandler.Debian;

namespace AptHandler.Planning.Pins;

/// <summary>The packages as they will be: the decisions so far, and the installed packages for everything else.</summary>
internal sealed class PinDecisions(PackageCatalog catalog)
{
    private readonly List<PinDecision> _all = [];
    private readonly Dictionary<string, PinDecision> _byKey = new(StringComparer.Ordinal);

    /// <summary>All decisions, in the order in which they were made.</summary>
    public IReadOnlyList<PinDecision> All => _all;

    /// <summary>The decision about a package, or null.</summary>
    public PinDecision? Of(string key) => _byKey.GetValueOrDefault(key);

    /// <summary>Adds a decision. There is only one decision for each package.</summary>
    public void Add(PinDecision decision)
    {
        if (_byKey.TryAdd(decision.Key, decision))
            _all.Add(decision);
    }

    /// <summary>Removes the last decision.</summary>
    public void RemoveLast()
    {
        _byKey.Remove(_all[^1].Key);
        _all.RemoveAt(_all.Count - 1);
    }

    /// <summary>The version that will be installed, or null.</summary>
    public PackageVersion? Active(string key) =>
        _byKey.TryGetValue(key, out PinDecision? decision) ? decision.Version : catalog.Installed(key);

    /// <summary>Why a version cannot be chosen, in words; null where it can.</summary>
    public string? ObstacleTo(PackageVersion version)
    {
        if (catalog.Installed(version.Key) is { IsHeld: true } held && held != version)
            return $"{held.Key} is held at {held.Version}";
        foreach (PinDecision decision in _all)
        {
            if (decision.Version is { } other && version.ObstacleTo(other) is { } obstacle)
                return obstacle;
        }

        return null;
    }

    /// <summary>All demands that are not met, dependencies of decided packages first.</summary>
    public List<PinDemand> Open()
    {
        var open = new List<PinDemand>();
        foreach (PinDecision decision in _all)
        {
            if (decision.Version is { } version)
                AddNeeds(version, mayRaise: false, about: null);
        }

        foreach (PinDecision decision in _all)
        {
            if (decision.IsChange)
                AddInstalled(decision);
        }

        return open;

        void AddNeeds(PackageVersion owner, bool mayRaise, HashSet<string>? about)
        {
            foreach (IReadOnlyList<Relation> group in owner.Needs)
            {
                if ((about is null || Speaks(group, about)) && !Holds(group, owner))
                    open.Add(new PinDemand(owner, group, null, mayRaise ? CauseOf(group, owner) : owner.Name) { MayRaise = mayRaise });
            }
        }

        // An installed package can stay as it is only if it works with the packages that come, and without those that go.
        void AddInstalled(PinDecision decision)
        {
            var names = new HashSet<string>(StringComparer.Ordinal);
            AddNames(catalog.Installed(decision.Key));
            AddNames(decision.Version);
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (string name in names)
            {
                foreach (PackageVersion other in catalog.Mentions(name))
                {
                    if (!seen.Add(other.Key) || _byKey.ContainsKey(other.Key))
                        continue;
                    AddNeeds(other, mayRaise: true, names);
                    AddExclusion(decision, other);
                }
            }

            if (decision.Version is not { } version)
                return;
            foreach (Relation relation in version.Breaks.Concat(version.Conflicts))
                AddExcluded(relation.Name);
            AddExcluded(version.Name);

            void AddExcluded(string name)
            {
                foreach (PackageVersion other in catalog.Named(name))
                {
                    if (other.IsInstalled && !_byKey.ContainsKey(other.Key) && seen.Add(other.Key))
                        AddExclusion(decision, other);
                }
            }

            void AddNames(PackageVersion? package)
            {
                if (package is null)
                    return;
                names.Add(package.Name);
                foreach (Relation provided in package.Provides)
                    names.Add(provided.Name);
            }
        }

        void AddExclusion(PinDecision decision, PackageVersion other)
        {
            if (decision.Version is not { } version || version.ObstacleTo(other) is not { } obstacle)
                return;
            bool mayGo = !decision.IsPin && version.Excludes(other);
            open.Add(new PinDemand(other, [], obstacle, version.Name) { MayRaise = true, MayGo = mayGo });
        }
    }

    private bool Holds(IReadOnlyList<Relation> group, PackageVersion owner)
    {
        foreach (Relation relation in group)
        {
            foreach (PackageVersion version in catalog.Named(relation.Name))
            {
                if (version.IsMeantBy(relation) && version.Serves(owner) && Active(version.Key) == version)
                    return true;
            }
        }

        return false;
    }

    // The package whose change breaks a dependency of an installed package.
    private string CauseOf(IReadOnlyList<Relation> group, PackageVersion owner)
    {
        foreach (Relation relation in group)
        {
            foreach (string key in catalog.KeysOf(relation.Name, owner))
            {
                if (_byKey.ContainsKey(key))
                    return relation.Name;
            }
        }

        return owner.Name;
    }

    private static bool Speaks(IReadOnlyList<Relation> group, HashSet<string> names)
    {
        foreach (Relation relation in group)
        {
            if (names.Contains(relation.Name))
                return true;
        }

        return false;
    }
}
