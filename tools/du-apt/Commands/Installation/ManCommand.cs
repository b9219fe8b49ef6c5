using System.CommandLine;
using AptHandler.CommandLine.Manual;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Results;

namespace AptHandler.CommandLine.Commands.Installation;

/// <summary>Prints the manual pages of the package, which are generated from the commands and options of the program.</summary>
internal static class ManCommand
{
    public static Command Make(RootCommand root)
    {
        const string ForCommand = "du-apt";
        const string ForHandler = "du-apt-handler";
        var name = new Argument<string>("PAGE") { Description = $"{ForCommand} (section 1) or {ForHandler} (section 7)." };
        name.AcceptOnlyFromAmong(ForCommand, ForHandler);
        var command = new Command("man", "Print a manual page as roff, for the package.") { name };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            DateTimeOffset date = SourceDate.Now;
            Terminal.PrintDocument(
                parsed.GetRequiredValue(name) == ForCommand ? CommandPage.Write(root, date, Source) : HandlerPage.Write(date, Source)
            );
            return (int)UpdateOutcome.Done;
        });
        return command;
    }

    private static string Source => $"du-apt-handler {ProductVersion.Text}";
}
