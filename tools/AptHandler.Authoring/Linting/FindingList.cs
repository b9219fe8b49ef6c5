using AptHandler.Manifests;

namespace AptHandler.Authoring.Linting;

/// <summary>Gathers findings with their byte offsets; they leave with lines and columns, in the order of the file.</summary>
internal sealed class FindingList(ManifestOutline outline)
{
    // What has to be seen is the manifest as it is now: lint looks no further than the reader of manifests does.
    private readonly List<LintFinding> _findings = [];

    /// <summary>The text that the findings are about.</summary>
    public ManifestOutline Outline => outline;

    /// <summary>Adds what the reader of manifests has found.</summary>
    public void Add(ManifestProblem problem) => _findings.Add(new LintFinding(problem, Mending.Of(problem, outline)));

    /// <summary>Adds a finding about an entry of the list of packages.</summary>
    public void Add(string code, ProblemSeverity severity, PackageIntent intent, string message, TextEdit? mend = null) =>
        _findings.Add(new LintFinding(new ManifestProblem(code, severity, intent.Path, intent.Line, intent.Column, message), mend));

    /// <summary>Adds a finding about another part of the manifest.</summary>
    /// <param name="code">One of <see cref="LintCodes"/>.</param>
    /// <param name="severity">How much it weighs.</param>
    /// <param name="member">The member of the manifest.</param>
    /// <param name="span">Where its value stands.</param>
    /// <param name="message">A sentence, <c>fault; remedy.</c></param>
    /// <param name="mend">The change that mends it.</param>
    public void Add(string code, ProblemSeverity severity, string member, TextSpan? span, string message, TextEdit? mend = null)
    {
        (int line, int column) = new PositionCursor(outline.Text).MoveTo(span?.Start ?? 0);
        _findings.Add(new LintFinding(new ManifestProblem(code, severity, JsonPath.Root.Of(member).ToString(), line, column, message), mend));
    }

    /// <summary>The findings in the order of the file; those of one place in the order in which they were found.</summary>
    public IReadOnlyList<LintFinding> InDocumentOrder() =>
        [.. _findings.OrderBy(finding => finding.Problem.Line).ThenBy(finding => finding.Problem.Column)];
}
