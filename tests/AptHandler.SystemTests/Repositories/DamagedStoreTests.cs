using System.Text.Json.Nodes;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Repositories;

/// <summary>What a hand, a disk or a wrong clock has done to a store: commands mend it or say what to do, and make nothing worse.</summary>
public sealed class DamagedStoreTests : IClassFixture<DamagedStoreTests.Published>, IDisposable
{
    private readonly SnapshotStore _store;
    private readonly TemporaryFolder _elsewhere = new("elsewhere");

    public DamagedStoreTests(Published packages) => _store = new SnapshotStore(packages);

    [Fact]
    public void A_link_to_a_folder_elsewhere_is_never_followed()
    {
        _store.Create("one", "app=1");
        _store.Create("two", "app=2");
        _store.Promote("one", "dev");
        var archive = _store.Deb("snapshots/one", "app");
        var file = Path.Combine(_elsewhere, Path.GetFileName(archive));
        File.WriteAllText(file, "precious");

        Directory.CreateSymbolicLink(_store.At("public/channels/dev/pool/out"), _elsewhere);
        _store.InStore("drop", "two").Succeeded("drop");
        File.ReadAllText(file).Should().Be("precious");
        Path.Exists(_store.At("public/channels/dev/pool/out")).Should().BeFalse();

        Directory.CreateSymbolicLink(_store.At("public/snapshots/one/pool/out"), _elsewhere);
        Directory.CreateSymbolicLink(_store.At("public/snapshots/one/dists/fleet/out"), _elsewhere);
        _store.Promote("one", "test");
        Directory.GetFileSystemEntries(_store.At("public/channels/test"), "out", SearchOption.AllDirectories).Should().BeEmpty();

        File.AppendAllText(archive, "damage");
        _store.Create("again", "app=1");
        File.ReadAllText(file).Should().Be("precious");
    }

