using System.CommandLine;

namespace AptHandler.CommandLine.Commands.Authoring;

/// <summary>Writes and verifies the import manifest by which the service takes an update.</summary>
internal static class ImportManifestCommand
{
    public static Command Make() =>
        new("import-manifest", "Work with import manifests of Device Update, version 5.")
        {
            ImportManifestCreateCommand.Make(),
            ImportManifestVerifyCommand.Make(),
        };
}
