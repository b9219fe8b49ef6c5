using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Manifests;
using AptHandler.Planning.Pins;
using AptHandler.Results;

namespace AptHandler.Planning;

/// <summary>Plans one manifest. Strict dependencies are followed first. If that is not enough, fitting versions are searched for.</summary>
internal sealed class PlanAttempt
{
    /// <summary>The largest number of plans that apt is asked for.</summary>
    public const int MostPlans = 200;

    // A chain of strict dependencies gets one link longer in each round.
    private const int MostRounds = 50;

    private readonly AptCommand _apt;
    private readonly PlanReview _review;
    private readonly AptManifest _manifest;
    private readonly DpkgStatus _status;
    private readonly CancellationToken _cancellation;
    private readonly RepositoryVersions _repository;
    private readonly List<string> _words;
    private readonly IReadOnlyList<MissingPackage> _unknownRemovals;
    private int _plans;

    /// <exception cref="UpdateException">The manifest contradicts itself, or the preferences of apt refuse what it asks for.</exception>
    /// <exception cref="AptException">The sources do not have everything that the manifest asks for.</exception>
    public PlanAttempt(
        AptCommand apt,
        PlanReview review,
        AptManifest manifest,
        DpkgStatus status,
        Func<string, bool> wasKnown,
        CancellationToken cancellation
    )
    {
        (_apt, _review, _manifest, _status, _cancellation) = (apt, review, manifest, status, cancellation);
        ManifestWords.RefuseTwins(manifest, status);
        _repository = Look(manifest.Packages.Select(intent => status.NameOf(intent.Package)));
        _words = ManifestWords.Of(manifest, status, _repository, apt, cancellation);
        _unknownRemovals = ManifestWords.UnknownRemovals(manifest, status, _repository, apt, wasKnown, cancellation);
    }

    /// <summary>The plan, reviewed.</summary>
    /// <exception cref="UpdateException">There is no plan that does exactly what the manifest asks.</exception>
    /// <exception cref="AptException">apt failed.</exception>
    public UpdatePlan Plan()
    {
        try
        {
            var pins = new List<ForcedPin>();
            UpdatePlan plan = Reviewed(FollowStrict(pins), pins);
            if (!CanRaise(plan.Apt))
                return plan;
            PinSearch search = Search(isForBetter: true);
            return search.Plan is { } better && better.Removals.Count < plan.Apt.Removals.Count ? Reviewed(better, search.Pins) : plan;
        }
        catch (AptException e) when (e.Failure.Kind == AptFailureKind.UnmetDependencies)
        {
            PinSearch search = Search();
            return search.Plan is { } found
                ? Reviewed(found, search.Pins)
                : throw new AptException(
                    _apt.HeldBy(_words, _cancellation)
                        ?? e.Failure with
                        {
                            Evidence = $"{search.Explanation}; apt says: {e.Failure.Evidence}",
                        }
                );
        }
        catch (UpdateException e) when (e.Cause == ExtendedResult.UnlistedRemoval)
        {
            PinSearch search = Search();
            return search.Plan is { } found
                ? Reviewed(found, search.Pins)
                : throw new UpdateException(e.Cause, $"{e.Message}; {search.Explanation}");
        }
    }

    // apt's classic solver takes the newest version of a dependency, even when only an older one fits. So strict dependencies are followed
    // here until the plan works, or until there are no more of them.
    private AptPlan FollowStrict(List<ForcedPin> pins)
    {
        for (int round = 0; ; round++)
        {
            string[] words = WordsWith(pins);
            try
            {
                _plans++;
                return _apt.Simulate(words, _cancellation);
            }
            catch (AptException e) when (e.Failure.Kind is AptFailureKind.UnmetDependencies && round < MostRounds)
            {
                List<ForcedPin> forced = ForcedBy(words, pins);
                if (forced.Count == 0)
                    throw;
                pins.AddRange(forced);
            }
        }
    }