    [Theory]
    [InlineData("gpg.conf", "agent-program")]
    [InlineData("gpg.conf-2", "agent-program")]
    [InlineData("gpg-agent.conf", "pinentry-program")]
    public void What_lies_beside_the_key_of_a_store_makes_gpg_run_no_program(string name, string option)
    {
        _store.Create("one", "app=1");
        var program = Path.Combine(_elsewhere, "program");
        File.WriteAllText(program, $"#!/bin/sh\necho ran >>{_elsewhere}/ran\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(_store.At($"gnupg/{name}"), $"{option} {program}\n");
        foreach (
            string[] words in new string[][]
            {
                ["promote", "one", "--channel", "dev"],
                _store.Creation("--id", "two", _store.Desk.Manifest("app=2")),
            }
        )
        {
            var outcome = _store.InStore(words);
            outcome.ExitStatus.Should().Be(2, outcome.Text);
            outcome.Errors.Should().Contain(_store.At("gnupg")).And.Contain(name).And.Contain("remove");
        }

        // A store that nobody has finished is looked at in the same way.
        File.Move(_store.At("store.json"), Path.Combine(_elsewhere, "store.json"));
        _store.Run("init", _store.Location).ExitStatus.Should().Be(2);
        File.Move(Path.Combine(_elsewhere, "store.json"), _store.At("store.json"));
        File.Exists(Path.Combine(_elsewhere, "ran")).Should().BeFalse();
        File.Delete(_store.At($"gnupg/{name}"));
        _store.Promote("one", "dev");
    }

    [Fact]
    public void Links_beside_the_key_of_a_store_are_not_followed()
    {
        _store.Create("one", "app=1");
        File.Delete(_store.At("gnupg/trustdb.gpg"));
        File.CreateSymbolicLink(_store.At("gnupg/trustdb.gpg"), Path.Combine(_elsewhere, "made"));
        _store.InStore("promote", "one", "--channel", "dev").ExitStatus.Should().Be(2);
        File.Exists(Path.Combine(_elsewhere, "made")).Should().BeFalse();
        File.Delete(_store.At("gnupg/trustdb.gpg"));
        _store.Promote("one", "dev");
    }

    [Fact]
    public void A_channel_is_made_whole_where_it_stands()
    {
        _store.Create("one", "app=1");
        _store.Promote("one", "dev");
        _store.InStore("promote", "one", "--channel", "dev").Output.Should().Be("dev stands at one already.\n");
        foreach (
            var damage in new Action[]
            {
                () => File.AppendAllText(_store.At("public/channels/dev/dists/fleet/InRelease"), "x\n"),
                () => Directory.Delete(_store.At("public/channels/dev"), recursive: true),
                () => ReplaceByDamaged(_store.Deb("channels/dev", "app")),
                () => File.Delete(_store.At("public/channels/dev/dists/fleet/main/binary-amd64/Packages")),
            }
        )
        {
            damage();
            _store
                .InStore("promote", "one", "--channel", "dev")
                .Output.Should()
                .Be("dev stands at one already; it was not whole, and is again.\n");
            _store.ShouldBeWhole();
        }

        using var list = _store.Ask("list");
        list.RootElement.GetProperty("channels")[0].GetProperty("history").GetArrayLength().Should().Be(1, "it has gone nowhere");
    }

    [Fact]
    public void A_channel_is_not_made_whole_with_what_is_damaged_itself()
    {
        _store.Create("one", "app=1");
        _store.Create("two", "app=2");
        _store.Promote("one", "dev");
        _store.Promote("two", "dev");
        var good = _store.Deb("channels/dev", "base");
        ReplaceByDamaged(_store.Deb("snapshots/one", "base"));
        var before = SnapshotStore.Files(_store.At("public/channels/dev"));
        Refused("cannot move a channel to one", "is damaged; see du-apt repository verify one", "promote", "one", "--channel", "dev");
        SnapshotStore
            .Files(_store.At("public/channels/dev"))
            .Should()
            .Equal(before)
            .And.Contain(line => line.Contains(Path.GetFileName(good), StringComparison.Ordinal));

        File.AppendAllText(_store.Deb("snapshots/two", "app"), "the same file in the channel");
        Refused("cannot make the channel dev whole", "create the same once more", "promote", "two", "--channel", "dev");
    }

    [Fact]
    public void A_clock_that_is_behind_moves_no_channel_and_one_that_was_ahead_can_be_told_so()
    {
        _store.Create("one", "app=1");
        _store.Create("two", "app=2");
        _store.Promote("one", "dev");
        Edit("channels/dev.json", record => record["date"] = "2199-01-01T00:00:00+00:00");
        Refused("cannot move the channel dev", "set the clock right", "promote", "two", "--channel", "dev");
        Edit("channels/dev.json", record => record["date"] = null);
        _store.Promote("two", "dev");
        _store.ShouldBeWhole();
    }

    [Fact]
    public void What_anybody_who_writes_to_the_public_folder_says_of_dates_does_not_count()
    {
        _store.Create("one", "app=1");
        _store.Create("two", "app=2");
        _store.Promote("one", "dev");
        var release = _store.At("public/channels/dev/dists/fleet/Release");
        File.WriteAllText(release, "Date: Fri, 31 Dec 9999 23:59:59 UTC\n");
        _store.Promote("two", "dev");
        _store.ShouldBeWhole();
    }

    [Fact]
    public void An_id_never_comes_to_mean_other_packages()
    {
        _store.Create("one", "app=1");
        _store.InStore("drop", "one").Succeeded("drop");
        Refused("cannot use the id one again", "choose another --id", _store.Creation("--id", "one", _store.Desk.Manifest("app=2")));
        _store.Create("one", "app=1");
        _store.ShouldBeWhole();
    }

    [Fact]
    public void What_stands_beside_the_snapshots_and_damaged_records_keep_nobody_from_seeing_the_others()
    {
        _store.Create("one", "app=1");
        _store.Create("two", "app=2");
        _store.Promote("one", "dev");
        Directory.CreateDirectory(_store.At("public/snapshots/one.bak"));
        _store.InStore("list").Succeeded("list").Output.Should().NotContain("one.bak");
        Refused("one.bak is none of this repository", "take it away", _store.Creation("--id", "one.bak", _store.Desk.Manifest("app=1")));

        Edit("snapshots/two.json", record => record["packages"] = null);
        Edit("channels/dev.json", record => record["moves"] = new JsonArray());
        var list = _store.InStore("list");
        list.ExitStatus.Should().Be(1);
        list.Output.Should().StartWith("one ");
        list.Errors.Should().MatchRegex("cannot use .*/snapshots/two.json: .*\n.*cannot use .*/channels/dev.json: ");
    }

    [Fact]
    public void A_copy_that_lacks_what_was_empty_goes_on()
    {
        _store.Create("one", "app=1");
        foreach (var folder in new[] { "unfinished", "staging", "dropped", "aptly" })
            Directory.Delete(_store.At(folder), recursive: true);
        _store.Promote("one", "dev");
        _store.Create("two", "app=2");
        _store.Promote("two", "dev");
        _store.InStore("drop", "one", "--keep", "1").Succeeded("drop");
        _store.ShouldBeWhole();
    }

    [Fact]
    public void What_a_first_promotion_has_left_that_failed_goes_and_a_channel_without_a_record_stays()
    {
        _store.Create("one", "app=1");
        _store.Create("two", "app=2");
        _store.Promote("one", "dev");
        Directory.CreateDirectory(_store.At("public/channels/failed/pool/main"));
        File.Delete(_store.At("channels/dev.json"));
        var served = SnapshotStore.Files(_store.At("public/channels/dev"));
        _store.InStore("drop", "two").Succeeded("drop");
        Directory.Exists(_store.At("public/channels/failed")).Should().BeFalse();
        SnapshotStore.Files(_store.At("public/channels/dev")).Should().Equal(served);
        _store.Promote("one", "dev");
        _store.ShouldBeWhole();
    }

    [Fact]
    public void A_move_to_a_snapshot_that_is_gone_holds_up_nobody()
    {
        _store.Create("one", "app=1");
        File.WriteAllText(
            _store.At("unfinished/channel-dev.json"),
            """{"name":"dev","moves":[{"time":"2026-01-01T00:00:00Z","to":"gone"}]}"""
        );
        _store.Promote("one", "test");
        _store.InStore("list").Output.Should().NotContain("dev");
        _store.ShouldBeWhole();
    }

    [Fact]
    public void A_move_that_was_cut_off_among_its_indexes_is_finished_and_followed_by_the_next()
    {
        _store.Create("one", "app=1");
        _store.Create("two", "app=2");
        _store.Promote("one", "dev");
        foreach (
            var index in Directory.GetFiles(_store.At("public/snapshots/two/dists/fleet/main"), "Packages*", SearchOption.AllDirectories)
        )
            Command
                .Run("ln", ["--force", index, index.Replace("snapshots/two", "channels/dev", StringComparison.Ordinal)])
                .Succeeded("link");
        File.WriteAllText(
            _store.At("unfinished/channel-dev.json"),
            File.ReadAllText(_store.At("channels/dev.json")).Replace("\"one\"", "\"two\"", StringComparison.Ordinal)
        );
        _store.Promote("one", "dev");
        _store.ShouldBeWhole();
    }

    [Fact]
    public void A_snapshot_can_be_dropped_from_a_disk_without_room()
    {
        _store.Create("one", "app=1");
        _store.Create("two", "app=2");
        _store.Promote("one", "dev");
        _store.Promote("two", "dev");
        using var disk = SmallFileSystem.Around(_store.Location, mebibytes: 16);
        disk.LeaveKib(0);
        _store.InStore("drop", "one", "--keep", "1").Succeeded("drop");
        disk.Empty();
        _store.ShouldBeWhole();
    }

    public void Dispose()
    {
        _store.Dispose();
        _elsewhere.Dispose();
    }

    // Another file than that of the same name elsewhere in the store.
    private static void ReplaceByDamaged(string file)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 2] ^= 1;
        File.Delete(file);
        File.WriteAllBytes(file, bytes);
    }

    private void Edit(string file, Action<JsonNode> change)
    {
        var record = JsonNode.Parse(File.ReadAllText(_store.At(file)))!;
        change(record);
        File.WriteAllText(_store.At(file), record.ToJsonString());
    }

    private void Refused(string what, string remedy, params string[] words)
    {
        var refused = _store.InStore(words);
        refused.ExitStatus.Should().Be(2, refused.Text);
        refused.Errors.Should().Contain(what).And.Contain(remedy);
    }

    public sealed class Published()
        : PublishedPackages(repository =>
            repository.Package("app", "1", depends: "base").Package("app", "2", depends: "base").Package("base", "1")
        );
}
