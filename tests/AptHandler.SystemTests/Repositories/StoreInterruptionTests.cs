using System.Diagnostics;
using System.Text.Json;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Repositories;

/// <summary>
/// Creations and promotions that are killed, or run out of room: what is public is whole all the time, and the next one completes.
/// </summary>
public sealed class StoreInterruptionTests : IClassFixture<StoreInterruptionTests.Published>, IDisposable
{
    // Of each of the two.
    private const int Points = 30;

    private readonly Published _packages;
    private readonly SnapshotStore _store;

    public StoreInterruptionTests(Published packages)
    {
        _packages = packages;
        _store = new SnapshotStore(packages);
        _store.Create("one", "app=1");
    }

    [Fact]
    public void A_creation_that_is_killed_at_any_time_leaves_nothing_public_that_is_not_whole()
    {
        var manifests = new[] { _store.Desk.Manifest("app=2"), _store.Desk.Manifest("app=2", "more"), _store.Desk.Manifest("more") };
        var whole = Stopwatch.StartNew();
        _store.Create("measured", "app=2");
        var time = whole.Elapsed;
        _store.InStore("drop", "measured").Succeeded("drop");

        for (var point = 0; point < Points; point++)
        {
            // The one that comes next begins where this one ended, and is killed as well.
            var id = $"killed{point}";
            var words = _store.Creation("--id", id, manifests[point % manifests.Length]);
            Kill(words, time * (point + 1) / Points, isWithChildren: point % 2 == 0);
            _store.ShouldBeWhole();
            if (point % 6 != 5)
                continue;
            _store.InStore(words).Succeeded("complete the creation");
            ShouldBeSettled();
        }

        _store.Create("last", "app=2");
        ShouldBeSettled();
        foreach (var id in Snapshots().Where(each => each != "last"))
            _store.InStore("drop", id).Succeeded($"drop {id}");
        _store.ShouldBeWhole();
        Directory
            .GetFiles(_store.At("aptly/pool"), "*.deb", SearchOption.AllDirectories)
            .Should()
            .HaveCount(2, "nothing is left of what was killed");
    }

    [Fact]
    public void A_creation_that_is_interrupted_says_so_and_publishes_nothing()
    {
        var words = _store.Creation("--id", "two", _store.Desk.Manifest("app=2", "more"));
        var before = _store.Public;
        using var running = _store.Start(words);
        running.CloseInput();
        while (!File.Exists(_store.At("unfinished/snapshot-two")) && !running.HasEnded)
            Thread.Yield();
        running.Signal(RunningCommand.Interrupt);
        var outcome = running.Wait();
        outcome.ExitStatus.Should().Be(4, outcome.Text);
        outcome.Errors.Should().Contain("cancelled");
        _store.Public.Should().Equal(before);
        _store.InStore(words).Succeeded("create");
        ShouldBeSettled();
    }

    [Fact]
    public void A_promotion_that_is_killed_at_any_time_leaves_readers_one_tree_or_the_other()
    {
        _store.Create("two", "app=2", "more");
        using var server = new StoreServer(_store);
        using var device = new FleetDevice(server.Uri, _store.At("public/key.asc"), _packages);

        // Several in turn: two moves of one within a second wait for the next one.
        var channels = new[] { "dev", "test", "prod", "lab", "field" };
        foreach (var channel in channels)
            _store.Promote("one", channel);
        Thread.Sleep(1000);
        var whole = Stopwatch.StartNew();
        _store.Promote("two", channels[0]);
        var time = whole.Elapsed;

        for (var point = 0; point < Points; point++)
        {
            var channel = channels[point % channels.Length];
            Kill(
                ["promote", Goal(channel) == "one" ? "two" : "one", "--channel", channel],
                time * (point + 1) / Points,
                isWithChildren: point % 2 == 0
            );
            _store.ShouldBeWhole();
            device.Follow($"channels/{channel}");
            device.Root.AptGet("update", "--error-on=any");
            device.Root.AptGet("clean");
            device.Root.AptGet("-y", "--download-only", "install", "app").Text.Should().MatchRegex("app all [12] ");
        }

        foreach (var channel in channels)
        {
            _store.Promote("one", channel);
            _store.Promote("two", channel);
        }

        ShouldBeSettled();
    }

