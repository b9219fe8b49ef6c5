using System.Security.Cryptography;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Repositories;

/// <summary>What is wrong with what is served: verify finds it, and no device installs anything of it.</summary>
public sealed class FaultyStoreTests : IClassFixture<FaultyStoreTests.Published>, IDisposable
{
    private readonly Published _packages;
    private readonly SnapshotStore _store;

    public FaultyStoreTests(Published packages)
    {
        _packages = packages;
        _store = new SnapshotStore(packages);
    }

    private string Dists => _store.At("public/snapshots/one/dists/fleet");

    private string Manifest => _store.Desk.Root.At("fleet.json");

    [Theory]
    [InlineData("a changed byte", "another SHA256 than the index says", "Hash Sum mismatch")]
    [InlineData("a missing dependency", "app 1 (all) needs base (= 1), which is not there", "base")]
    [InlineData("a wrong key", "InRelease: ", "is not signed")]
    [InlineData("an expired Release", "InRelease: it has a Valid-Until", "expired")]
    public void It_is_found_and_nothing_is_installed(string fault, string finding, string seen)
    {
        using var server = new StoreServer(_store);
        _store
            .InStore(
                _store.Creation(
                    "--id",
                    "one",
                    "--write-manifest",
                    Manifest,
                    "--url",
                    server.Uri,
                    _store.Desk.NamedManifest("edge", "1", "app")
                )
            )
            .Succeeded("create");
        switch (fault)
        {
            case "a changed byte":
                ChangeByte(_store.Deb("snapshots/one", "app"));
                break;
            case "a missing dependency":
                _store.ReplaceIndex(
                    "one",
                    index =>
                        string.Join("\n\n", index.Split("\n\n").Where(each => !each.StartsWith("Package: base", StringComparison.Ordinal)))
                );
                break;
            case "a wrong key":
                _store.Sign("one", File.ReadAllText(Path.Combine(Dists, "Release")), Path.Combine(_packages.Repository.Location, "keys"));
                break;
            default:
                _store.Sign(
                    "one",
                    File.ReadAllText(Path.Combine(Dists, "Release")) + "Valid-Until: Sat, 1 Jan 2022 00:00:00 UTC\n",
                    _store.At("gnupg")
                );
                break;
        }

        _store
            .Findings("one")
            .Should()
            .Contain(line =>
                line.StartsWith("snapshots/one: ", StringComparison.Ordinal) && line.Contains(finding, StringComparison.Ordinal)
            );

        using var device = new Device(_packages.Repository, _packages.Server);
        device.Configure("allowSources", "any");
        File.Delete(device.Root.At("etc/apt/sources.list.d/private.sources"));
        var before = device.State;
        var answer = device.Run("deploy", Manifest);
        answer.ExitStatus.Should().NotBe(0);
        answer.Details.Should().Contain(seen);
        device.State.Should().Be(before);
    }

    [Theory]
    [InlineData("public/snapshots/one/dists/fleet/Release", "snapshots/one: Release", "snapshots/two: pool/")]
    [InlineData("public/key.asc", "key.asc: it is not the key", "snapshots/two: pool/")]
    [InlineData("key.asc", "snapshots/one: InRelease: ", "snapshots/two: InRelease: ")]
    [InlineData("snapshots/one.json", "snapshots/one: its record is not there", "snapshots/two: pool/")]
    public void A_file_that_is_gone_is_a_finding_among_others(string file, string finding, string other)
    {
        _store.Create("one", "app");
        _store.Create("two", "base");
        _store.Promote("one", "dev");
        ChangeByte(_store.Deb("snapshots/two", "base"));
        File.Delete(_store.At(file));
        _store
            .Findings()
            .Should()
            .Contain(line => line.StartsWith(finding, StringComparison.Ordinal))
            .And.Contain(line => line.StartsWith(other, StringComparison.Ordinal))
            .And.NotContain(
                line => line.Contains("none of the repository", StringComparison.Ordinal),
                "nobody is to take away what devices need"
            );
    }

    [Fact]
    public void What_is_there_too_much_or_only_in_part_is_found()
    {
        _store.Create("one", "app");
        _store.Create("two", "base");
        _store.Promote("one", "dev");
        Directory
            .EnumerateFiles(_store.At("public"), "*", SearchOption.AllDirectories)
            .Should()
            .OnlyContain(file => new FileInfo(file).LinkTarget == null);
        File.WriteAllText(_store.At("public/snapshots/one/pool/other.deb"), "");
        File.CreateSymbolicLink(_store.At("public/channels/dev/pool/passwd"), "/etc/passwd");
        Directory.CreateSymbolicLink(_store.At("public/snapshots/one/pool/etc"), "/etc");
        Directory.Delete(_store.At("public/snapshots/two"), recursive: true);
        _store
            .Findings()
            .Should()
            .Contain(line =>
                line.StartsWith(
                    "snapshots/one: pool/other.deb: it is served, and is none of the repository; take it away",
                    StringComparison.Ordinal
                )
            )
            .And.Contain(line => line.StartsWith("channels/dev: channels/dev/pool/passwd is a link", StringComparison.Ordinal))
            .And.Contain(line => line.StartsWith("snapshots/one: snapshots/one/pool/etc is a link", StringComparison.Ordinal))
            .And.NotContain(line => line.Contains("pool/etc/", StringComparison.Ordinal))
            .And.Contain(line => line.StartsWith("snapshots/two: it is not there, but its record is", StringComparison.Ordinal));

        File.Delete(_store.At("channels/dev.json"));
        _store
            .Findings()
            .Should()
            .Contain(line => line.StartsWith("channels/dev: it is served, but its record is not there", StringComparison.Ordinal));
    }

