using System.Globalization;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Repositories;

/// <summary>
/// Channels that move from snapshot to snapshot and back, the devices that follow, and what becomes of snapshots that nobody needs.
/// </summary>
public sealed class ChannelTests : IClassFixture<ChannelTests.Published>, IDisposable
{
    private readonly Published _packages;
    private readonly SnapshotStore _store;

    public ChannelTests(Published packages)
    {
        _packages = packages;
        _store = new SnapshotStore(packages);
    }

    [Fact]
    public void A_device_goes_to_the_older_snapshot_and_back_with_exactly_the_right_packages()
    {
        using var server = new StoreServer(_store);
        var (first, second) = (Written("one", server, "app=1", "extra-"), Written("two", server, "app=2", "extra"));
        using var device = new Device(_packages.Repository, _packages.Server);
        device.Configure("allowSources", "any");
        File.Delete(device.Root.At("etc/apt/sources.list.d/private.sources"));
        foreach (
            var (manifest, expected) in new[]
            {
                (second, "app 2, base 2, extra 1"),
                (first, "app 1, base 1"),
                (second, "app 2, base 2, extra 1"),
            }
        )
        {
            device.Run("deploy", manifest).Cause.Should().Be((0, 700, "0x00000000"));
            string.Join(
                    ", ",
                    device
                        .Root.Packages()
                        .Where(line => line.EndsWith(" installed", StringComparison.Ordinal))
                        .Select(line => line.Replace(" installed", "", StringComparison.Ordinal))
                )
                .Should()
                .Be(expected);
        }
    }

    [Fact]
    public void A_device_that_follows_a_channel_sees_it_go_on_and_back_at_once()
    {
        TwoSnapshots();
        using var server = new StoreServer(_store);
        using var device = new FleetDevice(server.Uri, _store.At("public/key.asc"), _packages);
        device.Follow("channels/prod");
        DateTime last = default;
        foreach (
            var (words, version) in new[]
            {
                ("promote one --channel prod", "1"),
                ("promote two --channel prod", "2"),
                ("rollback --channel prod", "1"),
                ("rollback --channel prod --to two", "2"),
            }
        )
        {
            _store.InStore(words.Split(' ')).Succeeded(words);
            device.Root.AptGet("update", "--error-on=any");
            Command.Run("apt-cache", ["madison", "app"], device.Root.Environment).Output.Split('|')[1].Trim().Should().Be(version);
            var date = DateOf("channels/prod");
            date.Should().BeAfter(last, "apt takes no Release that is older, or as old");
            File.GetLastWriteTimeUtc(_store.At("public/channels/prod/dists/fleet/InRelease"))
                .Should()
                .Be(date, "web servers tell changes by it");
            last = date;
            _store.ShouldBeWhole();
        }

        device.Update("app=2");
        device.Packages.Should().Equal("app 2 installed", "base 2 installed");
    }

    [Fact]
    public void The_history_of_a_channel_is_kept_and_told()
    {
        TwoSnapshots();
        _store.InStore("promote", "one", "--channel", "dev").Output.Should().Be("dev: - -> one\n");
        _store.InStore("promote", "two", "--channel", "dev").Output.Should().Be("dev: one -> two\n");
        _store.InStore("promote", "two", "--channel", "dev").Output.Should().Be("dev stands at two already.\n");
        _store.InStore("rollback", "--channel", "dev").Output.Should().Be("dev: two -> one\n");
        _store.InStore("rollback", "--channel", "dev").Output.Should().Be("dev: one -> two\n");
        using var list = _store.Ask("list");
        var channel = list.RootElement.GetProperty("channels").EnumerateArray().Single();
        channel.GetProperty("snapshot").GetString().Should().Be("two");
        channel
            .GetProperty("history")
            .EnumerateArray()
            .Select(move => $"{(move.GetProperty("from").GetString() ?? "-")} {move.GetProperty("to").GetString()}")
            .Should()
            .Equal("- one", "one two", "two one", "one two");
        list.RootElement.GetProperty("snapshots")
            .EnumerateArray()
            .Select(each => $"{each.GetProperty("id").GetString()}: {string.Join(' ', each.GetProperty("channels").EnumerateArray())}")
            .Should()
            .Equal("one: ", "two: dev");
        _store.InStore("list").Output.Should().MatchRegex("^one .*2 packages.*\ntwo .*3 packages.*<- dev\ndev .* at two, before at one\n$");
    }

    [Fact]
    public void What_cannot_be_moved_is_told_and_nothing_moves()
    {
        TwoSnapshots();
        _store.Promote("one", "dev");
        var before = _store.Public;
        foreach (
            var (words, why) in new[]
            {
                ("promote three --channel dev", "cannot find the snapshot three"),
                ("promote one --channel UP", "cannot name a channel \"UP\""),
                ("promote one --channel ../dev", "cannot name a channel"),
                ("promote one --channel pool", "cannot name a channel"),
                ("promote one --channel by-hash", "cannot name a channel"),
                ("rollback --channel dev", "it has stood at one only"),
                ("rollback --channel dev --to two", "it has never stood there"),
                ("rollback --channel none", "cannot find the channel none"),
            }
        )
        {
            var refused = _store.InStore(words.Split(' '));
            refused.ExitStatus.Should().Be(2, words);
            refused.Errors.Should().Contain(why);
        }

        _store.Public.Should().Equal(before);
    }

