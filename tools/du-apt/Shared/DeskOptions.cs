using System.CommandLine;
using AptHandler.Apt;
using AptHandler.Authoring;
using AptHandler.Authoring.Desks;
using AptHandler.CommandLine.Output;
using AptHandler.Debian;
using AptHandler.Records;
using AptHandler.Results;
using AptHandler.Settings;

namespace AptHandler.CommandLine.Shared;

/// <summary>The options that choose the sources and packages a manifest is planned with, instead of those of this machine.</summary>
internal static class DeskOptions
{
    public static readonly Option<string?> Status = new("--status")
    {
        Description = "dpkg's status file of a device, in place of what is installed here.",
        HelpName = "FILE",
    };

    public static readonly Option<string?> Sources = new("--sources")
    {
        Description =
            "Package lists of other sources than this machine's: a file *.sources or *.list as apt takes it. They are fetched "
            + "into a folder for caches.",
        HelpName = "FILE",
    };

    private static readonly Option<string?> Architecture = new("--architecture")
    {
        Description =
            "The architecture of the devices, such as arm64 (default: that of the status file, else of this machine). "
            + "Another one than this machine's needs --sources, and --status or --empty.",
        HelpName = "ARCHITECTURE",
    };

    private static readonly Option<bool> Empty = new("--empty") { Description = "Plan for a device without any package." };

    /// <summary>Whether any of the options was given.</summary>
    public static bool AreGiven(ParseResult parsed) =>
        parsed.GetValue(Sources) is not null
        || parsed.GetValue(Status) is not null
        || parsed.GetValue(Empty)
        || parsed.GetValue(Architecture) is not null;

    /// <summary>Whether a text can be the architecture of a device.</summary>
    public static bool IsArchitecture(string text) => text is not ("all" or "any") && PackageName.TryParse($"xx:{text}", out _, out _);

    /// <summary>Gives a command these options.</summary>
    public static void AddTo(Command command)
    {
        command.Add(Sources);
        command.Add(Empty);
        command.Add(Status);
        command.Add(Architecture);
    }

    /// <summary>Opens the desk that the options ask for.</summary>
    /// <exception cref="InputException">The options contradict each other, or name something that cannot be used.</exception>
    /// <exception cref="UpdateException">The lists cannot be fetched.</exception>
    public static Desk Open(ParseResult parsed, CancellationToken cancellation)
    {
        Configuration configuration = SharedOptions.Configuration(parsed);
        string? status = parsed.GetValue(Status);
        if (status is not null && parsed.GetValue(Empty))
            throw new InputException(
                "cannot plan for a device without packages and for one with those of a status file; choose --empty or --status"
            );
        DeskState state =
            parsed.GetValue(Empty) ? DeskState.Empty
            : status is null ? DeskState.Installed
            : DeskState.Of(status);
        string? architecture = parsed.GetValue(Architecture);
        if (architecture is not null && !IsArchitecture(architecture))
            throw new InputException($"cannot plan for the architecture \"{architecture}\"; write that of the devices, such as arm64");
        string? sources = parsed.GetValue(Sources);
        bool isQuiet = sources is null || parsed.GetValue(SharedOptions.Json) || Console.IsErrorRedirected;
        return isQuiet
            ? Open(null)
            : Terminal.WithProgress(show =>
                Open(progress => show(new UpdateProgress(UpdateStep.Download, progress.Phase, progress.Percent, progress.Text)))
            );

        Desk Open(Action<AptProgress>? onProgress) => Desk.Open(configuration, sources, state, architecture, onProgress, cancellation);
    }
}
