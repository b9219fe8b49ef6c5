using AptHandler.Authoring.Manifests;
using AptHandler.Debian;
using AptHandler.Logging;
using AptHandler.Manifests;

namespace AptHandler.Authoring.Linting;

/// <summary>
/// Compares a manifest with the earlier ones. A device may have missed any of them. So the newest manifest must say what to do with every
/// package and source of all earlier ones, and no two updates may have the same name and version.
/// </summary>
internal static class HistoryCheck
{
    /// <summary>Runs the comparison.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="previous">The manifests before it, in any order.</param>
    /// <param name="findings">Where findings go.</param>
    public static void Check(AptManifest manifest, IReadOnlyList<ManifestFile> previous, FindingList findings)
    {
        List<ManifestFile> inOrder = [.. previous.Where(file => file.Reading.Manifest is not null)];
        inOrder.Sort((left, right) => DebianVersion.Compare(left.Reading.Manifest!.Version, right.Reading.Manifest!.Version));
        if (inOrder.Count == 0)
            return;

        // Manifests of another name are a separate series of updates with its own packages.
        List<ManifestFile> sameName = inOrder.FindAll(file => file.Reading.Manifest!.Name == manifest.Name);
        if (sameName.Count == 0)
        {
            ManifestFile last = inOrder[^1];
            findings.Add(
                LintCodes.NameChanged,
                ProblemSeverity.Warning,
                "name",
                findings.Outline.Name,
                $"The manifest is called {Quotation.Of(manifest.Name)}, and none before it is: {Quotation.Of(last.Path)} is called "
                    + $"{Quotation.Of(last.Reading.Manifest!.Name)}; keep the name, unless this begins another line of updates."
            );
            return;
        }

        CheckVersion(manifest, sameName, findings);
        CheckPackages(manifest, sameName, findings);
        CheckSources(manifest, sameName, findings);
    }

    private static void CheckVersion(AptManifest manifest, List<ManifestFile> inOrder, FindingList findings)
    {
        string version = Quotation.Of(manifest.Version);
        TextSpan? place = findings.Outline.Version;
        if (
            inOrder.Find(file => file.Reading.Manifest!.Version == manifest.Version && !WishesTheSame(manifest, file.Reading.Manifest)) is
            { } twin
        )
        {
            findings.Add(
                LintCodes.VersionUsedBefore,
                ProblemSeverity.Error,
                "version",
                place,
                $"The version {version} of the manifest is that of {Quotation.Of(twin.Path)}, which wishes something else, and "
                    + "devices would take the two for one update; raise it."
            );
        }
        else if (
            inOrder[^1] is var newest
            && newest.Reading.Manifest!.Version != manifest.Version
            && DebianVersion.Compare(manifest.Version, newest.Reading.Manifest.Version) <= 0
        )
        {
            findings.Add(
                LintCodes.VersionNotRaised,
                ProblemSeverity.Warning,
                "version",
                place,
                $"The version {version} of the manifest is not higher than {Quotation.Of(newest.Reading.Manifest.Version)} of "
                    + $"{Quotation.Of(newest.Path)}; raise it."
            );
        }
    }

