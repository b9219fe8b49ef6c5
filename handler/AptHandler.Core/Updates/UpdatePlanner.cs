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
    // A chain of strict dependencies gets one link longer in each round.
    private const int MostRounds = 50;

    /// <summary>Plans an update; reads only.</summary>
    /// <exception cref="UpdateException">There is no plan that does exactly what the manifest asks.</exception>
    /// <exception cref="AptException">apt failed.</exception>
    public UpdatePlan Plan(AptManifest manifest, DpkgStatus status, CancellationToken cancellation)
    {
        RepositoryVersions repository = Look(manifest.Packages.Select(intent => intent.Package.ToString()), cancellation);
        List<string> words = Words(manifest, status, repository, cancellation);
        var pins = new List<ForcedPin>();
        AptPlan plan = Simulate(manifest, words, pins, cancellation);
        string[] unfinished =
        [
            .. from intent in manifest.Packages
               let name = status.NameOf(intent.Package)
               where intent.Kind != PackageIntentKind.Remove && status.Find(intent.Package) is { HoldsFiles: true, IsInstalled: false }
                   && plan.Configurations.Any(each => each.QualifiedName == name)
                   && !plan.Installations.Any(each => each.QualifiedName == name)
               select name,
        ];
        var result = new UpdatePlan { Words = words, Apt = plan, ForcedPins = pins, Unfinished = unfinished };
        result = result with { Paragraphs = review.Check(manifest, result, status, cancellation) };
        room?.Check(result);
        return result;
    }

    private List<string> Words(AptManifest manifest, DpkgStatus status, RepositoryVersions repository, CancellationToken cancellation)
    {
        var words = new List<string>();
        var missing = new List<MissingPackage>();
        foreach (PackageIntent intent in manifest.Packages)
        {
            IReadOnlyList<string> versions = repository[status.NameOf(intent.Package)];
            StatusEntry? entry = status.Find(intent.Package);
            string? installed = entry is { IsInstalled: true } there ? there.Version : null;
            switch (intent.Kind)
            {
                // A removal of what apt has never heard of would be an error to apt; to the manifest it is done already.
                case PackageIntentKind.Remove when versions.Count > 0 || entry is { HoldsFiles: true }:
                    words.Add($"{intent.Package}-");
                    break;
                case PackageIntentKind.Remove:
                    break;
                case PackageIntentKind.InstallNewest when versions.Count > 0 || installed is not null:
                    words.Add(intent.Package.ToString());
                    break;
                case PackageIntentKind.InstallPinned when Spelling(intent.Version!.Value.Text, installed, versions) is { } spelling:
                    words.Add($"{intent.Package}={spelling}");
                    break;
                default:
                    missing.Add(new MissingPackage(intent, versions));
                    break;
            }
        }

        return missing.Count == 0 ? words : throw MissingPackagesException.Of(missing, apt, cancellation);
    }

    private AptPlan Simulate(AptManifest manifest, List<string> words, List<ForcedPin> pins, CancellationToken cancellation)
    {
        // The classic solver takes the newest version of a dependency and does not look back when only an older one fits.
        // So the strict dependencies are followed here, as far as they go, until the plan holds.
        for (int round = 0; ; round++)
        {
            try
            {
                return apt.Simulate(words, cancellation);
            }
            catch (AptException e) when (e.Failure.Kind is AptFailureKind.UnmetDependencies && round < MostRounds)
            {
                List<ForcedPin> forced = ForcedBy(manifest, words, pins, cancellation);
                if (forced.Count == 0 && apt.HeldBy(words, cancellation) is { } held)
                    throw new AptException(held);
                if (forced.Count == 0)
                    throw;
                pins.AddRange(forced);
                words.AddRange(forced.Select(pin => $"{pin.Name}={pin.Version}"));
            }
        }
    }

    private List<ForcedPin> ForcedBy(AptManifest manifest, List<string> words, List<ForcedPin> pins, CancellationToken cancellation)
    {
        HashSet<string> decided = [.. manifest.Packages.Select(intent => intent.Package.Name), .. pins.Select(pin => pin.Name)];
        var strict = new List<ForcedPin>();
        string[] coming = [.. words.Where(word => !word.EndsWith('-'))];
        foreach (ControlParagraph paragraph in coming.Length > 0 ? apt.Show(coming, cancellation) : [])
        {
            foreach (Relation relation in paragraph.Relations("Pre-Depends").Concat(paragraph.Relations("Depends")))
            {
                // The words come from a repository: what is no name and no version by Debian's rules never reaches a command line.
                if (relation is { Bound: VersionBound.Equal, IsAlternative: false }
                    && PackageName.TryParse(relation.Name, out _, out _) && DebianVersion.TryParse(relation.Version, out _, out _) && decided.Add(relation.Name))
                    strict.Add(new ForcedPin(relation.Name, relation.Version, paragraph["Package"]));
            }
        }

        // What the sources do not have under this name (a virtual package, say) is left to apt.
        RepositoryVersions repository = Look(strict.Select(pin => pin.Name), cancellation);
        return [.. strict.Select(pin => Spelling(pin.Version, null, repository[pin.Name]) is { } spelling ? pin with { Version = spelling } : null).OfType<ForcedPin>()];
    }

    private RepositoryVersions Look(IEnumerable<string> names, CancellationToken cancellation)
    {
        string[] all = [.. names];
        return all.Length > 0 ? apt.Versions(all, cancellation) : RepositoryVersions.Parse("");
    }

    // The manifest's 1.0.8 is the repository's 1.0.8-0, and apt knows it by that spelling only. Of several equal ones the installed one is best:
    // then there is nothing to do. What only dpkg has, in a spelling of its own, comes last: apt takes it and the repository's for one.
    private static string? Spelling(string wanted, string? installed, IReadOnlyList<string> versions)
    {
        string[] equal = [.. versions.Where(version => DebianVersion.Compare(version, wanted) == 0)];
        string? there = installed is not null && DebianVersion.Compare(installed, wanted) == 0 ? installed : null;
        return Array.Find(equal, version => version == there)
            ?? Array.Find(equal, version => version == wanted)
            ?? equal.FirstOrDefault()
            ?? there;
    }
}
