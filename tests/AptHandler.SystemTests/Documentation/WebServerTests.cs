using System.Text.RegularExpressions;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Repositories;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Documentation;

/// <summary>The configuration of nginx in the README, in front of a repository.</summary>
public sealed partial class WebServerTests : IClassFixture<WebServerTests.Published>, IDisposable
{
    private const string Year = "public, max-age=31536000, immutable";

    private readonly SnapshotStore _store;
    private readonly TemporaryFolder _folder = new("nginx");
    private readonly string _configuration;
    private readonly string _uri;

    public WebServerTests(Published packages)
    {
        _store = new SnapshotStore(packages);
        _store.Create("one", "app");
        _store.Promote("one", "dev");
        var port = StoreServer.FreePort();
        _uri = $"http://127.0.0.1:{port}";
        var server = Block()
            .Match(File.ReadAllText(Path.Combine(SourceTree.Root, "README.md")))
            .Groups["text"]
            .Value.Replace("  listen 80;\n  listen [::]:80;\n", $"  listen 127.0.0.1:{port};\n", StringComparison.Ordinal)
            .Replace("/srv/fleet/public;", $"{_store.At("public")};", StringComparison.Ordinal);
        server.Should().Contain($"127.0.0.1:{port};").And.Contain(_store.At("public"));
        _configuration = Path.Combine(_folder, "nginx.conf");
        File.WriteAllText(
            _configuration,
            $"user root; pid {_folder}/pid; error_log {_folder}/error.log;\nevents {{}}\nhttp {{ access_log off;\n{server}\n}}\n"
        );
        Command.Run("nginx", ["-c", _configuration]).Succeeded("nginx");
    }

    [Fact]
    public void What_never_changes_is_kept_for_a_year_and_where_a_channel_stands_is_asked_each_time()
    {
        var archive = Path.GetRelativePath(_store.At("public"), _store.Deb("channels/dev", "app"));
        const string Channel = "channels/dev/dists/fleet";
        var byHash = Directory
            .GetFiles(_store.At($"public/{Channel}/main/binary-amd64/by-hash/SHA256"))
            .Select(file => Path.GetRelativePath(_store.At("public"), file))
            .First();
        foreach (
            var (file, control) in new[]
            {
                ("snapshots/one/dists/fleet/InRelease", Year),
                (archive.Replace("channels/dev", "snapshots/one", StringComparison.Ordinal), Year),
                (archive, Year),
                (byHash, Year),
                ($"{Channel}/InRelease", "no-cache"),
                ($"{Channel}/main/binary-amd64/Packages", "no-cache"),
                ("key.asc", "public, max-age=3600"),
            }
        )
        {
            Head(file).Should().StartWith("HTTP/1.1 200").And.Contain($"Cache-Control: {control}\r\n", file);
        }
    }

    [Fact]
    public void A_channel_that_has_not_moved_is_answered_with_304_and_one_that_has_is_not()
    {
        const string File = "channels/dev/dists/fleet/InRelease";
        var date = Date().Match(Head(File)).Groups["date"].Value;
        Head(File, "-H", $"If-Modified-Since: {date}").Should().StartWith("HTTP/1.1 304");
        _store.Create("two", "base");
        _store.Promote("two", "dev");
        Head(File, "-H", $"If-Modified-Since: {date}").Should().StartWith("HTTP/1.1 200");
    }

    [Fact]
    public void A_link_leads_nowhere()
    {
        File.CreateSymbolicLink(_store.At("public/passwd"), "/etc/passwd");
        Head("passwd").Should().StartWith("HTTP/1.1 403");
    }

    public void Dispose()
    {
        Command.Run("nginx", ["-c", _configuration, "-s", "stop"]);
        _folder.Dispose();
        _store.Dispose();
    }

    private string Head(string file, params string[] words) =>
        Command.Run("curl", ["--silent", "--head", .. words, $"{_uri}/{file}"]).Succeeded(file).Output;

    [GeneratedRegex("```nginx\n(?<text>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Block();

    [GeneratedRegex("Last-Modified: (?<date>.*)\r\n", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Date();

    public sealed class Published() : PublishedPackages(repository => repository.Package("app", "1", depends: "base").Package("base", "1"));
}
