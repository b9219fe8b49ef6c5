using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Manifests;

namespace AptHandler.Updates;

/// <summary>Turns a manifest into words for apt, lets apt plan, and lets nothing through that the manifest does not ask for.</summary>
/// <param name="apt">apt, on the machine that the plan is for.</param>
/// <param name="review">What the plan is held against.</param>
/// <param name="room">The room on that machine; null where the plan is for another one than this.</param>
public sealed class UpdatePlanner(AptCommand apt, PlanReview review, RoomCheck? room = null)
{
    /// <summary>How many plans apt is asked for, at most.</summary>
    public const int MostPlans = 200;

    // A chain of strict dependencies gets one link longer in each round.
    private const int MostRounds = 50;

    /// <summary>Plans an update; reads only.</summary>
    /// <exception cref="UpdateException">There is no plan that does exactly what the manifest asks.</exception>
    /// <exception cref="AptException">apt failed.</exception>
    public UpdatePlan Plan(AptManifest manifest, DpkgStatus status, CancellationToken cancellation)
    {
        RepositoryVersions repository = Look(manifest.Packages.Select(intent => intent.Package.ToString()), cancellation);
        List<string> words = ManifestWords.Of(manifest, status, repository);
        var pins = new List<ForcedPin>();
        int plans = 0;
        UpdatePlan result;
        try
        {
            UpdatePlan plan = PlanOf(Simulate(manifest, words, pins, status, ref plans, cancellation), pins);
            result = Reviewed(plan);
            if (CanRaise(Unlisted(manifest, plan.Apt), cancellation) && Search(isForBetter: true) is { Plan: { } better } search && better.Removals.Count < plan.Apt.Removals.Count)
                result = Reviewed(PlanOf(better, search.Pins));
        }
        catch (AptException e) when (e.Failure.Kind == AptFailureKind.UnmetDependencies)
        {
            PinSearch search = Search();
            result = Reviewed(search.Plan is { } found
                ? PlanOf(found, search.Pins)
                : throw new AptException(e.Failure with { Evidence = $"{search.Explanation}; apt says: {e.Failure.Evidence}" }));
        }
        catch (UpdateException e) when (e.Cause == ExtendedResult.UnlistedRemoval)
        {
            PinSearch search = Search();
            result = Reviewed(search.Plan is { } found ? PlanOf(found, search.Pins) : throw new UpdateException(e.Cause, $"{e.Message}; {search.Explanation}"));
        }

        room?.Check(result);
        return result;

        UpdatePlan PlanOf(AptPlan plan, IReadOnlyList<ForcedPin> pins) => new()
        {
            Words = [.. words, .. pins.Select(pin => pin.Word)],
            Apt = plan,
            ForcedPins = pins,
            Unfinished =
            [
                .. from intent in manifest.Packages
                   where intent.Kind != PackageIntentKind.Remove && status.Find(intent.Package) is { HoldsFiles: true, IsInstalled: false }
                       && plan.Configurations.Any(each => each.Name == intent.Package.Name) && !plan.Installations.Any(each => each.Name == intent.Package.Name)
                   select intent.Package.ToString(),
            ],
        };

        UpdatePlan Reviewed(UpdatePlan plan) => plan with { Paragraphs = review.Check(manifest, plan, status, cancellation) };

        PinSearch Search(bool isForBetter = false)
        {
            var catalog = new PackageCatalog(apt, status.NativeArchitecture, cancellation);
            var search = new PinSearch(catalog, (pins, going) => Judge(manifest, words, pins, going, cancellation), MostPlans - plans) { IsForBetter = isForBetter };
            search.Run(ManifestWords.Wishes(manifest, words, status, repository), cancellation);
            return search;
        }
    }

