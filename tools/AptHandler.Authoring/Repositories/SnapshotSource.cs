using System.Text;
using AptHandler.Files;
using AptHandler.Manifests;

namespace AptHandler.Authoring.Repositories;

/// <summary>A snapshot as a source of a device.</summary>
public static class SnapshotSource
{
    private const string Nowhere = "https://packages.example.org";

    /// <summary>The file <c>*.sources</c> for a device: deb822, with the key in it.</summary>
    /// <param name="store">The store.</param>
    /// <param name="id">The snapshot.</param>
    /// <param name="url">The address of the public folder; null for one to be replaced.</param>
    public static string Stanza(Store store, string id, string? url)
    {
        var text = new StringBuilder()
            .Append("Types: deb\nURIs: ").Append(Uri(url ?? Nowhere, id)).Append("\nSuites: ").Append(Store.Distribution)
            .Append("\nComponents: ").Append(Store.Component).Append("\nCheck-Valid-Until: no\nSigned-By:\n");
        foreach (string line in Key(store).TrimEnd('\n').Split('\n'))
            text.Append(' ').Append(line.Length == 0 ? "." : line).Append('\n');
        return text.ToString();
    }

    /// <summary>The same as a source of a manifest.</summary>
    public static AptSource Of(Store store, string id, string url) => new()
    {
        Id = Store.Distribution,
        Uris = [Uri(url, id)],
        Suites = [Store.Distribution],
        Components = [Store.Component],
        SigningKey = Key(store),
    };

    private static string Uri(string url, string id) => $"{url.TrimEnd('/')}/snapshots/{id}";

    private static string Key(Store store) => Encoding.ASCII.GetString(BoundedFile.Read(store.TrustedKeyFile, SourceRules.LongestKey));
}
