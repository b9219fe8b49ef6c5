namespace AptHandler.Manifests;

/// <summary>
/// Gathers the problems of one reading with their byte offsets. They come in the order in which the rules find them, and leave in the
/// order of the file; only then are lines and columns counted. The list is bounded, so that a hostile file costs neither memory nor time.
/// </summary>
internal sealed class ProblemList
{
    /// <summary>How many errors, and how many warnings, are listed.</summary>
    public const int MaximumOfEach = 100;

    private readonly List<Entry> _entries = [];
    private int _errors;
    private int _warnings;

    /// <summary>Whether the manifest cannot be used.</summary>
    public bool HasErrors => _errors > 0;

    /// <summary>Whether there are so many errors that reading on serves nobody.</summary>
    public bool IsFull => _errors > MaximumOfEach;

    /// <summary>Whether one more warning would be listed; if not, its message need not be written either.</summary>
    public bool ListsWarnings => _warnings <= MaximumOfEach;

    /// <summary>Adds an error.</summary>
    public void Error(string code, JsonPath path, int offset, string message)
    {
        if (_errors++ < MaximumOfEach)
            _entries.Add(new(offset, _entries.Count, code, ProblemSeverity.Error, path, message));
        else if (_errors == MaximumOfEach + 1)
            AddTooMany(
                ProblemSeverity.Error,
                path,
                offset,
                $"More than {MaximumOfEach} errors: correct these, then read the manifest again."
            );
    }

    /// <summary>Adds a warning.</summary>
    public void Warning(string code, JsonPath path, int offset, string message)
    {
        if (_warnings++ < MaximumOfEach)
            _entries.Add(new(offset, _entries.Count, code, ProblemSeverity.Warning, path, message));
        else if (_warnings == MaximumOfEach + 1)
            AddTooMany(ProblemSeverity.Warning, path, offset, $"More than {MaximumOfEach} warnings: the rest is not listed.");
    }

    /// <summary>The problems in the order of the file.</summary>
    /// <param name="text">The text that the offsets refer to.</param>
    public ManifestProblem[] InDocumentOrder(ReadOnlySpan<byte> text)
    {
        // Two problems of one place stay in the order in which they were found: List.Sort alone is not stable.
        _entries.Sort((left, right) => (left.Offset, left.Number).CompareTo((right.Offset, right.Number)));
        var cursor = new PositionCursor(text);
        var problems = new ManifestProblem[_entries.Count];
        for (int i = 0; i < problems.Length; i++)
        {
            Entry entry = _entries[i];
            TextPosition position = cursor.MoveTo(entry.Offset);
            problems[i] = new(entry.Code, entry.Severity, entry.Path.ToString(), position.Line, position.Column, entry.Message);
        }

        return problems;
    }

    private void AddTooMany(ProblemSeverity severity, JsonPath path, int offset, string message) =>
        _entries.Add(new(offset, _entries.Count, ManifestProblemCodes.TooManyProblems, severity, path, message));

    private readonly record struct Entry(int Offset, int Number, string Code, ProblemSeverity Severity, JsonPath Path, string Message);
}