    private static void CheckPackages(AptManifest manifest, List<ManifestFile> inOrder, FindingList findings)
    {
        // The newest entry for each package, in the order in which packages first occurred.
        var words = new Dictionary<PackageName, Word>();
        foreach (ManifestFile file in inOrder)
        {
            foreach (PackageIntent intent in file.Reading.Manifest!.Packages)
                words[intent.Package] = new Word(intent, file);
        }

        foreach (PackageIntent intent in manifest.Packages)
        {
            if (
                words.Remove(intent.Package, out Word? before)
                && intent.Version is { } version
                && before.Intent.Version is { } versionBefore
                && version < versionBefore
            )
            {
                findings.Add(
                    LintCodes.Downgrade,
                    ProblemSeverity.Warning,
                    intent,
                    $"The package {Quotation.Of(intent.Package.ToString())} goes back to {version} from {versionBefore} of "
                        + $"{Quotation.Of(before.File.Path)}; raise its version, unless that is wanted."
                );
            }
        }

        foreach ((PackageIntent intent, ManifestFile file) in words.Values)
        {
            ManifestEntry entry = EntryOf(intent);
            string fault =
                intent.Kind == PackageIntentKind.Remove
                    ? $"no longer removes the package {Quotation.Of(intent.Package.ToString())}, as {Quotation.Of(file.Path)} does, "
                        + "so that devices without that update keep it"
                    : $"says nothing of the package {Quotation.Of(intent.Package.ToString())}, which {Quotation.Of(file.Path)} installs";
            string remedy =
                intent.Kind == PackageIntentKind.Remove ? $"add {ManifestText.Of(entry)}" : $"add {ManifestText.Of(entry)}, or its removal";

            // An installed package may be missing because it should be removed. A person has to decide that.
            bool isMendable = intent.Kind == PackageIntentKind.Remove;
            findings.Add(
                LintCodes.NotCumulative,
                ProblemSeverity.Warning,
                "packages",
                findings.Outline.Packages,
                $"The manifest {fault}; {remedy}.",
                isMendable && findings.Lists(ProblemSeverity.Warning) ? Mending.Adding(entry, findings.Outline) : null
            );
        }
    }

    private static void CheckSources(AptManifest manifest, List<ManifestFile> inOrder, FindingList findings)
    {
        // The newest entry for each source.
        var words = new Dictionary<string, (AptSource Source, ManifestFile File)>(StringComparer.Ordinal);
        foreach (ManifestFile file in inOrder)
        {
            foreach (AptSource source in file.Reading.Manifest!.Sources)
                words[source.Id] = (source, file);
        }

        foreach (AptSource source in manifest.Sources)
        {
            if (!words.Remove(source.Id, out var before) || source.IsRemoval || before.Source.IsRemoval)
                continue;
            string changed = string.Join(", ", SourceDifference.Between(source.Id, before.Source, source).Select(each => each.Member));
            if (changed.Length > 0)
            {
                findings.Add(
                    LintCodes.SourceChanged,
                    ProblemSeverity.Note,
                    "sources",
                    findings.Outline.Sources,
                    $"The source {Quotation.Of(source.Id)} is another one than in {Quotation.Of(before.File.Path)}, by its {changed}; "
                        + "see that it is the right one, because devices will take packages from it."
                );
            }
        }

        foreach ((AptSource source, ManifestFile file) in words.Values)
        {
            string id = Quotation.Of(source.Id),
                path = Quotation.Of(file.Path);
            string message = source.IsRemoval
                ? $"The manifest no longer removes the source {id}, as {path} does, so that devices without that update keep it; "
                    + $"add {id}: null to its sources."
                : $"The manifest says nothing of the source {id}, which {path} brings, so that devices without that update do not get it; "
                    + "add it as it is there, or as null if it is to go.";
            findings.Add(LintCodes.NotCumulative, ProblemSeverity.Warning, "sources", findings.Outline.Sources, message);
        }
    }

    private sealed record Word(PackageIntent Intent, ManifestFile File);

    private static ManifestEntry EntryOf(PackageIntent intent) =>
        intent.Kind == PackageIntentKind.Remove
            ? ManifestEntry.Removal(intent.Package)
            : new ManifestEntry(intent.Package.ToString(), intent.Version?.Text);

    private static bool WishesTheSame(AptManifest left, AptManifest right) =>
        left.Packages.Count == right.Packages.Count
        && left.AgentRestartRequired == right.AgentRestartRequired
        && ArePackagesTheSame(left, right)
        && SourceDifference.Between(left, right).Count == 0;

    // Uses a table: comparing each package with each takes minutes for two manifests of the largest size.
    private static bool ArePackagesTheSame(AptManifest left, AptManifest right)
    {
        var others = right.Packages.ToDictionary(intent => intent.Package);
        return left.Packages.All(intent => others.TryGetValue(intent.Package, out PackageIntent? other) && intent.AsksTheSameAs(other));
    }
}
