using System.Text;
using AptHandler.Files;
using AptHandler.Manifests;

namespace AptHandler.Authoring.Repositories;

/// <summary>A snapshot as a source of a device.</summary>
public static class SnapshotSource
{
    /// <summary>Where the file of the source belongs on a device.</summary>
    public const string File = $"/etc/apt/sources.list.d/{Store.Distribution}.sources";

    /// <summary>Where its key belongs: apt before 2.3.10 refuses all sources where one holds a key itself.</summary>
    public const string KeyFile = $"/etc/apt/keyrings/{Store.Distribution}.asc";

    private const string Nowhere = "https://packages.example.org";

    /// <summary>The file <c>*.sources</c> for a device: deb822, naming <see cref="KeyFile"/>.</summary>
    /// <param name="id">The snapshot.</param>
    /// <param name="url">The address of the public folder; null for one to be replaced.</param>
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

    /// <summary>The same as a source of a manifest.</summary>
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

    /// <summary>The key of all signatures, in ASCII armour.</summary>
    public static string Key(Store store) => Encoding.ASCII.GetString(BoundedFile.Read(store.TrustedKeyFile, SourceRules.LongestKey));
}
