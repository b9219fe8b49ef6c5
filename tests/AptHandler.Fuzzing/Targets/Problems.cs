using System.Text;
using AptHandler.Fuzzing.Engine;
using AptHandler.Manifests;

namespace AptHandler.Fuzzing.Targets;

/// <summary>What holds for every list of problems.</summary>
internal static class Problems
{
    private const int LongestMessage = 1000;

    /// <summary>Checks that each problem lies in its file, in order, and can be shown.</summary>
    public static void Check(ReadOnlySpan<byte> utf8, IReadOnlyList<ManifestProblem> problems)
    {
        ReadOnlySpan<byte> text = utf8.StartsWith(Encoding.UTF8.Preamble) ? utf8[Encoding.UTF8.Preamble.Length..] : utf8;
        List<int> widths = [];
        foreach (Range line in text.Split((byte)'\n'))
            widths.Add(Encoding.UTF8.GetCharCount(text[line]));

        (int Line, int Column) last = (1, 1);
        Expect.That(problems.Count <= 2 * (ProblemList.MaximumOfEach + 1), "the list of problems is bounded");
        foreach (ManifestProblem problem in problems)
        {
            Expect.That(problem.Line >= 1 && problem.Line <= widths.Count, "the line of a problem is one of the file");
            Expect.That(
                problem.Column >= 1 && problem.Column <= widths[problem.Line - 1] + 1,
                "the column of a problem is one of its line"
            );
            Expect.That((problem.Line, problem.Column).CompareTo(last) >= 0, "problems come in the order of the file");
            last = (problem.Line, problem.Column);
            Expect.That(problem.Message.Length is > 0 and <= LongestMessage, "the message of a problem is bounded");
            Expect.That(!problem.Message.Any(char.IsControl) && !problem.Path.Any(char.IsControl), "a problem holds no control character");
            Expect.That(problem.Message.StartsWith(problem.Fault, StringComparison.Ordinal), "a message begins with its fault");
            Expect.That(problem.Message.EndsWith(problem.Remedy, StringComparison.Ordinal), "a message ends with its remedy");
        }
    }

    /// <summary>How many problems there are that are no mere notes.</summary>
    public static int Count(ManifestReading reading) => reading.Problems.Count(problem => problem.Severity != ProblemSeverity.Note);
}
