using System.Buffers;
using System.Globalization;
using System.Text;
using AptHandler.Logging;
using AptHandler.Manifests;

namespace AptHandler.CommandLine.Output;

/// <summary>
/// The problems of a file for a person. Each shows the place in the form that compilers use, so that editors can jump to it. Below it are
/// the line with the place marked, and the remedy.
/// </summary>
internal static class ProblemLines
{
    // How much of a long line is shown, in UTF-16 code units. A whole manifest can be one line.
    private const int Window = 100;

    private static readonly SearchValues<char> TokenEnds = SearchValues.Create(" ,:{}[]");

    /// <summary>All problems, without a line feed at the end.</summary>
    /// <param name="file">The file as the user has named it.</param>
    /// <param name="utf8">Its bytes.</param>
    /// <param name="problems">What was found, in the order of the file.</param>
    /// <param name="isColored">Whether the severity and the mark are to be coloured.</param>
    public static ShownText Text(string file, byte[] utf8, IReadOnlyList<ManifestProblem> problems, bool isColored)
    {
        string[] lines = Decode(utf8).Split('\n');
        ShownText text = $"";
        for (int i = 0; i < problems.Count; i++)
        {
            if (i > 0)
                text.AppendLiteral("\n");
            Append(text, file, problems[i], problems[i].Line <= lines.Length ? lines[problems[i].Line - 1].TrimEnd('\r') : "", isColored);
        }

        return text;
    }

    // A byte-order mark does not count as a column.
    private static string Decode(byte[] utf8)
    {
        ReadOnlySpan<byte> text = utf8;
        return Encoding.UTF8.GetString(text.StartsWith(Encoding.UTF8.Preamble) ? text[Encoding.UTF8.Preamble.Length..] : text);
    }

    private static void Append(ShownText text, string file, ManifestProblem problem, string line, bool isColored)
    {
        TerminalColor color = ColorOf(problem.Severity);
        ShownText severity = ShownText.Colored($"{ManifestProblem.NameOf(problem.Severity)}", color, isColored);
        text.AppendFormatted($"{file}:{problem.Line}:{problem.Column}: {severity} {problem.Code}: {problem.Fault}");

        int column = Math.Min(problem.Column - 1, line.Length);
        string number = problem.Line.ToString(CultureInfo.InvariantCulture);
        string margin = new(' ', number.Length);
        if (!string.IsNullOrWhiteSpace(line))
        {
            int start = column < Window * 3 / 4 ? 0 : column - (Window / 2);
            int end = Math.Min(line.Length, start + Window);
            int marked = Math.Clamp(LengthOfToken(line.AsSpan(column)), 1, Math.Max(1, end - column));
            string before = (start > 0 ? "…" : "") + Shown(line[start..column]);
            string mark = "^" + new string('~', Math.Max(0, Shown(line[column..Math.Min(end, column + marked)]).Length - 1));
            text.AppendFormatted($"\n {number} | {before}{Shown(line[column..end])}{(end < line.Length ? "…" : "")}");
            text.AppendFormatted($"\n {margin} | {new string(' ', before.Length)}{ShownText.Colored($"{mark}", color, isColored)}");
        }

        if (problem.Remedy.Length > 0)
            text.AppendFormatted($"\n {margin} = {problem.Remedy}");
    }

    // An editor counts a tab as one column, but a terminal shows up to eight.
    private static string Shown(string text) => ForeignText.Line(text.Replace('\t', ' '));

    private static int LengthOfToken(ReadOnlySpan<char> rest)
    {
        if (rest.IsEmpty || rest[0] != '"')
            return rest.IndexOfAny(TokenEnds) is >= 0 and var end ? end : rest.Length;
        for (int i = 1; i < rest.Length; i++)
        {
            if (rest[i] == '\\')
                i++;
            else if (rest[i] == '"')
                return i + 1;
        }

        return rest.Length;
    }

    private static TerminalColor ColorOf(ProblemSeverity severity) =>
        severity switch
        {
            ProblemSeverity.Error => TerminalColor.Red,
            ProblemSeverity.Warning => TerminalColor.Yellow,
            _ => TerminalColor.Green,
        };
}
