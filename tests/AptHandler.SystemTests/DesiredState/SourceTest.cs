using System.Text.Json.Nodes;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.DesiredState;

/// <summary>
/// Tests of manifests that say where packages come from: another repository, signed with another key, that the device knows nothing of.
/// </summary>
public abstract class SourceTest(SourcePackages packages) : DeviceTests<SourcePackages>(packages)
{
    protected const string NotAllowed = "0x30200317";

    protected string SourceFile => Root.At("etc/apt/sources.list.d/du-apt-contoso.sources");

    protected string KeyFile => Root.At("etc/apt/keyrings/du-apt-contoso.asc");

    protected string Contoso => $"http://127.0.0.1:{new Uri(Packages.Other.Uri).Port}";

    /// <summary>All of /etc/apt, with the contents of its files.</summary>
    protected string EtcApt =>
        string.Join(
            '\n',
            Directory
                .EnumerateFileSystemEntries(Root.At("etc/apt"), "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(path =>
                    $"{path} {Convert.ToString((int)File.GetUnixFileMode(path), 8)} {new FileInfo(path).LinkTarget}\n{(File.Exists(path) ? File.ReadAllText(path) : "")}"
                )
        );

    protected Answer Deployed(JsonObject sources, params string[] words)
    {
        Device.Configure("allowSources", "any");
        var answer = Device.Run("deploy", Device.SourcedManifest(sources, words));
        answer.Cause.Should().Be((0, 700, "0x00000000"), answer.Details);
        return answer;
    }

    protected JsonObject Source(string id = "contoso", string? uri = null, string? key = null, string? keyring = null)
    {
        var source = Packages.OtherRepository.AsSource(uri ?? Contoso);
        source["architectures"] = new JsonArray("amd64");
        if (keyring is not null)
        {
            source.Remove("signingKey");
            source["keyring"] = keyring;
        }
        else if (key is not null)
        {
            source["signingKey"] = key;
        }

        return new JsonObject { [id] = source };
    }

    protected string Lists() => string.Join('\n', Directory.EnumerateFiles(Root.At("var/lib/apt/lists")).Order(StringComparer.Ordinal));
}

/// <summary>What the tests of sources stand on: the device's own repository, and another one that it knows nothing of.</summary>
public sealed class SourcePackages()
    : PublishedPackages(repository => repository.Package("foo", "1").Package("bad", "1", postinst: "exit 7")),
        IDisposable
{
    private HttpServer? _other;

    public Repository OtherRepository { get; } = new Repository().Package("wares", "1").Package("lib-of-wares", "1").Index();

    public HttpServer Other => _other ??= new HttpServer(OtherRepository);

    public new void Dispose()
    {
        _other?.Dispose();
        OtherRepository.Dispose();
        base.Dispose();
    }
}
