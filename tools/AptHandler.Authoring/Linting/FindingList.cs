using AptHandler.Manifests;

namespace AptHandler.Authoring.Linting;

/// <summary>
/// Collects findings and returns them in the order of the file. The number of listed findings is limited for each severity, and the rest is
/// only counted: a manifest of 1 MiB can be wrong in a hundred thousand places, and nobody reads that.
/// </summary>
internal sealed class FindingList(ManifestOutline outline)
{
    /// <summary>The largest number of notes, of warnings and of errors that are listed.</summary>
    public const int MaximumOfEach = 1000;

    private readonly List<LintFinding> _findings = [];
    private readonly int[] _counts = new int[Enum.GetValues<ProblemSeverity>().Length];

    /// <summary>The text that the findings are about.</summary>
    public ManifestOutline Outline => outline;

    /// <summary>Whether one more finding would be listed. If not, there is no need to look for a fix.</summary>
    public bool Lists(ProblemSeverity severity) => _counts[(int)severity] < MaximumOfEach;

    /// <summary>Adds a problem that the reader of manifests has found.</summary>
    public void Add(ManifestProblem problem)
    {
        if (IsListed(problem.Severity))
            _findings.Add(new LintFinding(problem, Mending.Of(problem, outline)));
    }

    /// <summary>Adds a finding about an entry of the list of packages.</summary>
    public void Add(string code, ProblemSeverity severity, PackageIntent intent, string message, TextEdit? mend = null)
    {
        if (IsListed(severity))
            _findings.Add(new LintFinding(new ManifestProblem(code, severity, intent.Path, intent.Line, intent.Column, message), mend));
    }

    /// <summary>Adds a finding about another part of the manifest.</summary>
    /// <param name="code">One of <see cref="LintCodes"/>.</param>
    /// <param name="severity">How serious it is.</param>
    /// <param name="member">The member of the manifest.</param>
    /// <param name="span">The place of its value.</param>
    /// <param name="message">A sentence, <c>fault; remedy.</c></param>
    /// <param name="mend">The change that fixes it.</param>
    public void Add(string code, ProblemSeverity severity, string member, TextSpan? span, string message, TextEdit? mend = null)
    {
        if (!IsListed(severity))
            return;
        (int line, int column) = new PositionCursor(outline.Text).MoveTo(span?.Start ?? 0);
        _findings.Add(
            new LintFinding(new ManifestProblem(code, severity, JsonPath.Root.Of(member).ToString(), line, column, message), mend)
        );
    }

    /// <summary>
    /// The findings in the order of the file. Findings of one place keep the order in which they were found. The number of further findings
    /// comes last.
    /// </summary>
    public IReadOnlyList<LintFinding> InDocumentOrder() =>
        [.. _findings.OrderBy(finding => finding.Problem.Line).ThenBy(finding => finding.Problem.Column), .. NotListed()];

    private bool IsListed(ProblemSeverity severity) => ++_counts[(int)severity] <= MaximumOfEach;

    private IEnumerable<LintFinding> NotListed() =>
        from severity in Enum.GetValues<ProblemSeverity>()
        let more = _counts[(int)severity] - MaximumOfEach
        where more > 0
        let text = TextOf(more, ManifestProblem.NameOf(severity))
        let problem = new ManifestProblem(ManifestProblemCodes.TooManyProblems, severity, JsonPath.Root.ToString(), 1, 1, text)
        select new LintFinding(problem, Mend: null);

    private static string TextOf(int more, string severity)
    {
        string count = more == 1 ? $"is 1 more {severity}" : $"are {more} more {severity}s";
        return $"There {count} in this manifest; correct those that are listed, then look again.";
    }
}
