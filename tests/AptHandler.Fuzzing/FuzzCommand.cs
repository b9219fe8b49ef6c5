using System.Diagnostics;
using System.Globalization;
using AptHandler.Fuzzing.Engine;
using AptHandler.Fuzzing.Targets;

namespace AptHandler.Fuzzing;

/// <summary>The command line of scripts/fuzz.sh.</summary>
internal static class FuzzCommand
{
    private const int LongestShown = 3000;

    private static readonly TimeSpan LongestExecution = TimeSpan.FromSeconds(10);

    /// <summary>Does what the command line asks.</summary>
    /// <returns>The exit status: 1 where there is a finding.</returns>
    /// <exception cref="FormatException">The command line cannot be read.</exception>
    public static int Run(string[] arguments)
    {
        using var scratch = new ScratchFolder();
        IReadOnlyList<FuzzTarget> all = AllTargets.Make(scratch);
        switch (arguments)
        {
            case ["targets"]:
                foreach (FuzzTarget target in all)
                    Console.WriteLine(target.Name);
                return 0;
            case ["replay", var name, .. { Length: > 0 } files]:
                return Replay(Find(all, name), files);
        }

        int number = Environment.TickCount & 0xffffff;
        FuzzLimit? limit = null;
        var chosen = new List<FuzzTarget>();
        for (int i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == "--seed" && i + 1 < arguments.Length)
                number = (int)Number(arguments[++i], int.MaxValue);
            else if (arguments[i] == "--executions" && i + 1 < arguments.Length)
                limit = new FuzzLimit(null, Number(arguments[++i], long.MaxValue));
            else if (limit is null)
                limit = new FuzzLimit(TimeSpan.FromSeconds(Number(arguments[i], 1_000_000)), null);
            else
                chosen.Add(Find(all, arguments[i]));
        }

        return Fuzz(chosen.Count > 0 ? chosen : all, limit ?? throw new FormatException("how long? see --help"), number);
    }

    private static int Fuzz(IReadOnlyList<FuzzTarget> targets, FuzzLimit limit, int number)
    {
        Console.WriteLine($"seed {number}");
        Console.WriteLine(Row("target", "executions", "per second", "slowest", "seeds", "findings"));
        using var watchdog = new Watchdog(
            LongestExecution,
            (target, input) =>
            {
                // Nothing ends a thread that does not want to end, but for the end of its process.
                Tell(target, number, new Finding("a hang", $"the input takes longer than {LongestExecution.TotalSeconds} s", input, 0));
                Environment.Exit(1);
            }
        );
        var watch = Stopwatch.StartNew();
        long executions = 0;
        int findings = 0;
        foreach (FuzzTarget target in targets)
        {
            FuzzReport report = new TargetRun(target, SeedCorpus.Of(target), number, watchdog).Run(limit.Share(targets.Count));
            executions += report.Executions;
            findings += report.Findings.Count;
            Console.WriteLine(
                Row(
                    report.Target,
                    Text(report.Executions),
                    Text((long)report.Rate),
                    $"{report.Slowest.TotalMilliseconds:0} ms",
                    Text(report.Kept),
                    Text(report.Findings.Count)
                )
            );
            foreach (Finding finding in report.Findings)
                Tell(target.Name, number, finding);
        }

        Console.WriteLine(
            $"{executions:N0} executions, {targets.Count} targets, {watch.Elapsed.TotalSeconds:0} s, seed {number}, {findings} findings"
        );
        return findings == 0 ? 0 : 1;
    }

    // A machine of CI is gone afterwards, with its files: so the input is printed, too.
    private static void Tell(string target, int number, Finding finding)
    {
        string folder = SeedCorpus.InCheckout("artifacts/fuzz");
        Directory.CreateDirectory(folder);
        string name = $"{target}-{number}-{finding.Execution}";
        string file = Path.Combine(folder, name);
        File.WriteAllBytes(file, finding.Input);
        Console.WriteLine(
            $"""

            finding in {target}: {finding.Signature}
            {finding.Description}
              input: {file}, {finding.Input.Length} bytes
              repeat: scripts/fuzz.sh replay {target} artifacts/fuzz/{name}
              or: scripts/fuzz.sh --executions {finding.Execution} --seed {number} {target}
            """
        );
        if (finding.Input.Length <= LongestShown)
        {
            string text = Convert.ToBase64String(finding.Input);
            Console.WriteLine($"  or: base64 -d <<<{text} >input && scripts/fuzz.sh replay {target} input");
        }

        Console.WriteLine();
    }

    private static int Replay(FuzzTarget target, string[] files)
    {
        int failed = 0;
        foreach (string file in files)
        {
            Exception? exception = Finding.Try(target, File.ReadAllBytes(file));
            failed += exception is null ? 0 : 1;
            Console.WriteLine($"{file}: {exception?.ToString() ?? "nothing is wrong"}");
        }

        return failed == 0 ? 0 : 1;
    }

    private static FuzzTarget Find(IReadOnlyList<FuzzTarget> all, string name) =>
        all.FirstOrDefault(target => target.Name == name)
        ?? throw new FormatException($"there is no target {name}; scripts/fuzz.sh targets lists them");

    private static long Number(string text, long most) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number <= most
            ? number
            : throw new FormatException($"{text} is no number that fits here; see --help");

    private static string Text(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Row(string target, params ReadOnlySpan<string> cells)
    {
        string row = target.PadRight(20);
        foreach (string cell in cells)
            row += cell.PadLeft(13);
        return row;
    }
}