    [Fact]
    public void A_link_in_what_is_served_leads_nowhere()
    {
        _store.Create("one", "app");
        File.CreateSymbolicLink(_store.At("public/passwd"), "/etc/passwd");
        Directory.CreateSymbolicLink(_store.At("public/etc"), "/etc");
        using var server = new StoreServer(_store);
        foreach (var path in new[] { "passwd", "etc/passwd" })
            Command
                .Run("curl", ["-s", "-o", "/dev/null", "-w", "%{http_code}", $"{server.Uri}/{path}"])
                .Output.Should()
                .BeOneOf("403", "404");
    }

    [Fact]
    public void What_is_none_of_the_repository_is_found_and_does_not_disturb()
    {
        _store.Create("one", "app");
        Directory.CreateDirectory(_store.At("public/snapshots/UP"));
        _store.Findings().Should().Contain(line => line.StartsWith("snapshots/UP: it is served", StringComparison.Ordinal));
        _store.InStore("list").Succeeded("list").Output.Should().MatchRegex("^one .*\n$");
    }

    [Fact]
    public void A_repository_that_was_signed_anew_with_another_key_is_found_and_its_key_is_given_to_nobody()
    {
        _store.Create("one", "app");
        var key = File.ReadAllText(_store.At("public/key.asc")).Split('\n')[3];
        var keys = Path.Combine(_packages.Repository.Location, "keys");
        _store.Sign("one", File.ReadAllText(Path.Combine(Dists, "Release")), keys);
        File.WriteAllText(
            _store.At("public/key.asc"),
            Command.Run("gpg", ["--batch", "--homedir", keys, "--armor", "--export"]).Succeeded("export").Output
        );
        _store
            .Findings()
            .Should()
            .Contain(line => line.StartsWith("key.asc: it is not the key", StringComparison.Ordinal))
            .And.Contain(line => line.StartsWith("snapshots/one: InRelease: ", StringComparison.Ordinal));
        _store.InStore("show", "one").Succeeded("show").Output.Should().Contain(key);
    }

