namespace AptHandler.Manifests;

/// <summary>
/// Collects the problems of one reading with their byte offsets. The rules add them in any order. They are returned in the order of the
/// file, and only then are lines and columns counted. The list has a limit, so that a hostile file costs neither memory nor time.
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

    /// <summary>Whether there are so many errors that more of them would not help.</summary>
    public bool IsFull => _errors > MaximumOfEach;

    /// <summary>Whether one more warning would be listed. If not, its message need not be made.</summary>
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
        // Two problems of one place stay in the order in which they were found. List.Sort alone is not stable.
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
