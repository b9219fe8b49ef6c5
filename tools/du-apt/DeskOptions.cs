using System.CommandLine;
using AptHandler.Authoring;
using AptHandler.Authoring.Desks;
using AptHandler.CommandLine.Output;
using AptHandler.Updates;

namespace AptHandler.CommandLine;

/// <summary>The options that choose what a manifest is planned with, where that is not what this machine has.</summary>
internal static class DeskOptions
{
    public static readonly Option<string?> Status = new("--status")
    {
        Description = "dpkg's status file of a device, in place of what is installed here.",
        HelpName = "FILE",
    };

    public static readonly Option<string?> Sources = new("--sources")
    {
        Description = "Package lists of other sources than this machine's: a file *.sources or *.list as apt takes it. They are fetched into a folder for caches.",
        HelpName = "FILE",
    };

    private static readonly Option<bool> Empty = new("--empty") { Description = "Plan for a device without any package." };

    /// <summary>Whether any of the options was given.</summary>
    public static bool AreGiven(ParseResult parsed) => parsed.GetValue(Sources) is not null || parsed.GetValue(Status) is not null || parsed.GetValue(Empty);

    /// <summary>Gives a command these options.</summary>
    public static void AddTo(Command command)
    {
        command.Add(Sources);
        command.Add(Empty);
        command.Add(Status);
    }

    /// <summary>Opens the desk that the options ask for.</summary>
    /// <exception cref="InputException">The options contradict each other, or name what cannot be used.</exception>
    /// <exception cref="UpdateException">The lists cannot be fetched.</exception>
    public static Desk Open(ParseResult parsed, CancellationToken cancellation)
    {
        Configuration configuration = SharedOptions.Configuration(parsed);
        string? status = parsed.GetValue(Status);
        if (status is not null && parsed.GetValue(Empty))
            throw new InputException("cannot plan for a device without packages and for one with those of a status file; choose --empty or --status");
        DeskState state = parsed.GetValue(Empty) ? DeskState.Empty : status is null ? DeskState.Installed : DeskState.Of(status);
        return parsed.GetValue(Sources) is not { } sources ? Desk.Open(configuration, null, state, cancellation: cancellation)
            : parsed.GetValue(SharedOptions.Json) || Console.IsErrorRedirected ? Desk.Open(configuration, sources, state, cancellation: cancellation)
            : Terminal.WithProgress(show => Desk.Open(
                configuration, sources, state, null, progress => show(new UpdateProgress(UpdateStep.Download, progress.Phase, progress.Percent, progress.Text)), cancellation));
    }
}
