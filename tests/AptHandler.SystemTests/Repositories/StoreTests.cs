using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Repositories;

/// <summary>du-apt repository init: where a store is made, by which key it is signed, and who may change it.</summary>
public sealed class StoreTests(CreatePackages packages) : IClassFixture<CreatePackages>, IDisposable
{
    private readonly SnapshotStore _store = new(packages);

    private Device Desk => _store.Desk;

    [Fact]
    public void A_store_is_made_once_and_only_where_there_is_nothing_else()
    {
        var key = File.ReadAllText(_store.At("public/key.asc"));
        _store.Run("init", _store.Location).Succeeded("init again").Output.Should().Contain("is a repository already");
        File.ReadAllText(_store.At("public/key.asc")).Should().Be(key);

        var other = _store.Run("init", Desk.Root.Location);
        other.ExitStatus.Should().Be(2);
        other.Errors.Should().Contain("there are other files in it");
        var none = _store.Run("list", "--store", Desk.Root.Location);
        none.ExitStatus.Should().Be(2);
        none.Errors.Should().Contain("cannot find a repository").And.Contain("repository init");
        var both = _store.Run("init", _store.At("x"), "--gpg-key", "A", "--new-key");
        both.ExitStatus.Should().Be(2);
        var unknown = _store.Run("init", Desk.Root.At("new"), "--gpg-key", "nobody@nowhere.invalid");
        unknown.ExitStatus.Should().Be(2);
        unknown.Errors.Should().Contain("cannot find a secret key \"nobody@nowhere.invalid\"");
        Directory.Exists(Desk.Root.At("new")).Should().BeFalse();
        var tooLong = Desk.Root.At(new string('a', 80));
        _store.Run("init", tooLong).Errors.Should().Contain("choose a shorter path");
        Directory.Exists(tooLong).Should().BeFalse();
    }

    [Theory]
    [InlineData("lock", "gnupg/secret", "staging/work")]
    [InlineData("du-apt.lock", "notes")]
    [InlineData("public/index.html")]
    public void A_folder_of_somebody_else_is_left_as_it_is(params string[] files)
    {
        using var folder = new TemporaryFolder("foreign");
        foreach (var file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, file))!);
            File.WriteAllText(Path.Combine(folder, file), "theirs");
        }

        var before = SnapshotStore.Files(folder);
        var refused = _store.Run("init", folder);
        refused.ExitStatus.Should().Be(2);
        refused.Errors.Should().Contain("there are other files in it");
        SnapshotStore.Files(folder).Should().Equal(before);
    }

    [Fact]
    public void A_key_of_ones_own_signs_as_well()
    {
        using var folder = new TemporaryFolder("keys");
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["GNUPGHOME"] = folder,
            ["XDG_CACHE_HOME"] = Desk.Root.Caches,
        };
        Command
            .Run(
                "gpg",
                ["--batch", "--quiet", "--passphrase", "", "--quick-generate-key", "own@example.invalid", "ed25519", "sign", "never"],
                environment
            )
            .Succeeded("make a key");
        var store = Path.Combine(folder, "store");

        // What one that was killed has left, which made a key.
        Directory.CreateDirectory(Path.Combine(store, "gnupg"));
        File.WriteAllText(Path.Combine(store, "du-apt.lock"), "");
        Run("init", store, "--gpg-key", "own@example.invalid").Succeeded("init");
        Run([.. _store.Creation(Desk.Manifest("tool")), "--store", store]).Succeeded("create");
        Run("verify", "--store", store).Text.Should().Be("All is well.\n");

        Outcome Run(params string[] words) =>
            Command.Run(SourceTree.DuApt, ["--config", Desk.Root.Configuration, "repository", .. words], environment);
    }

    [Fact]
    public void Only_a_key_that_is_named_exactly_and_can_sign_is_taken()
    {
        using var folder = new TemporaryFolder("keys");
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["GNUPGHOME"] = folder };
        Generate("One <one@example.invalid>", "sign", "never");
        Generate("Two <one@example.invalid>", "sign", "never");
        Generate("certifies@example.invalid", "cert", "never");
        Generate("expired@example.invalid", "sign", "20200102T000000", "--faked-system-time", "20200101T000000");
        foreach (
            var (key, why) in new[]
            {
                ("", "cannot find a secret key"),
                ("example", "cannot find a secret key"),
                ("one@", "cannot find a secret key"),
                ("one@example.invalid", "cannot choose a key"),
                ("certifies@example.invalid", "cannot sign with the key"),
                ("expired@example.invalid", "cannot sign with the key"),
            }
        )
        {
            var refused = Init(key);
            refused.ExitStatus.Should().Be(2, key);
            refused.Errors.Should().Contain(why);
        }

        Init("Two <one@example.invalid>").Succeeded("init");

        Outcome Init(string key) =>
            Command.Run(
                SourceTree.DuApt,
                ["--config", Desk.Root.Configuration, "repository", "init", Path.Combine(folder, "store"), "--gpg-key", key],
                environment
            );

        void Generate(string user, string usage, string end, params string[] options) =>
            Command
                .Run(
                    "gpg",
                    [.. options, "--batch", "--quiet", "--passphrase", "", "--quick-generate-key", user, "ed25519", usage, end],
                    environment
                )
                .Succeeded("make a key");
    }

    [Fact]
    public void One_at_a_time_changes_a_store_and_the_next_one_is_told_to_try_later()
    {
        Desk.Configure("lockTimeoutSeconds", 0);
        using var holder = new RunningCommand("flock", [_store.At("du-apt.lock"), "sh", "-c", "echo held; cat"]);
        holder.WaitForText("held");
        var busy = _store.InStore(_store.Creation(Desk.Manifest("tool")));
        busy.ExitStatus.Should().Be(3);
        busy.Errors.Should().Contain("another du-apt is using it").And.Contain("try again");
        _store.InStore("list").Succeeded("look in").Output.Should().Be("There are no snapshots yet.\n");
        holder.CloseInput();
        holder.Wait();
        _store.Create("one", "tool");
    }

    public void Dispose() => _store.Dispose();
}
