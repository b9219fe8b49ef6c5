using System.CommandLine;

namespace AptHandler.CommandLine.Commands;

/// <summary>The commands for those who write manifests.</summary>
internal static class ManifestCommand
{
    public static Command Make() => new("manifest", "Write and check apt manifests.") { LintCommand.Make() };
}