    [Fact]
    public void Every_other_fault_of_a_tree_is_found_too()
    {
        _store.Create("one", "app");
        _store.Promote("one", "dev");
        _store.ShouldBeWhole();
        var index = Path.Combine(Dists, "main/binary-amd64/Packages");
        var byHash = Path.Combine(
            Path.GetDirectoryName(index)!,
            "by-hash/SHA256",
            Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(index)))
        );
        foreach (
            var (file, spoil, expected) in new (string, Action<string>, string)[]
            {
                (_store.Deb("snapshots/one", "base"), File.Delete, "is not there"),
                (_store.Deb("snapshots/one", "base"), file => File.AppendAllText(file, "x"), "bytes and should have"),
                (byHash, File.Delete, "by-hash/SHA256/"),
                (index, ChangeByte, "main/binary-amd64/Packages has another SHA256"),
                (Path.Combine(Dists, "Release"), file => File.AppendAllText(file, "x\n"), "Release and InRelease differ"),
                (Path.Combine(Dists, "Release.gpg"), File.Delete, "Release.gpg: "),
                (Path.Combine(Dists, "InRelease"), ChangeByte, "InRelease: "),
                (
                    Path.Combine(Dists, "InRelease"),
                    file => File.WriteAllText(file, "Origin: other\n" + File.ReadAllText(file)),
                    "InRelease: there is something before or behind"
                ),
                (
                    Path.Combine(Dists, "InRelease"),
                    file => File.AppendAllText(file, "x\n"),
                    "InRelease: there is something before or behind"
                ),
                (_store.At("public/channels/dev/dists/fleet/InRelease"), File.Delete, "channels/dev: InRelease: "),
                (
                    _store.At("public/channels/dev/dists/fleet/Release"),
                    file => File.WriteAllText(file, "Date: x\n"),
                    "its Release is not that of one"
                ),
            }
        )
        {
            var kept = File.ReadAllBytes(file);

            // Not what has the same bytes by another name.
            File.Delete(file);
            File.WriteAllBytes(file, kept);
            spoil(file);
            _store.Findings().Should().Contain(line => line.Contains(expected, StringComparison.Ordinal), expected);
            File.WriteAllBytes(file, kept);
            _store.ShouldBeWhole();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_damaged_archive_is_replaced_everywhere_when_it_is_published_once_more(bool isLonger)
    {
        _store.Create("one", "app");
        _store.Promote("one", "dev");
        var damaged = _store.Deb("snapshots/one", "app");
        if (isLonger)
            File.AppendAllText(damaged, "x");
        else
            ChangeByte(damaged);
        _store
            .Findings()
            .Should()
            .Contain(line =>
                line.StartsWith("channels/dev: ", StringComparison.Ordinal)
                && line.Contains("create the same once more", StringComparison.Ordinal)
            );
        _store.Create("two", "app");
        _store.ShouldBeWhole();
    }

    [Fact]
    public void What_is_damaged_in_a_channel_alone_is_replaced_when_the_channel_moves_there_again()
    {
        _store.Create("one", "app");
        _store.Create("two", "base");
        _store.Promote("one", "dev");
        var damaged = _store.Deb("channels/dev", "app");
        var bytes = File.ReadAllBytes(damaged);
        File.Delete(damaged);
        File.WriteAllBytes(damaged, bytes);
        ChangeByte(damaged);
        _store.Findings().Should().NotBeEmpty();
        _store.Promote("two", "dev");
        _store.Promote("one", "dev");
        _store.ShouldBeWhole();
    }

    [Fact]
    public void A_snapshot_that_is_damaged_is_mended_by_drop_and_create()
    {
        _store.Create("one", "app");
        _store.Create("other", "app", "base");
        ChangeByte(_store.Deb("snapshots/one", "app"));
        _store.InStore("drop", "one").Succeeded("drop");
        _store.Create("one", "app");
        _store.ShouldBeWhole();
    }

    [Fact]
    public void A_snapshot_with_another_package_than_it_was_made_with_is_found()
    {
        _store.Create("one", "app");
        _store.ReplaceIndex("one", index => index.Replace("Version: 1\n", "Version: 9\n", StringComparison.Ordinal));
        _store
            .Findings("one")
            .Should()
            .Contain(line =>
                line.Contains("app 1 all", StringComparison.Ordinal) && line.Contains("is not listed", StringComparison.Ordinal)
            )
            .And.Contain(line =>
                line.Contains("app 9 all", StringComparison.Ordinal) && line.Contains("was not there", StringComparison.Ordinal)
            );
        using var json = Answer.Json(_store.InStore("verify", "one", "--json"));
        json.RootElement.GetProperty("isValid").GetBoolean().Should().BeFalse();
        json.RootElement.GetProperty("findings")
            .EnumerateArray()
            .Should()
            .OnlyContain(each => each.GetProperty("place").GetString() == "snapshots/one");
    }

    [Fact]
    public void Who_may_only_read_a_store_can_verify_it()
    {
        _store.Create("one", "app");
        using var disk = SmallFileSystem.Around(_store.Location, mebibytes: 16);
        Command.Run("mount", ["-o", "remount,ro,bind", _store.Location]).Succeeded("remount");
        _store.ShouldBeWhole();
    }

    [Fact]
    public void A_store_of_another_form_or_at_a_path_too_long_is_not_touched()
    {
        _store.Create("one", "app");
        var moved = _store.Location + new string('x', 80);
        Directory.Move(_store.Location, moved);
        var refused = _store.Run("promote", "one", "--channel", "dev", "--store", moved);
        refused.ExitStatus.Should().Be(2);
        refused.Errors.Should().Contain("choose a shorter path");
        Directory.Move(moved, _store.Location);
        _store.Promote("one", "dev");

        var record = _store.At("store.json");
        File.WriteAllText(record, File.ReadAllText(record).Replace("\"format\": 1", "\"format\": 2", StringComparison.Ordinal));
        var newer = _store.InStore("list");
        newer.ExitStatus.Should().Be(2);
        newer.Errors.Should().Contain("it has the form 2");
    }

    [Fact]
    public void An_address_that_apt_cannot_use_is_refused()
    {
        _store.Create("one", "app");
        var refused = _store.InStore("show", "one", "--url", "gopher://x");
        refused.ExitStatus.Should().Be(2);
        refused.Errors.Should().Contain("cannot use --url");
        var nowhere = _store.Run("init", "/proc/x");
        nowhere.ExitStatus.Should().Be(2);
        nowhere.Errors.Should().Contain("cannot make a repository in /proc/x").And.Contain("name a folder");
    }

    [Fact]
    public void The_server_for_trials_ends_with_the_command_and_says_what_keeps_it_from_beginning()
    {
        using var server = new StoreServer(_store);
        var port = server.Uri.Split(':')[2];
        var second = _store.Run("serve", _store.Location, "--port", port);
        second.ExitStatus.Should().Be(2);
        second.Errors.Should().Contain($"cannot serve {_store.Location} at port {port}").And.Contain("--port");
        server.Command.Signal(RunningCommand.Terminate);
        server.Command.Wait().ExitStatus.Should().Be(0);
        File.Exists(_store.At("serving/pid")).Should().BeFalse();
    }

    public void Dispose() => _store.Dispose();

    private static void ChangeByte(string file)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(file, bytes);
    }

    public sealed class Published()
        : PublishedPackages(repository => repository.Package("app", "1", depends: "base (= 1)").Package("base", "1"));
}
