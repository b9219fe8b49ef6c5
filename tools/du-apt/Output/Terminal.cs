using System.Diagnostics.CodeAnalysis;
using AptHandler.Apt;
using AptHandler.Logging;
using AptHandler.Records;
using AptHandler.Results;
using Spectre.Console;

namespace AptHandler.CommandLine.Output;

/// <summary>The colours that are used on a terminal, as the numbers of ECMA-48's SGR.</summary>
internal enum TerminalColor
{
    /// <summary>For problems.</summary>
    Red = 31,

    /// <summary>For success.</summary>
    Green = 32,

    /// <summary>For warnings.</summary>
    Yellow = 33,
}

/// <summary>What a person sees: results on standard output; progress, problems and questions of detail on standard error.</summary>
[SuppressMessage("ApiDesign", "RS0030", Justification = "The one place that writes to the terminal.")]
internal static class Terminal
{
    private static readonly IAnsiConsole Errors = AnsiConsole.Create(
        new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }
    );

    /// <summary>A line of the result.</summary>
    public static void Print(ShownText text) => Console.Out.WriteLine(text.ToString());

    /// <summary>
    /// A result in JSON, or in a format without characters that would have to be escaped on a terminal.
    /// </summary>
    public static void PrintDocument(string text)
    {
        Console.Out.Write(ForeignText.Json(text));
        Console.Out.Flush();
    }

    /// <summary>A problem, with the name of the program so that it can be understood in a log.</summary>
    public static void Error(ShownText text) => Console.Error.WriteLine($"du-apt: {text.ToString()}");

    /// <summary>A line that is neither a result nor a problem of this program.</summary>
    public static void Tell(ShownText text) => Console.Error.WriteLine(text.ToString());

    /// <summary>A question. Its answer is typed in the same line.</summary>
    public static void Ask(ShownText question) => Console.Error.Write(question.ToString());

    /// <summary>Standard output for the parser of the command line.</summary>
    public static TextWriter ForParserOutput => new VisibleWriter(Console.Out);

    /// <summary>Standard error for the parser of the command line.</summary>
    public static TextWriter ForParserErrors => new VisibleWriter(Console.Error);

    /// <summary>Whether standard output may be coloured: it is a terminal, and the user allows colours (no-color.org).</summary>
    public static bool IsOutputColored => !Console.IsOutputRedirected && AllowsColor;

    /// <summary>The same for standard error.</summary>
    public static bool IsErrorColored => !Console.IsErrorRedirected && AllowsColor;

    private static bool AllowsColor =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    /// <summary>Runs work and shows its progress: a bar on a terminal, otherwise a line for each new thing.</summary>
    public static T WithProgress<T>(Func<Action<UpdateProgress>, T> work)
    {
        if (Console.IsErrorRedirected || !Errors.Profile.Capabilities.Interactive)
            return work(new LineProgress().Report);

        // Always object as the type of the result: the code that awaits it exists once per type, and each adds kilobytes to the program.
        return (T)
            Errors
                .Progress()
                .AutoClear(true)
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn())
                .Start<object>(context =>
                {
                    var bars = new Dictionary<(UpdateStep, AptPhase), ProgressTask>();
                    return work(progress =>
                    {
                        ShownText text = $"{progress.Step}: {Shortened(progress.Text)}";
                        string description = Markup.Escape(text.ToString());
                        if (!bars.TryGetValue((progress.Step, progress.Phase), out ProgressTask? bar))
                            bars.Add((progress.Step, progress.Phase), bar = context.AddTask(description, maxValue: 100));
                        bar.Description = description;
                        bar.Value = progress.Percent;
                    })!;
                });
    }

    private static string Shortened(string text) => text.Length <= 50 ? text : text[..49] + "…";

    private sealed class LineProgress
    {
        private (UpdateStep, AptPhase, string) _last;

        public void Report(UpdateProgress progress)
        {
            (UpdateStep, AptPhase, string) now = (progress.Step, progress.Phase, progress.Text);
            if (now != _last)
                Tell($"{progress.Step} {progress.Percent, 3:0} % {progress.Text}");
            _last = now;
        }
    }
}
