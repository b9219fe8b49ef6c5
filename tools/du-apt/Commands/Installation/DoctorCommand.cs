using System.CommandLine;
using AptHandler.CommandLine.Installation;
using AptHandler.CommandLine.Installation.Checks;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Manifests;
using AptHandler.Results;
using AptHandler.Settings;

namespace AptHandler.CommandLine.Commands.Installation;

/// <summary>Shows what is wrong with the installation.</summary>
internal static class DoctorCommand
{
    public static Command Make()
    {
        var command = new Command(
            "doctor",
            "Check the installation, and say what is wrong and what to do. Changes nothing; ends with 1 when there is a problem."
        );
        command.SetGuardedAction(parsed =>
        {
            ExaminedDevice device = Examine(parsed);
            bool asJson = parsed.GetValue(SharedOptions.Json);
            var findings = new List<Examined>();
            foreach (Check check in AllChecks.InOrder)
            {
                Finding finding = check.Run(device);
                findings.Add(new Examined(check, finding));
                if (!asJson)
                    FindingLines.Print(check.Name, finding);
            }

            int problems = findings.Count(each => each.Finding.Gravity == Gravity.Problem);
            int warnings = findings.Count(each => each.Finding.Gravity == Gravity.Warning);
            if (asJson)
                PrintJson(findings, problems);
            else if (problems + warnings == 0)
                Terminal.Print($"All is well.");
            else
                Terminal.Print($"{Count(problems, "problem")}, {Count(warnings, "warning")}.");
            return problems == 0 ? (int)UpdateOutcome.Done : (int)UpdateOutcome.Failed;
        });
        return command;
    }

    private static ExaminedDevice Examine(ParseResult parsed)
    {
        string? file = parsed.GetValue(SharedOptions.Config) ?? Configuration.FileOfEnvironment;
        try
        {
            return new ExaminedDevice(SharedOptions.Configuration(parsed), null, file);
        }
        catch (UpdateException e)
        {
            return new ExaminedDevice(new Configuration(), e.Message, file);
        }
    }

    private static void PrintJson(List<Examined> findings, int problems) =>
        ResultOutput.PrintJson(writer =>
        {
            writer.WriteBoolean("isHealthy", problems == 0);
            writer.Objects(
                "checks",
                findings,
                each =>
                {
                    writer.Text("name", each.Check.Name);
                    writer.Text("state", FindingLines.NameOf(each.Finding.Gravity));
                    writer.Text("found", each.Finding.Found);
                    writer.Text("remedy", each.Finding.Remedy);
                }
            );
        });

    private sealed record Examined(Check Check, Finding Finding);

    private static string Count(int number, string what) => number == 1 ? $"1 {what}" : $"{number} {what}s";
}
