using AptHandler.Apt;
using AptHandler.Debian;

namespace AptHandler.Planning.Pins;

/// <summary>
/// Looks for versions of dependencies with which apt finds a plan. apt's classic solver takes the candidate of a dependency and does not
/// try another one. Here every version that the sources have is tried, depth first: apt's choice before others, newer versions before older
/// ones, an upgrade before a downgrade. The control paragraphs rule out impossible choices, and apt judges the rest.
/// </summary>
internal sealed class PinSearch
{
    // Far more than any search needs that ends at all. A decision takes a few microseconds.
    private const int MostDecisions = 10_000;

    private readonly PinDecisions _decisions;
    private readonly PinObstacles _obstacles;
    private readonly HashSet<string> _judged = new(StringComparer.Ordinal);
    private readonly PackageCatalog _catalog;
    private readonly Func<IReadOnlyList<ForcedPin>, IReadOnlyList<string>, AptPlan?> _judge;
    private readonly int _mostPlans;
    private int _plans;
    private int _count;
    private bool _isOver;

    /// <param name="catalog">The packages that exist.</param>
    /// <param name="judge">
    /// Asks apt for a plan with pins, besides the words of the manifest. Only the named packages may be removed in addition. Null where apt
    /// refuses.
    /// </param>
    /// <param name="mostPlans">How many plans apt may be asked for.</param>
    public PinSearch(PackageCatalog catalog, Func<IReadOnlyList<ForcedPin>, IReadOnlyList<string>, AptPlan?> judge, int mostPlans)
    {
        (_catalog, _judge, _mostPlans) = (catalog, judge, mostPlans);
        _decisions = new PinDecisions(catalog);
        _obstacles = new PinObstacles(catalog, _decisions);
    }

    /// <summary>Whether apt has a plan without pins, so that only a better plan is useful.</summary>
    public bool IsForBetter { get; init; }

    /// <summary>The plan that was found; null for none.</summary>
    public AptPlan? Plan { get; private set; }

    /// <summary>The pins that the plan needs.</summary>
    public IReadOnlyList<ForcedPin> Pins { get; private set; } = [];

    /// <summary>Why there is no plan, in a line: which constraints contradict each other, and whether everything was tried.</summary>
    public string Explanation
    {
        get
        {
            string extent = "all combinations were tried";
            if (_isOver || _catalog.IsCut)
            {
                int decisions = Math.Min(_count, MostDecisions);
                extent = $"not {extent}: given up after {_plans} plans and {decisions} decisions";
            }

            string obstacles = _obstacles.ToString();
            return $"{(obstacles.Length > 0 ? obstacles : "apt refuses every combination that the dependencies allow")} ({extent})";
        }
    }

    /// <summary>Searches.</summary>
    /// <param name="wishes">
    /// The manifest's decisions: the version of a package, named as apt names it, or null where the package is to be removed.
    /// </param>
    /// <param name="cancellation">Ends the search.</param>
    /// <returns>Whether a plan was found.</returns>
    public bool Run(IReadOnlyDictionary<string, string?> wishes, CancellationToken cancellation)
    {
        _catalog.Load(wishes.Keys);
        foreach ((string key, string? version) in wishes)
        {
            PackageVersion? wanted = version is null ? null : _catalog.Find(key, version);
            if (wanted is not null && _decisions.ObstacleTo(wanted) is { } obstacle)
            {
                _obstacles.Add(new PinDemand(wanted, [], obstacle, wanted.Name));
                return false;
            }

            if (wanted is not null || version is null)
                _decisions.Add(new PinDecision(key, wanted, null, IsFirstChoice: true));
        }

        return Descend(cancellation);
    }

    private bool Descend(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_isOver |= ++_count > MostDecisions)
            return false;
        List<PinDemand> open = _decisions.Open();
        if (open.Count == 0)
            return Judge();

