namespace AptHandler.Manifests;

/// <summary>How serious a problem is.</summary>
public enum ProblemSeverity
{
    /// <summary>Nothing is wrong, but the author of the manifest should know it.</summary>
    Note,

    /// <summary>The manifest can be used, but its author should check it again.</summary>
    Warning,

    /// <summary>The manifest cannot be used.</summary>
    Error,
}

/// <summary>One thing that is wrong with an apt manifest, and where.</summary>
/// <param name="Code">The kind of the problem: one of <see cref="ManifestProblemCodes"/>, never renamed.</param>
/// <param name="Severity">How serious it is.</param>
/// <param name="Path">The value with the problem, as a JSON path such as <c>$.packages[3].version</c>.</param>
/// <param name="Line">The line, counted from 1; lines end with a line feed.</param>
/// <param name="Column">
/// The column, counted from 1 in UTF-16 code units, as editors and language servers count them. A byte-order mark has no column.
/// </param>
/// <param name="Message">
/// One sentence for the author of the manifest: it names the thing and tells what to write instead. It holds no control characters, and
/// quotes at most 60 characters of any text of the file.
/// </param>
public sealed record ManifestProblem(string Code, ProblemSeverity Severity, string Path, int Line, int Column, string Message)
{
    /// <summary>What is wrong: the message up to its remedy.</summary>
    public string Fault => RemedyStart is > 0 and var start ? Message[..start] : Message;

    /// <summary>What to do about it: the message behind the fault. Empty where there is nothing to do.</summary>
    public string Remedy => RemedyStart is > 0 and var start ? Message[(start + "; ".Length)..] : "";

    // Every message has the form "fault; remedy.". Text from the file is in quotation marks.
    private int RemedyStart
    {
        get
        {
            bool isQuoted = false;
            for (int i = 0; i < Message.Length; i++)
            {
                isQuoted ^= Message[i] == '"';
                if (!isQuoted && Message.AsSpan(i).StartsWith("; ", StringComparison.Ordinal))
                    return i;
            }

            return -1;
        }
    }

    /// <summary>The name of a severity: note, warning or error.</summary>
    public static string NameOf(ProblemSeverity severity) =>
        severity switch
        {
            ProblemSeverity.Note => "note",
            ProblemSeverity.Warning => "warning",
            _ => "error",
        };

    /// <summary>The problem in the form that compilers use: place, severity, code, message.</summary>
    public override string ToString() => $"({Line},{Column}): {NameOf(Severity)} {Code}: {Message}";
}
