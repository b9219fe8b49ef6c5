using System.Text;
using AptHandler.Files;
using AptHandler.Manifests;

namespace AptHandler.Authoring.Repositories;

/// <summary>A snapshot as a source of a device.</summary>
public static class SnapshotSource
{
    /// <summary>The path of the source's file on a device.</summary>
    public const string File = $"/etc/apt/sources.list.d/{Store.Distribution}.sources";

    /// <summary>The path of its key file. The key is not in the source: apt before 2.3.10 then refuses all sources.</summary>
    public const string KeyFile = $"/etc/apt/keyrings/{Store.Distribution}.asc";

    private const string Nowhere = "https://packages.example.org";

    /// <summary>The file <c>*.sources</c> for a device: deb822, naming <see cref="KeyFile"/>.</summary>
    /// <param name="id">The snapshot.</param>
    /// <param name="url">The address of the public folder; null for a placeholder.</param>
    public static string Stanza(string id, string? url)
    {
        var text = new StringBuilder();
        if (url is null)
            text.Append("# Replace ").Append(Nowhere).Append(" with the address of the folder public: no --url was given.\n");
        return text.Append("Types: deb\nURIs: ")
            .Append(Uri(url ?? Nowhere, id))
            .Append("\nSuites: ")
            .Append(Store.Distribution)
            .Append("\nComponents: ")
            .Append(Store.Component)
            .Append("\nCheck-Valid-Until: no\nSigned-By: ")
            .Append(KeyFile)
            .Append('\n')
            .ToString();
    }

    /// <summary>The snapshot as a source of a manifest.</summary>
    public static AptSource Of(Store store, string id, string url) =>
        new()
        {
            Id = Store.Distribution,
            Uris = [Uri(url, id)],
            Suites = [Store.Distribution],
            Components = [Store.Component],
            SigningKey = Key(store),
        };

    private static string Uri(string url, string id) => $"{url.TrimEnd('/')}/snapshots/{id}";

    /// <summary>The public key of all signatures, in ASCII armour.</summary>
    public static string Key(Store store) => Encoding.ASCII.GetString(BoundedFile.Read(store.TrustedKeyFile, SourceRules.LongestKey));
}
