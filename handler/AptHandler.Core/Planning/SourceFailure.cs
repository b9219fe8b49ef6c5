using AptHandler.Apt;
using AptHandler.Manifests;
using AptHandler.Results;

namespace AptHandler.Planning;

/// <summary>Tells an operator which source of a manifest apt cannot use, and what to do about it.</summary>
internal static class SourceFailure
{
    /// <summary>What a failure of apt means for the sources of a manifest.</summary>
    public static Exception Of(AptManifest manifest, AptFailure failure)
    {
        AptSource? source = manifest.Sources.FirstOrDefault(source => source.Uris.Any(uri => IsNamed(uri, failure.Evidence)));
        return (failure.Kind, source) switch
        {
            (AptFailureKind.ConflictingSources, { Id: var id }) => Unusable(
                $"cannot take the source {id} (sources.{id}): the device, or the manifest itself, has the same repository under "
                    + "another name with another key or other options",
                "write null for its old name in the manifest, or remove the file of the device that names it"
            ),
            (AptFailureKind.SignatureFailed, { Id: var id, Keyring: var keyring }) => Unusable(
                $"cannot take the source {id} (sources.{id}): its repository is not signed with the "
                    + $"{(keyring is null ? "signingKey" : "keyring")} that the manifest names",
                "write the key that it is signed with, as signingKey or keyring"
            ),
            (AptFailureKind.ConflictingSources, _) => new AptException(failure),
            _ => new AptException(failure with { Evidence = $"a source of the manifest cannot be used: {failure.Evidence}" }),
        };

        UpdateException Unusable(string what, string remedy) =>
            new(ExtendedResult.SourceNotAllowed, $"{what}: {failure.Evidence.TrimEnd('.')}; {remedy}");
    }

    // "GPG error: https://contoso.example/apt stable InRelease: …"; other lines of apt end the address with a slash.
    private static bool IsNamed(string uri, string evidence)
    {
        string address = uri.TrimEnd('/');
        int at = evidence.IndexOf(address, StringComparison.Ordinal);
        return at >= 0 && evidence.AsSpan(at + address.Length).TrimStart('/').StartsWith(' ');
    }
}
