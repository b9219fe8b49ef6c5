using System.CommandLine;
using AptHandler.Authoring;
using AptHandler.Authoring.Desks;
using AptHandler.Authoring.Manifests;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Debian;
using AptHandler.Manifests;
using AptHandler.Settings;

namespace AptHandler.CommandLine.Commands.Authoring;

/// <summary>Writes a manifest of what is installed.</summary>
internal static class CaptureCommand
{
    public static Command Make()
    {
        var patterns = new Argument<string[]>("PATTERN")
        {
            Description = "Names of packages, or patterns with * and ?; several, or none for all packages.",
            Arity = ArgumentArity.ZeroOrMore,
        };

        // There is no default: a device takes two updates of the same name and version for the same update.
        var name = new Option<string>("--name")
        {
            Description = "The name of the manifest.",
            HelpName = "NAME",
            Required = true,
        };
        var version = new Option<string>("--version")
        {
            Description = "The version of the manifest.",
            HelpName = "VERSION",
            Required = true,
        };
        var manual = new Option<bool>("--manual") { Description = "Leave out what apt has installed only for the sake of other packages." };
        var command = new Command(
            "capture",
            "Write a manifest of the packages that are installed here, or by --status on a device, in their exact versions."
        )
        {
            patterns,
            name,
            version,
            manual,
            DeskOptions.Status,
            ManifestOutput.File,
        };
        command.SetGuardedAction(parsed =>
        {
            (string label, string number) = (parsed.GetRequiredValue(name), parsed.GetRequiredValue(version));
            if ((LabelRule.Check(label, "name") ?? LabelRule.Check(number, "version")) is { } objection)
                throw new InputException(objection.Message);
            Configuration configuration = SharedOptions.Configuration(parsed);
            string? status = parsed.GetValue(DeskOptions.Status);
            if (status is not null && parsed.GetValue(manual))
                throw new InputException(
                    $"cannot tell from {status} what apt has marked as automatically installed; leave out --manual, or "
                        + "capture on the device"
                );
            InstalledPackages installed = InstalledPackages.Choose(
                status is null ? configuration.System.ReadStatus() : DeskState.Read(status, configuration.System.NativeArchitecture),
                parsed.GetValue(patterns) ?? [],
                parsed.GetValue(manual) ? configuration.System.ReadMarks() : null
            );
            foreach (StatusEntry entry in installed.LeftOut)
                Terminal.Error($"left out, because only a part of it is there: {entry.ToString()}; dpkg --configure -a may finish it");
            return ManifestOutput.Write(parsed, ManifestText.FileOf(label, number, installed.Entries));
        });
        return command;
    }
}
