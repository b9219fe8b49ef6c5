using AptHandler.Apt;
using AptHandler.Updates;
using Spectre.Console;

namespace AptHandler.CommandLine.Output;

/// <summary>What a person sees: results on standard output; progress, problems and questions of detail on standard error.</summary>
internal static class Terminal
{
    private static readonly IAnsiConsole Errors = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    /// <summary>A problem, in the form that stays readable in a log.</summary>
    public static void Error(string text) => Console.Error.WriteLine($"du-apt: {text}");

    /// <summary>Runs work with its progress: a bar on a terminal, a line for each new thing elsewhere.</summary>
    public static T WithProgress<T>(Func<Action<UpdateProgress>, T> work)
    {
        if (Console.IsErrorRedirected || !Errors.Profile.Capabilities.Interactive)
            return work(new LineProgress().Report);
        return Errors.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn())
            .Start(context =>
            {
                var bars = new Dictionary<(UpdateStep, AptPhase), ProgressTask>();
                return work(progress =>
                {
                    string description = Markup.Escape($"{progress.Step}: {Shortened(progress.Text)}");
                    if (!bars.TryGetValue((progress.Step, progress.Phase), out ProgressTask? bar))
                        bars.Add((progress.Step, progress.Phase), bar = context.AddTask(description, maxValue: 100));
                    bar.Description = description;
                    bar.Value = progress.Percent;
                });
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
                Console.Error.WriteLine(FormattableString.Invariant($"{progress.Step} {progress.Percent,3:0} % {progress.Text}"));
            _last = now;
        }
    }
}
