using AptHandler.Apt;
using AptHandler.Authoring.Desks;
using AptHandler.Authoring.Manifests;
using AptHandler.Debian;
using AptHandler.Logging;
using AptHandler.Manifests;
using AptHandler.Planning;
using AptHandler.Planning.Pins;
using AptHandler.Results;

namespace AptHandler.Authoring.Linting;

/// <summary>
/// Compares a manifest with the plan that the handler would make of it on a device. The handler's own planner makes it at a desk.
/// </summary>
internal static class PlanCheck
{
    /// <summary>Runs the comparison.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="previous">The manifests before it, in any order.</param>
    /// <param name="desk">The desk that plans it.</param>
    /// <param name="findings">Where findings go.</param>
    /// <param name="cancellation">Cancels the planning.</param>
    public static void Check(
        AptManifest manifest,
        IReadOnlyList<ManifestFile> previous,
        Desk desk,
        FindingList findings,
        CancellationToken cancellation
    )
    {
        if (!CheckTwins(manifest, desk, findings))
            return;
        try
        {
            HashSet<string> earlier = NamesIn(previous, desk.Status);
            UpdatePlan plan = desk.Plan(manifest, earlier.Contains, cancellation);
            CheckRemovals(plan, findings);
            if (plan.Gap.Length > 0)
            {
                findings.Add(
                    LintCodes.MissingLists,
                    ProblemSeverity.Warning,
                    "packages",
                    findings.Outline.Packages,
                    $"The plan may be incomplete; {plan.Gap}."
                );
            }

            CheckSpellings(manifest, plan, findings);
            CheckPins(manifest, plan, findings);
            TellTheRest(manifest, plan, desk.Status, findings);
        }
        catch (MissingPackagesException e)
        {
            foreach (MissingPackage each in e.Missing)
                Add(each, e.Gap, findings);
        }
        catch (AptException e)
            when (e.Failure.Kind is AptFailureKind.NoLists or AptFailureKind.MalformedFile or AptFailureKind.ConflictingSources)
        {
            findings.Add(
                LintCodes.NotPlanned,
                ProblemSeverity.Error,
                "packages",
                findings.Outline.Packages,
                $"Nothing can be looked up here: {FailureResult.Of(UpdateStep.Plan, e).Details}."
            );
        }
        catch (Exception e) when (e is AptException or UpdateException)
        {
            findings.Add(
                LintCodes.NoPlan,
                ProblemSeverity.Error,
                "packages",
                findings.Outline.Packages,
                $"The handler would refuse this: {FailureResult.Of(UpdateStep.Plan, e).Details}."
            );
        }
    }

    private static void Add(MissingPackage missing, string gap, FindingList findings)
    {
        string package = Quotation.Of(missing.Intent.Package.ToString());
        string elsewhere = gap.Length > 0 ? $"; {gap}" : "";
        if (missing.Versions.Count > 0)
            findings.Add(
                LintCodes.UnknownVersion,
                ProblemSeverity.Error,
                missing.Intent,
                $"The sources have no version {missing.Intent.Version} of the package {package}; {missing.Instead}{elsewhere}."
            );
        else
            findings.Add(
                LintCodes.UnknownPackage,
                ProblemSeverity.Error,
                missing.Intent,
                $"The sources have no package {package}; {missing.Instead ?? "correct its name, or add the source that has it"}{elsewhere}."
            );
    }

    // "foo" and "foo:amd64" are the same package on a machine of amd64.
    private static bool CheckTwins(AptManifest manifest, Desk desk, FindingList findings)
    {
        bool isClear = true;
        foreach ((PackageIntent first, PackageIntent second) in ManifestWords.Twins(manifest, desk.Status))
        {
            bool isSame = first.AsksTheSameAs(second);
            string both = $"{Quotation.Of(first.Package.ToString())} and {Quotation.Of(second.Package.ToString())}";
            string fault = $"The packages {both} are one package on a machine of {desk.Architecture}";
            if (isSame)
                findings.Add(
                    ManifestProblemCodes.RepeatedPackage,
                    ProblemSeverity.Warning,
                    second,
                    $"{fault}; remove one of the two entries."
                );
            else
                findings.Add(
                    ManifestProblemCodes.ContradictingPackages,
                    ProblemSeverity.Error,
                    second,
                    $"{fault}, and the manifest asks for {first.Wish} and for {second.Wish} of it; keep one of the two."
                );
            isClear &= isSame;
        }

        return isClear;
    }

