using System.Security.Cryptography;
using System.Text.Json;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Repositories;

/// <summary>A repository of snapshots, and the desk where they are made.</summary>
public sealed class SnapshotStore : IDisposable
{
    private readonly TemporaryFolder _folder = new("store");
    private readonly Device _desk;

    /// <param name="packages">Where the packages of snapshots come from.</param>
    public SnapshotStore(PublishedPackages packages)
    {
        _desk = new Device(packages.Repository, packages.Server);
        SourcesFile = _desk.Root.At("fleet.sources");
        WriteSources(packages.Server.Uri, packages.Repository.Keyring);
        Run("init", Location).Succeeded("make a store");
    }

    public string Location => Path.Combine(_folder, "r");

    /// <summary>The sources that <see cref="Create"/> takes packages from.</summary>
    public string SourcesFile { get; }

    public Device Desk => _desk;

    /// <summary>What a web server serves, file by file, with all that tells one state of it from another.</summary>
    public IReadOnlyList<string> Public => Files(At("public"));

    public static IReadOnlyList<string> Files(string folder) =>
        [
            .. Directory
                .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(file => $"{Path.GetRelativePath(folder, file)} {new FileInfo(file).Length} {File.GetLastWriteTimeUtc(file):O}"),
        ];

    public string At(string relative) => Path.Combine(Location, relative);

    public void WriteSources(string uri, string keyring) =>
        File.WriteAllText(SourcesFile, $"Types: deb\nURIs: {uri}\nSuites: stable\nComponents: main\nSigned-By: {keyring}\n");

    /// <summary>du-apt repository, as it is written.</summary>
    public Outcome Run(params string[] words) => _desk.Root.DuApt(["repository", .. words]);

    /// <summary>du-apt repository, with this store.</summary>
    public Outcome InStore(params string[] words) => Run([.. words, "--store", Location]);

    /// <summary>The same, for tests that interfere.</summary>
    public RunningCommand Start(params string[] words) => _desk.Root.StartDuApt(["repository", .. words, "--store", Location]);

    /// <summary>What it answers to a program.</summary>
    public JsonDocument Ask(params string[] words) => Answer.Json(InStore([.. words, "--json"]).Succeeded(string.Join(' ', words)));

    /// <summary>The words of a creation from manifests, for machines of this architecture.</summary>
    public string[] Creation(params string[] words) => ["create", "--sources", SourcesFile, "--architectures", "amd64", .. words];

    /// <summary>Makes a snapshot of "foo=1.0" and the like, with an id of its own.</summary>
    public void Create(string id, params string[] packages) =>
        InStore(Creation("--id", id, _desk.Manifest(packages))).Succeeded($"create {id}");

    public void Promote(string id, string channel) => InStore("promote", id, "--channel", channel).Succeeded($"promote {id}");

    /// <summary>The packages of a snapshot: "foo 1.0 all".</summary>
    public IReadOnlyList<string> Packages(string id)
    {
        using var json = Ask("show", id);
        return PackagesIn(json);
    }

    public static IReadOnlyList<string> PackagesIn(JsonDocument snapshot) =>
        [
            .. snapshot
                .RootElement.GetProperty("packages")
                .EnumerateArray()
                .Select(each =>
                    $"{each.GetProperty("name").GetString()} {each.GetProperty("version").GetString()} "
                    + $"{each.GetProperty("architecture").GetString()}"
                ),
        ];

    /// <summary>That nothing is wrong with what is published.</summary>
    public void ShouldBeWhole() => InStore("verify").Text.Should().Be("All is well.\n");

    /// <summary>What is wrong with what is published, of which there is something.</summary>
    public string[] Findings(params string[] id)
    {
        var outcome = InStore(["verify", .. id]);
        outcome.ExitStatus.Should().Be(1, outcome.Text);
        return outcome.Output.Split('\n');
    }

    /// <summary>Gives a snapshot another index, listed and signed as if it were the right one.</summary>
    public void ReplaceIndex(string id, Func<string, string> change)
    {
        var folder = Path.Combine(Dists(id), "main/binary-amd64");
        var index = Path.Combine(folder, "Packages");
        File.WriteAllText(index, change(File.ReadAllText(index)));
        var bytes = File.ReadAllBytes(index);
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        File.Copy(index, Path.Combine(folder, "by-hash/SHA256", hash));
        var release = File.ReadAllText(Path.Combine(Dists(id), "Release")).Split("MD5Sum:")[0];
        Sign(id, $"{release}Acquire-By-Hash: yes\nSHA256:\n {hash} {bytes.Length} main/binary-amd64/Packages\n", At("gnupg"));
    }

    /// <summary>Gives a snapshot another Release, signed with a key in a folder.</summary>
    public void Sign(string id, string release, string keys)
    {
        var file = Path.Combine(Dists(id), "Release");
        File.WriteAllText(file, release);
        foreach (var (how, output) in new[] { ("--clearsign", "InRelease"), ("--detach-sign", "Release.gpg") })
            Command
                .Run(
                    "gpg",
                    ["--batch", "--quiet", "--yes", "--homedir", keys, "--armor", "--output", Path.Combine(Dists(id), output), how, file]
                )
                .Succeeded("sign");
    }

    /// <summary>Where the indexes of a snapshot lie.</summary>
    public string Dists(string id) => At($"public/snapshots/{id}/dists/fleet");

    /// <summary>The archive of a package in a snapshot or channel.</summary>
    public string Deb(string place, string package) =>
        Directory.GetFiles(At($"public/{place}/pool"), $"{package}_*.deb", SearchOption.AllDirectories).Single();

    public void Dispose()
    {
        _desk.Dispose();
        _folder.Dispose();
    }
}
