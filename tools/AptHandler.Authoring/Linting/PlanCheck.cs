using AptHandler.Apt;
using AptHandler.Authoring.Desks;
using AptHandler.Debian;
using AptHandler.Manifests;
using AptHandler.Updates;

namespace AptHandler.Authoring.Linting;

/// <summary>The comparison of a manifest with what the handler would make of it on a device: planned at a desk, by the handler's own planner.</summary>
internal static class PlanCheck
{
    private const int Named = 8;

    /// <summary>Compares.</summary>
    public static void Check(AptManifest manifest, Desk desk, FindingList findings, CancellationToken cancellation)
    {
        try
        {
            UpdatePlan plan = desk.Plan(manifest, cancellation);
            CheckSpellings(manifest, plan, findings);
            CheckPins(manifest, plan, findings);
            TellTheRest(manifest, plan, desk.Status, findings);
        }
        catch (MissingPackagesException e)
        {
            foreach (MissingPackage each in e.Missing)
                Add(each, findings);
        }
        catch (Exception e) when (e is AptException or UpdateException)
        {
            findings.Add(LintCodes.NoPlan, ProblemSeverity.Error, "packages", findings.Outline.Packages,
                $"The handler would refuse this: {UpdateSteps.FailureOf(UpdateStep.Plan, e).Details}.");
        }
    }

    private static void Add(MissingPackage missing, FindingList findings)
    {
        string package = Quotation.Of(missing.Intent.Package.ToString());
        if (missing.Versions.Count > 0)
            findings.Add(LintCodes.UnknownVersion, ProblemSeverity.Error, missing.Intent,
                $"The sources have no version {missing.Intent.Version} of the package {package}; {missing.Instead}.");
        else
            findings.Add(LintCodes.UnknownPackage, ProblemSeverity.Error, missing.Intent,
                $"The sources have no package {package}; {missing.Instead ?? "correct its name, or add the source that has it"}.");
    }

    // The handler finds 1.0-0 where 1.0 is asked for; others that read manifests do not.
    private static void CheckSpellings(AptManifest manifest, UpdatePlan plan, FindingList findings)
    {
        foreach (PackageIntent intent in manifest.Packages)
        {
            string start = $"{intent.Package}=";
            if (intent.Version is { } version && plan.Words.FirstOrDefault(word => word.StartsWith(start, StringComparison.Ordinal)) is { } word
                && word[start.Length..] is var spelling && spelling != version.Text)
            {
                TextEdit? mend = findings.Outline.EntryOf(intent.Path)?.Version is { } span ? new TextEdit(span.Start, span.End, $"\"{spelling}\"") : null;
                findings.Add(LintCodes.OtherSpelling, ProblemSeverity.Note, intent,
                    $"The sources write the version {version} of the package {Quotation.Of(intent.Package.ToString())} as {spelling}; write it so for handlers that compare texts.", mend);
            }
        }
    }

    private static void CheckPins(AptManifest manifest, UpdatePlan plan, FindingList findings)
    {
        foreach (ForcedPin pin in plan.ForcedPins)
        {
            string because = pin.Reason ?? $"{pin.By} depends on exactly that";
            string fault = $"The package {Quotation.Of(pin.Name)} must be {pin.Version}, because {because}, and the manifest does not say so";
            var entry = new ManifestEntry(pin.Name, pin.Version);
            string message = $"{fault}; add {ManifestText.Of(entry)}.";
            if (manifest.Packages.FirstOrDefault(intent => intent.Package.Name == pin.By) is { } by)
                findings.Add(LintCodes.ForcedPin, ProblemSeverity.Warning, by, message, Mending.Adding(entry, findings.Outline, findings.Outline.EntryOf(by.Path)));
            else
                findings.Add(LintCodes.ForcedPin, ProblemSeverity.Warning, "packages", findings.Outline.Packages, message, Mending.Adding(entry, findings.Outline));
        }
    }

    private static void TellTheRest(AptManifest manifest, UpdatePlan plan, DpkgStatus status, FindingList findings)
    {
        HashSet<string> listed =
            [.. manifest.Packages.Select(intent => status.NameOf(intent.Package)), .. plan.ForcedPins.Select(pin => pin.Name)];
        List<string> coming =
        [
            .. from each in plan.Apt.Installations
               where !listed.Contains(each.QualifiedName)
               select $"{each.QualifiedName} {each.NewVersion}",
        ];
        List<string> going =
        [
            .. from each in plan.Apt.Removals
               where !listed.Contains(each.QualifiedName)
               select $"{each.QualifiedName} {each.OldVersion}",
        ];
        if (coming.Count > 0)
        {
            findings.Add(LintCodes.AlsoInstalled, ProblemSeverity.Note, "packages", findings.Outline.Packages,
                $"What the manifest does not list comes in, too, in the versions of the day: {Some(coming)}; du-apt manifest lock pins it.");
        }

        if (going.Count > 0)
        {
            findings.Add(LintCodes.AlsoRemoved, ProblemSeverity.Note, "packages", findings.Outline.Packages,
                $"What conflicts with packages that come in is removed: {Some(going)}; list it with a trailing minus sign to say that this is wanted.");
        }
    }

    private static string Some(List<string> packages) =>
        packages.Count <= Named ? string.Join(", ", packages) : FormattableString.Invariant($"{string.Join(", ", packages.Take(Named))} and {packages.Count - Named} more");
}
