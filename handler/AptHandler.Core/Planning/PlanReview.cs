using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Manifests;
using AptHandler.Results;
using AptHandler.Settings;

namespace AptHandler.Planning;

/// <summary>
/// Compares apt's plan with the manifest, before anything changes. The versions must be the wanted ones, and no package may be installed
/// twice. No protected package may be removed, and no package that the manifest does not list.
/// </summary>
public sealed class PlanReview(AptCommand apt, Configuration configuration, UnlistedRemovals unlistedRemovals)
{
    private static readonly string[] AlwaysProtected = ["apt", "dpkg", "init", "deviceupdate-agent", "du-apt-handler"];

    private readonly HashSet<string> _protected = [.. AlwaysProtected, .. configuration.ProtectedPackages];

    /// <summary>Compares.</summary>
    /// <returns>The control paragraphs of the packages that are installed or removed, from the sources or dpkg.</returns>
    /// <exception cref="UpdateException">The plan is not what the manifest asks; the message names the package and the remedy.</exception>
    public IReadOnlyList<ControlParagraph> Check(AptManifest manifest, UpdatePlan plan, DpkgStatus status, CancellationToken cancellation)
    {
        CheckProtected(manifest, plan.Apt, status);
        CheckIntents(manifest, plan, status);
        if (plan.Apt.IsEmpty)
            return [];

        // One query gets the paragraphs that explain removals, and that later tell how much room is needed.
        IReadOnlyList<ControlParagraph> paragraphs = apt.Show(
            plan.Apt.Installations.SelectMany(each =>
                    each.OldVersion is null
                        ? [$"{each.QualifiedName}={each.NewVersion}"]
                        : new[] { $"{each.QualifiedName}={each.NewVersion}", $"{each.QualifiedName}={each.OldVersion}" }
                )
                .Concat(plan.Apt.Removals.Select(each => $"{each.QualifiedName}={each.OldVersion}")),
            cancellation
        );
        CheckRemovals(manifest, plan.Apt, status, paragraphs);
        return paragraphs;
    }

    private void CheckProtected(AptManifest manifest, AptPlan plan, DpkgStatus status)
    {
        foreach (PackageIntent intent in manifest.Packages)
        {
            if (intent.Kind == PackageIntentKind.Remove)
                Check(intent.Package);
        }

        foreach (PlannedRemoval removal in plan.Removals)
            Check(PackageName.Known(removal.QualifiedName));

        void Check(PackageName package)
        {
            if (
                _protected.Contains(package.Name)
                || status.Find(package) is { HoldsFiles: true } and ({ Essential: true } or { Protected: true })
            )
            {
                throw new UpdateException(
                    ExtendedResult.Protected,
                    $"cannot remove {package}: it is essential or protected; take it out of the manifest, or keep what needs it"
                );
            }
        }
    }

    private static void CheckIntents(AptManifest manifest, UpdatePlan update, DpkgStatus status)
    {
        AptPlan plan = update.Apt;
        var coming = new HashSet<string>(StringComparer.Ordinal);
        foreach (PlannedInstallation each in plan.Installations)
        {
            if (!coming.Add(each.QualifiedName))
                throw Mismatch($"{each.QualifiedName} would be installed twice");
        }

        foreach (PackageIntent intent in manifest.Packages)
        {
            string name = status.NameOf(intent.Package);
            PlannedInstallation? comes = plan.Installations.FirstOrDefault(each => each.QualifiedName == name);
            bool goes = plan.Removals.Any(each => each.QualifiedName == name);
            StatusEntry? there = status.Find(intent.Package);
            // apt treats a version as installed even if only a part of its files is there.
            if (intent.Kind != PackageIntentKind.Remove && comes is null && !goes && there is { ReinstallRequired: true } broken)
            {
                throw new UpdateException(
                    ExtendedResult.BrokenBefore,
                    $"{intent.Package} is only partly there ({broken.Version}, {broken.State}), and apt would leave it so; run "
                        + $"apt-get --reinstall install {intent.Package}, then deploy again"
                );
            }

            bool stays = !goes && (there is { IsInstalled: true } || update.Unfinished.Contains(name, StringComparer.Ordinal));
            string? after =
                comes is not null ? comes.NewVersion
                : stays ? there?.Version
                : null;
            string? problem = intent.Kind switch
            {
                PackageIntentKind.Remove when comes is not null =>
                    $"{intent.Package} would be installed ({comes.NewVersion}) instead of removed",
                PackageIntentKind.Remove when !goes && there is { HoldsFiles: true } => $"{intent.Package} would stay",
                PackageIntentKind.Remove => null,
                _ when after is null => $"{intent.Package} would not be installed",
                PackageIntentKind.InstallPinned when DebianVersion.Compare(after, intent.Version!.Value.Text) != 0 =>
                    $"{intent.Package} would be {after} instead of {intent.Version}",
                _ => null,
            };
            if (problem is not null)
                throw Mismatch(problem);
        }
    }

    private void CheckRemovals(AptManifest manifest, AptPlan plan, DpkgStatus status, IReadOnlyList<ControlParagraph> paragraphs)
    {
        if (unlistedRemovals == UnlistedRemovals.Allow)
            return;
        PlannedRemoval[] unlisted =
        [
            .. plan.Removals.Where(removal =>
                !manifest.Packages.Any(intent =>
                    intent.Kind == PackageIntentKind.Remove && status.NameOf(intent.Package) == removal.QualifiedName
                ) && !IsExplained(removal, plan, paragraphs)
            ),
        ];
        if (unlisted.Length > 0)
        {
            string names = string.Join(", ", unlisted.Select(each => each.QualifiedName));

            // Some names that dpkg accepts are not valid in a manifest.
            PlannedRemoval? first = Array.Find(unlisted, each => PackageName.TryParse(each.QualifiedName, out _, out _));
            string adding = first is null ? "" : $"add \"{first.QualifiedName}-\" if that is wanted, or ";
            throw new UpdateException(
                ExtendedResult.UnlistedRemoval,
                $"refused: {names} would be removed, which the manifest does not list; {adding}set unlistedRemovals to allow"
            );
        }
    }

    // A removal is explained if a package that is installed declares Conflicts or Breaks with the removed package, or with what it
    // provides.
    private static bool IsExplained(PlannedRemoval removal, AptPlan plan, IReadOnlyList<ControlParagraph> paragraphs)
    {
        ControlParagraph? own = Find(paragraphs, removal.Name, removal.OldVersion);
        List<Relation> names =
        [
            new Relation(removal.Name, VersionBound.Equal, removal.OldVersion, IsAlternative: false),
            .. own?.Relations("Provides") ?? [],
        ];

        return plan
            .Installations.Select(each => Find(paragraphs, each.Name, each.NewVersion))
            .OfType<ControlParagraph>()
            .SelectMany(paragraph => paragraph.Relations("Conflicts").Concat(paragraph.Relations("Breaks")))
            .Any(relation =>
                names.Any(name =>
                    relation.Name == name.Name
                    && (relation.Bound == VersionBound.Any || (name.Bound == VersionBound.Equal && relation.Admits(name.Version)))
                )
            );
    }

    /// <summary>The control paragraph of a package in a version, or null.</summary>
    internal static ControlParagraph? Find(IReadOnlyList<ControlParagraph> paragraphs, string name, string version) =>
        paragraphs.FirstOrDefault(each => each["Package"] == name && each["Version"] == version);

    private static UpdateException Mismatch(string problem) =>
        new(ExtendedResult.PlanMismatch, $"apt would not do what the manifest asks: {problem}; check the sources and preferences of apt");
}
