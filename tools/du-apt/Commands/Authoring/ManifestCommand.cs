using System.CommandLine;

namespace AptHandler.CommandLine.Commands.Authoring;

/// <summary>The commands for authors of manifests. Authors mostly work on another machine than the one that is updated.</summary>
internal static class ManifestCommand
{
    public static Command Make() =>
        new("manifest", "Write and check apt manifests.")
        {
            NewCommand.Make(),
            CaptureCommand.Make(),
            LintCommand.Make(),
            LockCommand.Make(),
            DiffCommand.Make(),
        };
}
