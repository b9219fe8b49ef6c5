using System.CommandLine;
using AptHandler.Authoring;
using AptHandler.Authoring.Manifests;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;

namespace AptHandler.CommandLine.Commands.Authoring;

/// <summary>Writes a manifest from the answers to a few questions.</summary>
internal static class NewCommand
{
    public static Command Make()
    {
        var command = new Command(
            "new",
            "Ask for name, version and packages, and write a manifest of them. The answers can come from a pipe, a line each."
        )
        {
            ManifestOutput.File,
        };
        command.SetGuardedAction(parsed =>
        {
            RequireConsent(parsed.GetValue(ManifestOutput.File));
            return ManifestOutput.Write(parsed, new Interview(Console.In, Ask, Refuse).Run());
        });
        return command;
    }

    // A caller that pipes the answers in has not seen the question.
    private static void Ask(string question)
    {
        if (!Console.IsInputRedirected)
            Terminal.Ask($"{question}: ");
    }

    // In a pipe, the next line is the answer to another question.
    private static void Refuse(string objection)
    {
        if (Console.IsInputRedirected)
            throw new InputException($"{objection} Nothing was written.");
        Terminal.Error($"{objection}");
    }

    private static void RequireConsent(string? file)
    {
        if (file is null || !File.Exists(file))
            return;
        Ask($"{file} is there already. Overwrite it (y/n)?");
        if (Console.IsInputRedirected || Console.In.ReadLine()?.Trim() is not ("y" or "yes"))
            throw new InputException($"{file} is there already and stays as it is; name another file by --output, or delete it first");
    }
}
