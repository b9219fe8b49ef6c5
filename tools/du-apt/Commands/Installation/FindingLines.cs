using AptHandler.CommandLine.Installation.Checks;
using AptHandler.CommandLine.Output;

namespace AptHandler.CommandLine.Commands.Installation;

/// <summary>The findings of du-apt doctor for a person: one line each, with the remedy below it. Coloured only on a terminal.</summary>
internal static class FindingLines
{
    private const int StateWidth = 9;
    private const int NameWidth = 21;

    /// <summary>Prints a finding.</summary>
    public static void Print(string name, Finding finding)
    {
        string state = NameOf(finding.Gravity);
        ShownText colored = ShownText.Colored($"{state}", ColorOf(finding.Gravity), Terminal.IsOutputColored);
        Terminal.Print($"{colored}{new string(' ', StateWidth - state.Length)}{name, -NameWidth}{finding.Found}");
        if (finding.Remedy.Length > 0)
            Terminal.Print($"{new string(' ', StateWidth)}{"remedy", -NameWidth}{finding.Remedy}");
    }

    /// <summary>ok, warning or problem.</summary>
    public static string NameOf(Gravity gravity) => gravity.ToString().ToLowerInvariant();

    private static TerminalColor ColorOf(Gravity gravity) =>
        gravity switch
        {
            Gravity.Ok => TerminalColor.Green,
            Gravity.Warning => TerminalColor.Yellow,
            _ => TerminalColor.Red,
        };
}