    // The classic solver takes the newest version of a dependency and does not look back when only an older one fits.
    // So the strict dependencies are followed here, as far as they go, until the plan holds.
    private AptPlan Simulate(AptManifest manifest, List<string> words, List<ForcedPin> pins, DpkgStatus status, ref int plans, CancellationToken cancellation)
    {
        for (int round = 0; ; round++)
        {
            string[] all = [.. words, .. pins.Select(pin => pin.Word)];
            try
            {
                plans++;
                return apt.Simulate(all, cancellation);
            }
            catch (AptException e) when (e.Failure.Kind is AptFailureKind.UnmetDependencies && round < MostRounds)
            {
                List<ForcedPin> forced = ForcedBy(manifest, all, pins, status, cancellation);
                if (forced.Count == 0)
                    throw;
                pins.AddRange(forced);
            }
        }
    }

    private List<ForcedPin> ForcedBy(AptManifest manifest, string[] words, List<ForcedPin> pins, DpkgStatus status, CancellationToken cancellation)
    {
        HashSet<string> decided = [.. manifest.Packages.Select(intent => intent.Package.Name), .. pins.Select(pin => pin.Name)];
        var strict = new List<ForcedPin>();
        string[] coming = [.. words.Where(word => !word.EndsWith('-'))];
        foreach (ControlParagraph paragraph in coming.Length > 0 ? apt.Show(coming, cancellation) : [])
        {
            // What a package of another architecture depends on is mostly of that one, too, but not always: that is for the search.
            if (PackageVersion.KeyOf(paragraph, status.NativeArchitecture) != paragraph["Package"])
                continue;
            foreach (Relation relation in paragraph.Relations("Pre-Depends").Concat(paragraph.Relations("Depends")))
            {
                // The words come from a repository: what is no name and no version by Debian's rules never reaches a command line.
                if (relation is { Bound: VersionBound.Equal, IsAlternative: false }
                    && PackageName.TryParse(relation.Name, out _, out _) && DebianVersion.TryParse(relation.Version, out _, out _) && decided.Add(relation.Name))
                    strict.Add(new ForcedPin(relation.Name, relation.Version, paragraph["Package"]));
            }
        }

        // What the sources do not have under this name (a virtual package, say), or preferences refuse, is left to apt and to the search.
        RepositoryVersions repository = Look(strict.Select(pin => pin.Name), cancellation);
        return
        [
            .. strict.Select(pin => ManifestWords.Spelling(pin.Version, null, repository.NotRefused(pin.Name)) is { } spelling ? pin with { Version = spelling } : null)
                .OfType<ForcedPin>(),
        ];
    }

    private AptPlan? Judge(AptManifest manifest, List<string> words, IReadOnlyList<ForcedPin> pins, IReadOnlyList<string> going, CancellationToken cancellation)
    {
        try
        {
            AptPlan plan = apt.Simulate([.. words, .. pins.Select(pin => pin.Word)], cancellation);
            bool isAsPinned = pins.All(pin => plan.Installations.Any(each => each.Name == pin.Name.Split(':')[0] && each.NewVersion == pin.Version));
            return isAsPinned && Unlisted(manifest, plan).All(removal => going.Contains(removal.QualifiedName, StringComparer.Ordinal)) ? plan : null;
        }
        catch (AptException e) when (e.Failure.Kind is AptFailureKind.UnmetDependencies or AptFailureKind.Held or AptFailureKind.Protected)
        {
            return null;
        }
    }

    private static IEnumerable<PlannedRemoval> Unlisted(AptManifest manifest, AptPlan plan) => plan.Removals.Where(removal => !manifest.Packages.Any(
        intent => intent.Kind == PackageIntentKind.Remove && PlanReview.Is(intent.Package, removal.Name, removal.Architecture)));

    // Better than to let a package go that another one breaks is to raise it, where there is something to raise it to.
    private bool CanRaise(IEnumerable<PlannedRemoval> removals, CancellationToken cancellation)
    {
        PlannedRemoval[] all = [.. removals];
        RepositoryVersions repository = Look(all.Select(removal => removal.QualifiedName), cancellation);
        return Array.Exists(all, removal => repository.NotRefused(removal.QualifiedName).Any(version => DebianVersion.Compare(version, removal.OldVersion) > 0));
    }

    private RepositoryVersions Look(IEnumerable<string> names, CancellationToken cancellation)
    {
        string[] all = [.. names];
        return all.Length > 0 ? apt.Versions(all, cancellation) : RepositoryVersions.Parse("");
    }
}