        _catalog.Load(open.SelectMany(NamesOf));
        (PinDemand demand, List<PinDecision> choices) = Narrowest(open);
        if (choices.Count == 0)
            _obstacles.Add(demand);
        foreach (PinDecision choice in choices)
        {
            _decisions.Add(choice);
            if (Descend(cancellation))
                return true;
            _decisions.RemoveLast();
            if (_isOver)
                return false;
        }

        return false;
    }

    private IEnumerable<string> NamesOf(PinDemand demand) =>
        demand.Group.SelectMany(relation => _catalog.KeysOf(relation.Name, demand.Owner)).Concat(demand.MayRaise ? [demand.Owner.Key] : []);

    // A demand with the fewest choices comes first. With one choice nothing is guessed. With none, nothing else has to be tried.
    private (PinDemand Demand, List<PinDecision> Choices) Narrowest(List<PinDemand> open)
    {
        PinDemand narrowest = open[0];
        List<PinDecision> choices = ChoicesFor(narrowest);
        for (int i = 1; i < open.Count && choices.Count > 1; i++)
        {
            List<PinDecision> others = ChoicesFor(open[i]);
            if (others.Count < choices.Count)
                (narrowest, choices) = (open[i], others);
        }

        return (narrowest, choices);
    }

    private List<PinDecision> ChoicesFor(PinDemand demand)
    {
        var choices = new List<PinDecision>();
        foreach (Relation relation in demand.Group)
        {
            foreach (string key in _catalog.KeysOf(relation.Name, demand.Owner))
                AddAll(_catalog.Versions(key), relation);
            AddAll(_catalog.Named(relation.Name).Where(each => each.IsCandidate), relation);
            foreach (string key in _catalog.Named(relation.Name).Select(each => each.Key).Distinct(StringComparer.Ordinal))
                AddAll(_catalog.Versions(key), relation);
        }

        if (demand.MayRaise)
        {
            foreach (PackageVersion version in _catalog.Versions(demand.Owner.Key))
            {
                if (DebianVersion.Compare(version.Version, demand.Owner.Version) > 0)
                    Add(version);
            }
        }

        if (demand.MayGo)
            choices.Add(new PinDecision(demand.Owner.Key, null, demand, IsFirstChoice: true));
        return choices;

        void AddAll(IEnumerable<PackageVersion> versions, Relation relation)
        {
            foreach (PackageVersion version in versions)
            {
                if (version.IsMeantBy(relation) && version.Serves(demand.Owner))
                    Add(version);
            }
        }

        void Add(PackageVersion version)
        {
            var choice = new PinDecision(version.Key, version, demand, IsFirstChoice: choices.TrueForAll(each => each.Key == version.Key));
            bool isRefused = choice.IsPin && version.Offer.IsRefused;
            bool isKnown = _decisions.Of(version.Key) is not null || choices.Exists(each => each.Version == version);
            if (!isRefused && !isKnown && _decisions.ObstacleTo(version) is null)
                choices.Add(choice);
        }
    }

    private bool Judge()
    {
        if (IsForBetter && !_decisions.All.Any(each => each.IsPin))
        {
            _isOver = true;
            return false;
        }

        string[] going = [.. _decisions.All.Where(each => each.Version is null).Select(each => each.Key)];

        // As few pins as possible are tried first. If apt then chooses other versions for the rest, all of them are pinned.
        return Judge(_decisions.All.Where(each => each.IsPin), going)
            || Judge(_decisions.All.Where(each => each is { For: not null, IsChange: true, Version.Offer.IsRefused: false }), going);
    }

    private bool Judge(IEnumerable<PinDecision> decisions, string[] going)
    {
        ForcedPin[] pins = [.. decisions.Select(each => each.ToPin())];

        // Without pins, apt would get the same question as before.
        if (_isOver || pins.Length == 0 || !_judged.Add(string.Join(' ', pins.Select(pin => pin.Word))))
            return false;
        if (_isOver = _plans >= _mostPlans)
            return false;
        _plans++;
        Plan = _judge(pins, going);
        Pins = pins;
        return Plan is not null;
    }
}
