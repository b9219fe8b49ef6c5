using AptHandler.Debian;

namespace AptHandler.Planning.Pins;

/// <summary>Why <see cref="PinSearch"/> finds no plan: which constraints contradict each other.</summary>
internal sealed class PinObstacles(PackageCatalog catalog, PinDecisions decisions)
{
    private const int MostTold = 3;
    private const int MostKept = 1_000;
    private const int MostVersions = 8;
    private const int MostAlternatives = 3;

    private readonly List<Obstacle> _all = [];

    /// <summary>
    /// The obstacles in a line. Those that hold for every choice come first. Of these, the ones met after the fewest decisions come first.
    /// </summary>
    public override string ToString()
    {
        IEnumerable<Obstacle> told = _all.OrderBy(each => each.IsFinal ? 0 : 1).ThenBy(each => each.Depth).Take(MostTold);
        return string.Join("; also: ", told.Select(each => each.Text));
    }

    /// <summary>Notes a demand that cannot be met with the decisions so far.</summary>
    public void Add(PinDemand demand)
    {
        string state = demand.Owner.IsHeld ? "held" : "installed";
        bool isFinal = false;
        string text;
        if (demand.Group.Count == 0)
        {
            string other = demand.MayRaise ? $"{demand.Owner} is {state}" : $"the manifest asks for {demand.Owner}";
            text = $"{demand.Reason}, but {other}{Available(demand.Owner.Name, demand.Owner)}";
        }
        else
        {
            Reason[] reasons = [.. demand.Group.Take(MostAlternatives).Select(relation => Against(relation, demand.Owner))];
            isFinal = Array.TrueForAll(reasons, each => each.IsFinal);
            string owner = demand.MayRaise ? $"{demand.Owner}, which is {state}," : $"{demand.Owner}";
            string all = string.Join(" and ", reasons.Select(each => each.Text).Distinct(StringComparer.Ordinal));
            text = $"{owner} needs {demand.Needs}, but {all}{Available(demand.Group[0].Name, demand.Owner)}";
        }

        if (_all.Count < MostKept && !_all.Exists(each => each.Text == text))
            _all.Add(new Obstacle(text, decisions.All.Count, isFinal));
    }

    private Reason Against(Relation relation, PackageVersion owner)
    {
        Reason? reason = null;
        bool isKnown = false;
        foreach (string key in catalog.KeysOf(relation.Name, owner))
        {
            if (decisions.Of(key) is { } decision)
                return Against(relation, decision);
            isKnown |= catalog.Versions(key).Count > 0 || catalog.Refused(key).Count > 0;
        }

        foreach (PackageVersion version in catalog.Named(relation.Name))
        {
            if (!version.IsMeantBy(relation) || !version.Serves(owner))
                continue;
            if (version.Offer.IsRefused)
                reason ??= new Reason($"apt's preferences pin {version} {version.Offer.Refusal}", IsFinal: true);
            else if (decisions.Of(version.Key) is { } decision)
                return Against(relation, decision);
            else if (decisions.ObstacleTo(version) is { } obstacle)
                return new Reason(obstacle, IsFinal: false);
        }

        if (reason is null && catalog.Installed(relation.Name) is { IsHeld: true } held)
            reason = new Reason($"{held.Key} is held at {held.Version}", IsFinal: true);
        return reason ?? new Reason(isKnown ? "no source has such a version" : $"no source has {relation.Name}", IsFinal: true);
    }

    // If no version meets both constraints, the obstacle is final. Otherwise the decision is only one of several.
    private Reason Against(Relation relation, PinDecision decision)
    {
        if (decision.For is { } other)
        {
            bool canAgree = catalog
                .Versions(decision.Key)
                .Any(version => version.IsMeantBy(relation) && other.Group.Any(version.IsMeantBy));
            return new Reason(other.Reason, !canAgree);
        }

        string asks = decision.Version is { } wanted ? $"asks for {wanted}" : $"removes {decision.Key}";
        return new Reason($"the manifest {asks}", IsFinal: true);
    }

    private string Available(string name, PackageVersion owner)
    {
        var versions = new List<string>();
        foreach (string key in catalog.KeysOf(name, owner))
        {
            foreach (PackageVersion version in catalog.Versions(key))
            {
                if (!versions.Contains(version.Version))
                    versions.Add(version.Version);
            }
        }

        versions.Sort((left, right) => DebianVersion.Compare(left, right));
        string older = versions.Count > MostVersions ? $" and {versions.Count - MostVersions} older" : "";
        return versions.Count == 0 ? "" : $"; available: {string.Join(", ", versions.TakeLast(MostVersions))}{older}";
    }

    private sealed record Obstacle(string Text, int Depth, bool IsFinal);

    private sealed record Reason(string Text, bool IsFinal);
}
