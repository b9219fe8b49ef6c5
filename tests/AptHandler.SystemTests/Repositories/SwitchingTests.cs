using System.Collections.Concurrent;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Repositories;

/// <summary>Devices that read a channel all the time, while it moves.</summary>
public sealed class SwitchingTests(SwitchingTests.Published packages) : IClassFixture<SwitchingTests.Published>, IDisposable
{
    private const int Moves = 50;
    private const int Devices = 2;

    private readonly SnapshotStore _store = new(packages);

    [Fact]
    public async Task No_update_and_no_download_fails_while_a_channel_moves_fifty_times()
    {
        string[] all = [.. Enumerable.Range(1, Published.Parts).Select(part => $"part{part}")];
        _store.Create("one", [.. all.Select(part => $"{part}=1")]);
        _store.Create("two", [.. all.Select(part => $"{part}=2")]);
        _store.Promote("one", "dev");
        using var server = new StoreServer(_store);
        using var ended = new CancellationTokenSource();
        var failures = new ConcurrentQueue<string>();
        var seen = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        var loops = 0;
        var readers = Enumerable
            .Range(0, Devices)
            .Select(_ =>
                Task.Run(() =>
                {
                    using var device = new FleetDevice(server.Uri, _store.At("public/key.asc"), packages);
                    device.Follow("channels/dev");
                    for (; !ended.IsCancellationRequested; Interlocked.Increment(ref loops))
                    {
                        Try(device.Root.TryAptGet("update", "--error-on=any"));
                        device.Root.AptGet("clean");
                        Try(device.Root.TryAptGet(["-y", "--download-only", "install", .. all]));
                        foreach (var archive in Directory.GetFiles(device.Root.At("var/cache/apt/archives"), "part1_*"))
                            seen[Path.GetFileName(archive)] = true;
                    }
                })
            )
            .ToArray();

        for (var move = 0; move < Moves; move++)
            _store.Promote(move % 2 == 0 ? "two" : "one", "dev");
        await ended.CancelAsync();
        await Task.WhenAll(readers);
        failures.Should().BeEmpty();
        loops.Should().BeGreaterThan(Devices);
        seen.Keys.Should().BeEquivalentTo(["part1_1_all.deb", "part1_2_all.deb"], "the devices have followed");
        _store.ShouldBeWhole();

        void Try(Outcome outcome)
        {
            if (outcome.ExitStatus != 0)
                failures.Enqueue(outcome.Text);
        }
    }

    public void Dispose() => _store.Dispose();

    public sealed class Published() : PublishedPackages(Add)
    {
        public const int Parts = 30;

        private static void Add(Repository repository)
        {
            for (var part = 1; part <= Parts; part++)
                repository.Package($"part{part}", "1").Package($"part{part}", "2");
        }
    }
}