    [Fact]
    public void Where_there_is_no_room_nothing_public_changes_and_with_room_it_goes_on()
    {
        _store.Promote("one", "dev");
        var words = _store.Creation("--id", "two", _store.Desk.Manifest("app=2", "more"));
        using var disk = SmallFileSystem.Around(_store.Location, mebibytes: 16);
        var before = _store.Public;
        foreach (var free in new[] { 0, 8, 40, 80, 120, 200, 260, 320 })
        {
            disk.LeaveKib(free);
            var full = _store.InStore(words);
            full.ExitStatus.Should().Be(1, $"{free} KiB: {full.Text}");
            full.Errors.Should().MatchRegex("is full|[Nn]o space left|file descriptor|not enough").And.Contain(_store.Location);
            _store.Public.Should().Equal(before);
            disk.Empty();
            _store.ShouldBeWhole();
        }

        _store.InStore(words).Succeeded("create");
        before = _store.Public;
        disk.LeaveKib(0);
        _store.InStore("promote", "two", "--channel", "dev").ExitStatus.Should().Be(1);
        Unchanged(before);
        disk.Empty();
        _store.ShouldBeWhole();
        _store.Promote("two", "dev");
        ShouldBeSettled();
    }

    public void Dispose() => _store.Dispose();

    // Names that were only added are not seen by any reader.
    private void Unchanged(IReadOnlyList<string> before) => _store.Public.Should().Contain(before);

    private void Kill(string[] words, TimeSpan after, bool isWithChildren)
    {
        using var running = _store.Start(words);
        running.CloseInput();
        if (after > TimeSpan.Zero)
            Thread.Sleep(after);
        if (isWithChildren)
            running.KillTree();
        else
            running.Signal(RunningCommand.Kill);
        running.Wait();
    }

    // Where a channel stands, or will stand as soon as somebody finishes its move: to promote that would do nothing.
    private string Goal(string channel)
    {
        var coming = _store.At($"unfinished/channel-{channel}.json");
        using var record = JsonDocument.Parse(File.ReadAllText(File.Exists(coming) ? coming : _store.At($"channels/{channel}.json")));
        return record.RootElement.GetProperty("moves").EnumerateArray().Last().GetProperty("to").GetString()!;
    }

    private IEnumerable<string> Snapshots() => Directory.GetDirectories(_store.At("public/snapshots")).Select(Path.GetFileName)!;

    private void ShouldBeSettled()
    {
        _store.ShouldBeWhole();
        Directory.EnumerateFileSystemEntries(_store.At("unfinished")).Should().BeEmpty();
        Directory.EnumerateFileSystemEntries(_store.At("staging")).Should().BeEmpty();
        var records = Directory
            .GetFiles(_store.At("snapshots"), "*.json")
            .Select(Path.GetFileNameWithoutExtension)
            .Order(StringComparer.Ordinal);
        records.Should().Equal(Snapshots().Order(StringComparer.Ordinal));
        var aptly = Command
            .Run("aptly", [$"-config={_store.At("aptly/aptly.conf")}", "snapshot", "list", "-raw"])
            .Succeeded("list snapshots");
        aptly
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Order(StringComparer.Ordinal)
            .Should()
            .Equal(Snapshots().Order(StringComparer.Ordinal));
        Command.Run("aptly", [$"-config={_store.At("aptly/aptly.conf")}", "publish", "list", "-raw"]).Output.Should().BeEmpty();
        Command.Run("aptly", [$"-config={_store.At("aptly/aptly.conf")}", "repo", "list", "-raw"]).Output.Should().BeEmpty();
    }

    public sealed class Published()
        : PublishedPackages(repository =>
            repository
                .Package("app", "1", depends: "base (= 1)")
                .Package("app", "2", depends: "base (= 2)")
                .Package("base", "1")
                .Package("base", "2", sizeKib: 100)
                .Package("more", "1", sizeKib: 100)
        );
}