    private List<ForcedPin> ForcedBy(string[] words, List<ForcedPin> pins)
    {
        HashSet<string> decided = [.. _manifest.Packages.Select(intent => intent.Package.Name), .. pins.Select(pin => pin.Name)];
        var strict = new List<ForcedPin>();
        string[] coming = [.. words.Where(word => !word.EndsWith('-'))];
        foreach (ControlParagraph paragraph in coming.Length > 0 ? _apt.Show(coming, _cancellation) : [])
        {
            // The dependencies of a package of another architecture mostly have that architecture, too, but not always. They are left to
            // the search.
            if (PackageVersion.KeyOf(paragraph, _status.NativeArchitecture) != paragraph["Package"])
                continue;
            foreach (Relation relation in paragraph.Relations("Pre-Depends").Concat(paragraph.Relations("Depends")))
            {
                // Names and versions come from a repository. Only those that are valid by Debian's rules may reach a command line.
                bool isStrict =
                    relation is { Bound: VersionBound.Equal, IsAlternative: false }
                    && PackageName.TryParse(relation.Name, out _, out _)
                    && DebianVersion.TryParse(relation.Version, out _, out _);
                if (isStrict && decided.Add(relation.Name))
                    strict.Add(new ForcedPin(relation.Name, relation.Version, paragraph["Package"]));
            }
        }

        // Some names are not in the sources (for example virtual packages), and preferences refuse some versions. They are left to apt and
        // to the search.
        RepositoryVersions repository = Look(strict.Select(pin => pin.Name));
        var forced = new List<ForcedPin>();
        foreach (ForcedPin pin in strict)
        {
            if (ManifestWords.Spelling(pin.Version, null, repository.NotRefused(pin.Name)) is { } spelling)
                forced.Add(pin with { Version = spelling });
        }

        return forced;
    }

    private PinSearch Search(bool isForBetter = false)
    {
        var catalog = new PackageCatalog(_apt, _status.NativeArchitecture, _cancellation);
        var search = new PinSearch(catalog, Judge, MostPlans - _plans) { IsForBetter = isForBetter };
        search.Run(ManifestWords.Wishes(_manifest, _words, _status, _repository), _cancellation);
        return search;
    }

    private AptPlan? Judge(IReadOnlyList<ForcedPin> pins, IReadOnlyList<string> going)
    {
        try
        {
            AptPlan plan = _apt.Simulate(WordsWith(pins), _cancellation);
            bool goesMore = Unlisted(plan).Any(removal => !going.Contains(removal.QualifiedName, StringComparer.Ordinal));
            return pins.All(Comes) && !goesMore ? plan : null;

            bool Comes(ForcedPin pin) =>
                plan.Installations.Any(each => each.Name == pin.Name.Split(':')[0] && each.NewVersion == pin.Version);
        }
        catch (AptException e) when (e.Failure.Kind is AptFailureKind.UnmetDependencies or AptFailureKind.Held or AptFailureKind.Protected)
        {
            return null;
        }
    }

    // If an update breaks another package, a newer version of that package is better than its removal.
    private bool CanRaise(AptPlan plan)
    {
        PlannedRemoval[] removals = [.. Unlisted(plan)];
        RepositoryVersions repository = Look(removals.Select(removal => removal.QualifiedName));
        return Array.Exists(removals, CanRaise);

        bool CanRaise(PlannedRemoval removal) =>
            repository.NotRefused(removal.QualifiedName).Any(version => DebianVersion.Compare(version, removal.OldVersion) > 0);
    }

    private IEnumerable<PlannedRemoval> Unlisted(AptPlan plan) =>
        plan.Removals.Where(removal =>
            !_manifest.Packages.Any(intent =>
                intent.Kind == PackageIntentKind.Remove && _status.NameOf(intent.Package) == removal.QualifiedName
            )
        );

    private UpdatePlan Reviewed(AptPlan apt, IReadOnlyList<ForcedPin> pins)
    {
        var plan = new UpdatePlan
        {
            Words = WordsWith(pins),
            Apt = apt,
            ForcedPins = pins,
            Unfinished = [.. Unfinished(apt)],
            UnknownRemovals = _unknownRemovals,
            Unsourced = [.. Unsourced()],
        };
        return plan with { Paragraphs = _review.Check(_manifest, plan, _status, _cancellation) };
    }

    private IEnumerable<string> Unfinished(AptPlan plan) =>
        from intent in _manifest.Packages
        let name = _status.NameOf(intent.Package)
        where
            intent.Kind != PackageIntentKind.Remove
            && _status.Find(intent.Package) is { HoldsFiles: true, IsInstalled: false }
            && plan.Configurations.Any(each => each.QualifiedName == name)
            && !plan.Installations.Any(each => each.QualifiedName == name)
        select name;

    private IEnumerable<PackageIntent> Unsourced() =>
        _manifest.Packages.Where(intent =>
            intent.Kind == PackageIntentKind.InstallNewest && _repository[_status.NameOf(intent.Package)].Count == 0
        );

    private string[] WordsWith(IReadOnlyList<ForcedPin> pins) => [.. _words, .. pins.Select(pin => pin.Word)];

    private RepositoryVersions Look(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return all.Length > 0 ? _apt.Versions(all, _cancellation) : RepositoryVersions.Parse("");
    }
}
