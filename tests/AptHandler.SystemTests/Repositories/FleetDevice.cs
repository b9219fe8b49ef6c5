using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Repositories;

/// <summary>A device with nothing but apt, whose packages come from a snapshot or a channel.</summary>
public sealed class FleetDevice : IDisposable
{
    private readonly string _uri;
    private readonly string _key;

    /// <param name="uri">Where the store is served.</param>
    /// <param name="key">The key that it trusts.</param>
    public FleetDevice(string uri, string key, PublishedPackages packages)
    {
        (_uri, _key) = (uri, key);
        Root = PrivateRoot.Create(packages.Repository, packages.Server);
        File.AppendAllText(Root.AptConfiguration, "Acquire::Retries \"0\";\n");
    }

    public PrivateRoot Root { get; }

    /// <summary>Takes packages from there, and from nowhere else.</summary>
    public void Follow(string place)
    {
        var file = Root.At("etc/apt/sources.list.d/private.sources");
        File.WriteAllText(
            $"{file}.new",
            $"Types: deb\nURIs: {_uri}/{place}\nSuites: fleet\nComponents: main\nSigned-By: {_key}\nCheck-Valid-Until: no\n"
        );
        File.Move($"{file}.new", file, overwrite: true);
    }

    /// <summary>Reads the lists and makes the device have exactly what a manifest would ask for.</summary>
    public void Update(params string[] words)
    {
        Root.AptGet("update", "--error-on=any");
        Root.AptGet(["-y", "--allow-downgrades", "install", .. words]);
    }

    public IReadOnlyList<string> Packages => Root.Packages();

    public void Dispose() => Root.Dispose();
}
