using System.Text;
using AptHandler.Apt;
using AptHandler.Fuzzing.Engine;
using AptHandler.Results;

namespace AptHandler.Fuzzing.Targets;

/// <summary>What apt and dpkg print.</summary>
internal static class AptTargets
{
    // Where a line is cut, and what a maintainer script said last behind it.
    private const int LongestEvidence = 4096 + 300;

    /// <summary>A plan, and the other lists that apt prints.</summary>
    public static void Plan(byte[] input)
    {
        string text = Encoding.UTF8.GetString(input);
        if (AptPlan.TryParse(text) is { } plan)
        {
            foreach (PlannedInstallation each in plan.Installations.Concat(plan.Configurations))
            {
                Expect.That(
                    each.Name.Length > 0 && each.NewVersion.Length > 0 && each.Architecture.Length > 0 && each.OldVersion is not "",
                    "what comes has a name, a version and an architecture"
                );
                Expect.That(!each.ArchiveName.Contains(':', StringComparison.Ordinal), "the name of an archive is quoted");
            }

            foreach (PlannedRemoval each in plan.Removals)
                Expect.That(each.Name.Length > 0 && each.OldVersion.Length > 0, "what goes has a name and a version");
            Expect.That(plan.Equals(AptPlan.TryParse(text)), "a plan is read alike each time");
        }

        var versions = RepositoryVersions.Parse(text);
        foreach (string name in text.Split('\n').Where(line => line.EndsWith(':')).Select(line => line[..^1]))
        {
            Expect.That(versions.NotRefused(name).Count <= versions[name].Count, "what is not refused is offered");
            foreach (OfferedVersion offer in versions.Offers(name))
                Expect.That(
                    offer.Version.Length > 0 && offer.Sources.Count > 0 && offer.Refusal.Length > 0,
                    "what is offered has a source"
                );
            _ = versions.CandidateOf(name);
        }

        foreach (ArchiveOrigin origin in ArchiveOrigin.ParseAll(text))
            Expect.That(
                origin.Size >= 0 && origin.LocalFile is null or ['/', ..] && origin.PublicUri.Length <= origin.Uri.Length,
                "an archive has a size and a place"
            );
        _ = KnownName.ParseAll(text);
    }

    /// <summary>A failure: its evidence is a line that has an end.</summary>
    public static void Failure(byte[] input)
    {
        string text = Encoding.UTF8.GetString(input);
        foreach (bool isBegun in (bool[])[false, true])
        {
            AptFailure failure = AptFailure.Classify(text, isBegun).WithLastWords(text);
            Expect.That(failure.Evidence.Length is > 0 and <= LongestEvidence, "the evidence of a failure is bounded, and there is some");
            Expect.That(
                !$"{failure.Evidence}{failure.Subject}".Contains('\n', StringComparison.Ordinal),
                "the evidence of a failure is one line"
            );
            Expect.That(!isBegun || failure.Kind != AptFailureKind.Locked, "no lock fails a transaction that has begun");
            Expect.That(
                Encoding.UTF8.GetByteCount(FailureResult.Of(UpdateStep.Install, failure).Details) <= OperatorText.LongestBytes,
                "what is told of a failure fits"
            );
        }
    }

    /// <summary>Lines of progress, and of the report that apt and dpkg give beside their talk.</summary>
    public static void Progress(byte[] input)
    {
        var report = new DpkgReport();
        foreach (string line in Encoding.UTF8.GetString(input).Split('\n'))
        {
            var progress = AptProgress.TryParse(line);
            Expect.That(progress is null || progress.Percent is >= 0 and <= 100, "progress is a percentage");
            Expect.That(
                progress is null || (line.EndsWith(progress.Text, StringComparison.Ordinal) && progress.Package is not ""),
                "progress tells apt's words"
            );
            report.Add(line, progress);
        }
    }

    /// <summary>What apt says of its sources: targets, warnings, the names of files and a release.</summary>
    public static void SourceLists(byte[] input)
    {
        string[] texts = FuzzTarget.Texts(input, 4);
        var lists = Apt.SourceLists.Parse(texts[0], texts[1], texts[2].Split('\n'), _ => texts[3]);
        Expect.That(lists.Gap is not null && lists.Failure.Evidence.Length > 0, "a gap is told in words");
        Expect.That(lists.Gap.Length <= input.Length + 1000, "a gap is not longer than what apt said");
    }
}
