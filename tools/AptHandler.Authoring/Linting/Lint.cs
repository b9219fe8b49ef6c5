using AptHandler.Authoring.Desks;
using AptHandler.Authoring.Manifests;
using AptHandler.Logging;
using AptHandler.Manifests;

namespace AptHandler.Authoring.Linting;

/// <summary>Finds what is wrong with a manifest before a device does.</summary>
public static class Lint
{
    // Each round can show faults that an earlier fault hid. A file that needs more rounds has to be fixed by hand.
    private const int MostRounds = 100;

    /// <summary>Looks at a manifest.</summary>
    /// <param name="file">The manifest.</param>
    /// <param name="previous">The manifests before it, in any order.</param>
    /// <param name="desk">The desk that plans it; null for no plan.</param>
    /// <param name="cancellation">Cancels the planning.</param>
    /// <returns>The findings, in the order of the file.</returns>
    public static IReadOnlyList<LintFinding> Check(
        ManifestFile file,
        IReadOnlyList<ManifestFile> previous,
        Desk? desk = null,
        CancellationToken cancellation = default
    )
    {
        var findings = new FindingList(ManifestOutline.Of(file.Bytes));
        foreach (ManifestProblem problem in file.Reading.Problems)
            findings.Add(problem);
        if (file.Reading.Manifest is { } manifest)
        {
            foreach (PackageIntent intent in manifest.Packages.Where(intent => intent.Kind == PackageIntentKind.InstallNewest))
            {
                findings.Add(
                    LintCodes.NotPinned,
                    ProblemSeverity.Note,
                    intent,
                    $"The package {Quotation.Of(intent.Package.ToString())} has no version, and devices that update at different "
                        + "times may get different ones; write the version that you have tested."
                );
            }

            HistoryCheck.Check(manifest, previous, findings);
            if (desk is not null)
                PlanCheck.Check(manifest, previous, desk, findings, cancellation);
        }

        return findings.InDocumentOrder();
    }

    /// <summary>Fixes what can be fixed without asking.</summary>
    /// <param name="file">The manifest, which is replaced by the fixed one. That one is not written yet.</param>
    /// <param name="check">Finds what is wrong with it.</param>
    /// <param name="mended">Receives the findings that were fixed.</param>
    /// <returns>The findings that are left.</returns>
    public static IReadOnlyList<LintFinding> Fix(
        ref ManifestFile file,
        Func<ManifestFile, IReadOnlyList<LintFinding>> check,
        ICollection<ManifestProblem> mended
    )
    {
        IReadOnlyList<LintFinding> findings = check(file);
        for (int round = 0; round < MostRounds && Apart(findings) is { Count: > 0 } mendable; round++)
        {
            ManifestOutline outline = ManifestOutline.Of(file.Bytes);
            int mark = file.Bytes.Length - outline.Text.Length;
            byte[] text = TextEdit.Apply(outline.Text, mendable.Select(finding => finding.Mend!));
            file = file.With([.. file.Bytes.AsSpan(0, mark), .. text]);
            foreach (LintFinding finding in mendable)
                mended.Add(finding.Problem);
            findings = check(file);
        }

        return findings;
    }

    // The findings that can be fixed in one round, in the order of the text. If two changes touch the same place, the second one waits for
    // the next round.
    private static List<LintFinding> Apart(IReadOnlyList<LintFinding> findings)
    {
        var apart = new List<LintFinding>();
        int end = 0;
        foreach (LintFinding finding in findings.Where(finding => finding.Mend is not null).OrderBy(finding => finding.Mend!.Start))
        {
            if (finding.Mend!.Start < end)
                continue;
            end = finding.Mend.End;
            apart.Add(finding);
        }

        return apart;
    }
}
