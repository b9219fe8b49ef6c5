using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using AptHandler.Authoring;
using AptHandler.Authoring.Desks;
using AptHandler.Authoring.Linting;
using AptHandler.Authoring.Manifests;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Manifests;
using AptHandler.Results;

namespace AptHandler.CommandLine.Commands.Authoring;

/// <summary>Finds what is wrong with manifests before a device does.</summary>
internal static class LintCommand
{
    private static readonly Argument<string[]> Files = new("MANIFEST")
    {
        Description = "An apt manifest (JSON); - for standard input.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string[]> Previous = new("--previous")
    {
        Description = "Compare with manifests before this one, in any order: is it cumulative, is its version a new one, what goes back?",
        HelpName = "FILE",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<bool> Plan = new("--plan")
    {
        Description =
            "Plan it, too, as the handler would: unknown packages and versions, pins that dependencies force, "
            + "what else comes or goes. --sources, --status, --empty and --architecture imply it.",
    };

    private static readonly Option<bool> Fix = new("--fix")
    {
        Description = "Mend in the file what can be mended without asking, and tell what is left.",
    };
    private static readonly Option<bool> Strict = new("--strict") { Description = "End with 1 for warnings, too." };
    private static readonly Option<bool> Sarif = new("--sarif") { Description = "Print a SARIF 2.1.0 log for tools of code review." };

    public static Command Make()
    {
        var command = new Command(
            "lint",
            "Find what is wrong with manifests before a device does: everything the handler would refuse, and what it would take "
                + "although nobody meant it."
        )
        {
            Files,
            Previous,
            Plan,
            Fix,
            Strict,
            Sarif,
        };
        DeskOptions.AddTo(command);
        command.SetGuardedAction(parsed => Run(parsed));
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        bool asJson = parsed.GetValue(SharedOptions.Json),
            asSarif = parsed.GetValue(Sarif);
        if (asJson && asSarif)
            return ResultOutput.PrintMistake("lint", "cannot print --json and --sarif at once; choose one of them", asJson);
        ManifestFile[] previous = [.. (parsed.GetValue(Previous) ?? []).Select(SharedOptions.ReadManifest)];
        if (Array.Find(previous, file => file.Reading.Manifest is null) is { } invalid)
            throw new UpdateException(ExtendedResult.Manifest, $"cannot compare with {invalid.Path}: {invalid.Reading.Summary()}");

        string[] names = parsed.GetValue(Files) ?? [];
        if (names.Length == 0)
            return ResultOutput.PrintMistake("lint", "name a manifest to look at; where --previous is given, name it before that", asJson);
        if (parsed.GetValue(Fix) && names.Contains(ManifestFile.StandardInput, StringComparer.Ordinal))
            return ResultOutput.PrintMistake("lint", "cannot mend what comes from standard input; name its file", asJson);
        using var interruption = new Interruption();
        using Desk? desk = parsed.GetValue(Plan) || DeskOptions.AreGiven(parsed) ? DeskOptions.Open(parsed, interruption.Token) : null;
        var findings = new FileFindings(desk is not null);

        // Lint reads all files before it fixes the first one. If one cannot be read, it fixes none.
        NamedFile[] files = Array.ConvertAll(names, NamedFile.Of);
        bool isToBeFixed = parsed.GetValue(Fix) && Array.TrueForAll(files, each => each.Unreadable is null);
        foreach (NamedFile each in files)
            findings.Add(each.Unreadable ?? Check(each.File, isToBeFixed, previous, desk, interruption.Token));

        if (asSarif)
            SarifLog.Print(findings);
        else if (asJson)
            findings.PrintJson();
        else
            findings.Print();
        if (Array.Exists(files, each => each.Unreadable is not null))
            return (int)UpdateOutcome.InvalidInput;
        return findings.Errors > 0 || (parsed.GetValue(Strict) && findings.Warnings > 0)
            ? (int)UpdateOutcome.Failed
            : (int)UpdateOutcome.Done;
    }

    [SuppressMessage(
        "Design",
        "CA1031",
        Justification = "What is wrong with one file, or with this program, costs no finding in another file."
    )]
    private static FileFinding Check(
        ManifestFile file,
        bool isToBeFixed,
        ManifestFile[] previous,
        Desk? desk,
        CancellationToken cancellation
    )
    {
        // The file itself may be among the earlier manifests, so that a user can name all manifests of a folder.
        ManifestFile[] others = [.. previous.Where(other => Path.GetFullPath(other.Path) != Path.GetFullPath(file.Path))];
        try
        {
            return isToBeFixed
                ? Mended(file, others, desk, cancellation)
                : new FileFinding(file, Lint.Check(file, others, desk, cancellation), [], others.Length > 0);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return NotChecked(file, $"The file cannot be checked: {FailureResult.Of(UpdateStep.Plan, e).Details}");
        }
    }

    private static FileFinding NotChecked(ManifestFile file, string message) =>
        new(
            file,
            [new LintFinding(new ManifestProblem(LintCodes.NotChecked, ProblemSeverity.Error, "", 1, 1, message), null)],
            [],
            IsCompared: false
        );

    // A file that the command line names, with what to report if the file cannot be read.
    private sealed record NamedFile(ManifestFile File, FileFinding? Unreadable)
    {
        public static NamedFile Of(string name)
        {
            try
            {
                return new(SharedOptions.ReadManifest(name), null);
            }
            catch (UpdateException e)
            {
                var file = ManifestFile.Unread(name);
                return new(file, NotChecked(file, $"The file cannot be read: {e.Message}"));
            }
        }
    }

    // Fixes the findings that need no plan first: planning takes time, and a manifest with errors has no plan.
    private static FileFinding Mended(ManifestFile file, ManifestFile[] previous, Desk? desk, CancellationToken cancellation)
    {
        var mended = new List<ManifestProblem>();
        ManifestFile now = file;
        IReadOnlyList<LintFinding> left = Lint.Fix(ref now, each => Lint.Check(each, previous), mended);
        if (desk is not null)
            left = Lint.Fix(ref now, each => Lint.Check(each, previous, desk, cancellation), mended);
        if (mended.Count > 0)
            AuthoredFile.Write(now.Path, now.Bytes);
        return new FileFinding(now, left, mended, previous.Length > 0);
    }
}
