using AptHandler.DesiredState;
using AptHandler.Files;
using AptHandler.Manifests;
using AptHandler.Results;
using AptHandler.Settings;

namespace AptHandler.Planning;

/// <summary>
/// Checks whether a device accepts the sources of a manifest. The right to write manifests does not include the right to choose where
/// software comes from.
/// </summary>
internal static class SourceReview
{
    /// <summary>Checks the sources of a manifest.</summary>
    /// <exception cref="UpdateException">
    /// The device does not accept them; the message names the source, the member and what to do.
    /// </exception>
    /// <exception cref="IOException">There is no folder for the files of the sources.</exception>
    public static void Check(Configuration configuration, AptManifest manifest)
    {
        foreach (AptSource source in manifest.Sources)
        {
            if (configuration.AllowSources == AllowSources.Off)
                throw Refused(
                    source,
                    "",
                    "this device takes no sources from manifests; set allowSources in its configuration, or take \"sources\" out "
                        + "of the manifest"
                );
            foreach (string uri in source.Uris)
            {
                string scheme = uri[..uri.IndexOf(':', StringComparison.Ordinal)];
                if (configuration.AllowSources == AllowSources.Https && scheme != "https")
                    throw Refused(
                        source,
                        ".uris",
                        $"this device takes none of {scheme}; write an address of https, or set allowSources in its configuration to any"
                    );
            }

            if (
                source.Keyring is { } keyring
                && ProblemOf(configuration.System.RootFolder, configuration.System.PathOf(keyring)) is { } problem
            )
                throw Refused(
                    source,
                    ".keyring",
                    $"{keyring} {problem}; install a package that has it, or write the key itself as signingKey"
                );
        }

        foreach (WantedFile file in SourceFiles.Of(manifest, configuration.System))
            file.RequireFolder(configuration.System.PathOf(file.Path));
    }

    private static string? ProblemOf(string root, string keyring) =>
        Descriptor.StatusOf(keyring) switch
        {
            null => "is not there",
            { IsRegular: false } => "is no regular file",
            { User: not 0 } or { IsWritableByOthers: true } => "can be changed by others than root",
            _ => RootsPlace.Holds(root, keyring) ? null : "lies in a folder that others than root can change",
        };

    private static UpdateException Refused(AptSource source, string member, string why) =>
        new(ExtendedResult.SourceNotAllowed, $"cannot take the source {source.Id} (sources.{source.Id}{member}): {why}");
}