    [Fact]
    public void A_package_that_was_built_again_lies_beside_the_old_one()
    {
        using var other = new Repository();
        other.Package("app", "1", depends: "base (= 1)", file: "/usr/share/app/new=built again").Package("base", "1").Index();
        _store.Create("one", "app=1");
        _store.WriteSources(other.CopyUri, other.Keyring);
        _store.Create("two", "app=1");
        _store.InStore("diff", "one", "two").Output.Should().MatchRegex("^app +1 -> 1  \\(rebuilt\\)\nbase +1 -> 1  \\(rebuilt\\)\n$");
        _store.Promote("one", "dev");
        var old = _store.Deb("channels/dev", "app");
        var bytes = File.ReadAllBytes(old);
        _store.Promote("two", "dev");
        File.ReadAllBytes(old).Should().Equal(bytes, "somebody may be fetching it");
        Directory.GetFiles(Path.GetDirectoryName(old)!).Should().HaveCount(2);
        _store.ShouldBeWhole();
    }

    [Fact]
    public void The_difference_of_two_snapshots_is_told_package_by_package()
    {
        TwoSnapshots();
        _store
            .InStore("diff", "one", "two")
            .Output.Should()
            .MatchRegex("^app +1 -> 2  \\(raised\\)\nbase +1 -> 2  \\(raised\\)\nextra +- -> 1  \\(added\\)\n$");
        using var back = _store.Ask("diff", "two", "one");
        back.RootElement.GetProperty("packages")
            .EnumerateArray()
            .Select(each => each.GetProperty("change").GetString())
            .Should()
            .Equal("lowered", "lowered", "removed");
        _store.InStore("diff", "one", "one").Output.Should().Be("Both snapshots have the same packages.\n");
    }

    [Fact]
    public void A_snapshot_goes_when_no_channel_stands_there_or_can_go_back_to_it()
    {
        TwoSnapshots();
        _store.Create("three", "app=2");
        _store.Promote("one", "dev");
        _store.Promote("two", "dev");
        Refused("two", "the channel dev stands there");
        Refused("one", "it is one of the last 2 of the channel dev");
        Refused("none", "cannot find the snapshot none");
        _store.InStore("drop", "one", "--keep", "0").ExitStatus.Should().Be(2);

        _store.Promote("three", "dev");
        Refused("one", "it is one of the last 3", "--keep", "3");
        var old = _store.Deb("snapshots/one", "app");
        var name = Path.GetFileName(old);
        var packages = Directory.GetFiles(_store.At("aptly/pool"), "*.deb", SearchOption.AllDirectories).Length;
        _store.InStore("drop", "one").Succeeded("drop").Output.Should().Be("one is gone.\n");
        Directory.GetFiles(_store.At("public"), name, SearchOption.AllDirectories).Should().BeEmpty();
        Directory
            .GetFiles(_store.At("aptly/pool"), "*.deb", SearchOption.AllDirectories)
            .Should()
            .HaveCount(packages - 2, "app 1 and base 1 are in no other snapshot");
        _store.ShouldBeWhole();
        _store.InStore("rollback", "--channel", "dev", "--to", "one").Errors.Should().Contain("cannot find the snapshot one");
        _store.InStore("rollback", "--channel", "dev").Output.Should().Be("dev: three -> two\n");
        _store.Create("one", "app=1");
        _store.ShouldBeWhole();
    }

    [Fact]
    public void A_snapshot_that_was_removed_by_hand_can_be_created_again()
    {
        TwoSnapshots();
        Directory.Delete(_store.At("public/snapshots/one"), recursive: true);
        _store.Create("one", "app=1");
        _store.ShouldBeWhole();
    }

    [Fact]
    public void A_channel_whose_snapshot_was_removed_by_hand_keeps_what_it_serves()
    {
        TwoSnapshots();
        _store.Promote("one", "dev");
        var served = SnapshotStore.Files(_store.At("public/channels/dev"));
        Directory.Delete(_store.At("public/snapshots/one"), recursive: true);
        _store.InStore("drop", "two").Succeeded("drop");
        SnapshotStore.Files(_store.At("public/channels/dev")).Should().Equal(served);
    }

    public void Dispose() => _store.Dispose();

    private void TwoSnapshots()
    {
        _store.Create("one", "app=1");
        _store.Create("two", "app=2", "extra");
    }

    private string Written(string id, StoreServer server, params string[] words)
    {
        var written = _store.Desk.Root.At($"{id}.json");
        _store
            .InStore(
                _store.Creation("--id", id, "--write-manifest", written, "--url", server.Uri, _store.Desk.NamedManifest("edge", id, words))
            )
            .Succeeded($"create {id}");
        return written;
    }

    private void Refused(string id, string why, params string[] options)
    {
        var before = _store.Public;
        var refused = _store.InStore(["drop", id, .. options]);
        refused.ExitStatus.Should().Be(2);
        refused.Errors.Should().Contain(why);
        _store.Public.Should().Equal(before);
    }

    private DateTime DateOf(string place)
    {
        var line = File.ReadLines(_store.At($"public/{place}/dists/fleet/InRelease"))
            .Single(each => each.StartsWith("Date: ", StringComparison.Ordinal));
        return DateTime.ParseExact(
            line,
            "'Date: 'ddd, d MMM yyyy HH:mm:ss 'UTC'",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal
        );
    }

    public sealed class Published()
        : PublishedPackages(repository =>
            repository
                .Package("app", "1", depends: "base (= 1)")
                .Package("app", "2", depends: "base (= 2)")
                .Package("base", "1")
                .Package("base", "2")
                .Package("extra", "1")
        );
}