    // A name from an earlier manifest is not a spelling mistake: the package was removed long ago.
    private static HashSet<string> NamesIn(IReadOnlyList<ManifestFile> manifests, DpkgStatus status) =>
        [.. from file in manifests from intent in file.Reading.Manifest?.Packages ?? [] select status.NameOf(intent.Package)];

    private static void CheckRemovals(UpdatePlan plan, FindingList findings)
    {
        foreach (MissingPackage each in plan.UnknownRemovals)
        {
            string package = Quotation.Of(each.Intent.Package.ToString());
            findings.Add(
                LintCodes.UnknownRemoval,
                ProblemSeverity.Warning,
                each.Intent,
                $"Neither the sources nor dpkg know the package {package}, and nothing is removed; {each.Instead ?? "correct its name"}."
            );
        }
    }

    // The handler finds 1.0-0 if the manifest asks for 1.0. Other readers of manifests do not.
    private static void CheckSpellings(AptManifest manifest, UpdatePlan plan, FindingList findings)
    {
        foreach (PackageIntent intent in manifest.Packages)
        {
            string start = $"{intent.Package}=";
            if (
                intent.Version is { } version
                && plan.Words.FirstOrDefault(word => word.StartsWith(start, StringComparison.Ordinal)) is { } word
                && word[start.Length..] is var spelling
                && spelling != version.Text
            )
            {
                TextEdit? mend = findings.Outline.EntryOf(intent.Path)?.Version is { } span
                    ? new TextEdit(span.Start, span.End, $"\"{spelling}\"")
                    : null;
                findings.Add(
                    LintCodes.OtherSpelling,
                    ProblemSeverity.Note,
                    intent,
                    $"The sources write the version {version} of the package {Quotation.Of(intent.Package.ToString())} as "
                        + $"{spelling}; write it so for handlers that compare texts.",
                    mend
                );
            }
        }
    }

    private static void CheckPins(AptManifest manifest, UpdatePlan plan, FindingList findings)
    {
        foreach (ForcedPin pin in plan.ForcedPins)
        {
            string because = pin.Reason ?? $"{pin.By} depends on exactly that";
            string fault =
                $"The package {Quotation.Of(pin.Name)} must be {pin.Version}, because {because}, and the manifest does not say so";
            var entry = new ManifestEntry(pin.Name, pin.Version);
            string message = $"{fault}; add {ManifestText.Of(entry)}.";
            if (manifest.Packages.FirstOrDefault(intent => intent.Package.Name == pin.By) is { } by)
                findings.Add(
                    LintCodes.ForcedPin,
                    ProblemSeverity.Warning,
                    by,
                    message,
                    Mending.Adding(entry, findings.Outline, findings.Outline.EntryOf(by.Path))
                );
            else
                findings.Add(
                    LintCodes.ForcedPin,
                    ProblemSeverity.Warning,
                    "packages",
                    findings.Outline.Packages,
                    message,
                    Mending.Adding(entry, findings.Outline)
                );
        }
    }

    private static void TellTheRest(AptManifest manifest, UpdatePlan plan, DpkgStatus status, FindingList findings)
    {
        HashSet<string> listed =
        [
            .. manifest.Packages.Select(intent => status.NameOf(intent.Package)),
            .. plan.ForcedPins.Select(pin => pin.Name),
        ];
        Tell(
            LintCodes.AlsoInstalled,
            "What the manifest does not list comes in, too, in the versions of the day",
            "du-apt manifest lock pins it",
            [.. from each in plan.Apt.Installations where !listed.Contains(each.QualifiedName) select (each.QualifiedName, each.NewVersion)]
        );
        Tell(
            LintCodes.AlsoRemoved,
            "What conflicts with packages that come in is removed",
            "list it with a trailing minus sign to say that this is wanted",
            [.. from each in plan.Apt.Removals where !listed.Contains(each.QualifiedName) select (each.QualifiedName, each.OldVersion)]
        );

        void Tell(string code, string what, string remedy, List<(string Name, string Version)> packages)
        {
            if (packages.Count == 0)
                return;
            string[] unnameable = [.. packages.Select(package => package.Name).Where(name => !PackageName.TryParse(name, out _, out _))];
            string rest =
                unnameable.Length == 0
                    ? remedy
                    : $"no manifest can name {Enumeration.Some(unnameable)}, because of a sign in the name: rename that package";
            string all = Enumeration.Some([.. packages.Select(package => $"{package.Name} {package.Version}")]);
            findings.Add(code, ProblemSeverity.Note, "packages", findings.Outline.Packages, $"{what}: {all}; {rest}.");
        }
    }
}
