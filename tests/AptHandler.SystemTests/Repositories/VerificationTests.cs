using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Repositories;

/// <summary>What verify makes of keys that are no longer good, and of what somebody has put into what is served.</summary>
public sealed class VerificationTests : IClassFixture<VerificationTests.Published>, IDisposable
{
    private readonly SnapshotStore _store;

    public VerificationTests(Published packages) => _store = new SnapshotStore(packages);

    private string Index => Path.Combine(_store.Dists("one"), "main/binary-amd64/Packages");

    [Fact]
    public void A_key_that_has_expired_is_found_and_with_more_time_it_is_served_anew()
    {
        using var keys = new Keys(_store);
        var key = keys.Generate("own@example.invalid", "--faked-system-time", "20200101T000000");
        keys.DuApt("init", keys.Store, "--gpg-key", key).Succeeded("init").Errors.Should().BeEmpty();
        keys.DuApt([.. _store.Creation("--id", "one", _store.Desk.Manifest("app")), "--store", keys.Store]).Succeeded("create");
        keys.DuApt("promote", "one", "--channel", "dev", "--store", keys.Store).Succeeded("promote");

        // What is served would be this, had the key had an end from the beginning.
        keys.Gpg("--faked-system-time", "20200102T000000", "--quick-set-expire", key, "20210101T000000");
        foreach (var file in new[] { "key.asc", "public/key.asc" })
            File.WriteAllText(Path.Combine(keys.Store, file), keys.Gpg("--armor", "--export", key));
        var expired = keys.DuApt("verify", "--store", keys.Store);
        expired.ExitStatus.Should().Be(1, expired.Text);
        expired
            .Output.Should()
            .Contain("snapshots/one: InRelease: the key ")
            .And.Contain("channels/dev: InRelease: the key ")
            .And.Contain("has expired")
            .And.Contain($"repository init {keys.Store}");
        expired.Output.Should().NotContain("take it away");

        keys.Gpg("--quick-set-expire", key, "2y");
        var renewed = keys.DuApt("init", keys.Store, "--gpg-key", key).Succeeded("init again");
        renewed.Output.Should().Contain("is a repository already").And.Contain("anew");
        renewed.Errors.Should().MatchRegex($"warning: the key {key} expires on [0-9]{{4}}-");
        keys.DuApt("verify", "--store", keys.Store).Text.Should().Be("All is well.\n");
    }

    [Fact]
    public void A_key_that_was_revoked_is_found()
    {
        using var keys = new Keys(_store);
        var key = keys.Generate("own@example.invalid");
        keys.DuApt("init", keys.Store, "--gpg-key", key).Succeeded("init");
        keys.DuApt([.. _store.Creation("--id", "one", _store.Desk.Manifest("app")), "--store", keys.Store]).Succeeded("create");
        var revocation = Path.Combine(keys.Folder, "openpgp-revocs.d", $"{key}.rev");
        File.WriteAllText(revocation, File.ReadAllText(revocation).Replace(":-----BEGIN", "-----BEGIN", StringComparison.Ordinal));
        keys.Gpg("--import", revocation);
        foreach (var file in new[] { "key.asc", "public/key.asc" })
            File.WriteAllText(Path.Combine(keys.Store, file), keys.Gpg("--armor", "--export", key));
        var revoked = keys.DuApt("verify", "--store", keys.Store);
        revoked.ExitStatus.Should().Be(1, revoked.Text);
        revoked.Output.Should().Contain($"the key {key} was revoked").And.Contain("make another repository");
    }

    [Fact]
    public void A_key_that_asks_for_a_passphrase_is_refused_before_anything_is_made()
    {
        using var keys = new Keys(_store);
        var key = keys.Generate("locked@example.invalid", "--passphrase", "secret");
        keys.EndAgent();
        var refused = keys.DuApt("init", keys.Store, "--gpg-key", key);
        refused.ExitStatus.Should().Be(2, refused.Text);
        refused.Errors.Should().Contain($"cannot sign with the key {key}").And.Contain($"--change-passphrase {key}");
        Directory.Exists(keys.Store).Should().BeFalse();
    }

    [Fact]
    public void A_repository_whose_record_names_another_key_is_found()
    {
        _store.Create("one", "app");
        var record = _store.At("store.json");
        using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllText(record));
        var key = json.RootElement.GetProperty("key").GetString()!;
        File.WriteAllText(record, File.ReadAllText(record).Replace(key, new string('A', key.Length), StringComparison.Ordinal));
        _store
            .Findings()
            .Should()
            .Contain(line =>
                line.StartsWith($"snapshots/one: InRelease: it is signed with {key}", StringComparison.Ordinal)
                && line.Contains("bring store.json", StringComparison.Ordinal)
            );
    }

    [Theory]
    [InlineData("InRelease", "snapshots/one: InRelease: it is not there; create the same once more")]
    [InlineData("index", "by-hash/SHA256/")]
    public void Where_what_names_archives_is_damaged_no_archive_is_to_be_removed(string damage, string finding)
    {
        _store.Create("one", "app");
        _store.Promote("one", "dev");
        if (damage == "InRelease")
            File.Delete(Path.Combine(_store.Dists("one"), damage));
        else
            Replaced(ByHash(), File.ReadAllText(Index).Replace("Filename: pool", "Filename: fool", StringComparison.Ordinal));
        _store
            .Findings()
            .Should()
            .Contain(line => line.Contains(finding, StringComparison.Ordinal))
            .And.NotContain(line =>
                line.Contains("take it away", StringComparison.Ordinal) || line.Contains("fool", StringComparison.Ordinal)
            );
    }

    [Theory]
    [InlineData("MD5Sum")]
    [InlineData("SHA512")]
    public void An_index_that_is_damaged_under_one_of_its_names_is_found(string hash)
    {
        _store.Create("one", "app");
        var file = Directory.GetFiles(Path.Combine(Path.GetDirectoryName(Index)!, "by-hash", hash)).First();
        var bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.Delete(file);
        File.WriteAllBytes(file, bytes);
        _store
            .Findings()
            .Should()
            .Contain(line =>
                line.Contains($"by-hash/{hash}/", StringComparison.Ordinal) && line.Contains("has another SHA256", StringComparison.Ordinal)
            );
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("pool/../../../../key.asc")]
    [InlineData("pool/a\\b")]
    [InlineData("pool/a\u0001b")]
    [InlineData("dists/fleet/Release")]
    public void A_name_that_leads_elsewhere_is_a_finding_and_is_not_followed(string name)
    {
        _store.Create("one", "app");
        _store.Create("two", "base");
        File.Delete(_store.Deb("snapshots/two", "base"));
        _store.ReplaceIndex(
            "one",
            index =>
                string.Join(
                    '\n',
                    index.Split('\n').Select(line => line.StartsWith("Filename: ", StringComparison.Ordinal) ? $"Filename: {name}" : line)
                )
        );
        _store
            .Findings()
            .Should()
            .Contain(line =>
                line.StartsWith("snapshots/one: an index names a file ", StringComparison.Ordinal)
                && line.Contains("cannot be one of the repository", StringComparison.Ordinal)
            )
            .And.NotContain(line => line.Contains("bytes and should have", StringComparison.Ordinal))
            .And.Contain(line => line.StartsWith("snapshots/two: pool/", StringComparison.Ordinal), "the others are looked at");
    }

    [Theory]
    [InlineData("public/snapshots/one/dists/fleet/InRelease")]
    [InlineData("public/snapshots/one/dists/fleet/Release")]
    [InlineData("public/snapshots/one/dists/fleet/Release.gpg")]
    [InlineData("public/channels/dev/dists/fleet/InRelease")]
    [InlineData("public/channels/dev/dists/fleet/Release")]
    [InlineData("public/key.asc")]
    [InlineData("by-hash")]
    public void A_pipe_in_the_place_of_a_file_keeps_nobody_waiting(string file)
    {
        _store.Create("one", "app");
        _store.Create("two", "base");
        _store.Promote("one", "dev");
        File.Delete(_store.Deb("snapshots/two", "base"));
        var path = file == "by-hash" ? ByHash() : _store.At(file);
        File.Delete(path);
        Command.Run("mkfifo", [path]).Succeeded("make a pipe");
        using var running = _store.Start("verify");
        running.CloseInput();
        var outcome = running.Wait();
        outcome.ExitStatus.Should().Be(1, outcome.Text);
        outcome.Output.Should().Contain(Path.GetFileName(path)).And.Contain("snapshots/two: pool/", "the others are looked at");
    }

    [Fact]
    public void It_ends_its_children_when_it_is_interrupted()
    {
        _store.Create("one", "app");
        var archive = _store.Deb("snapshots/one", "app");
        File.Delete(archive);
        const long Size = 1L << 40;
        using (var sparse = File.Create(archive))
            sparse.SetLength(Size);
        _store.ReplaceIndex(
            "one",
            index =>
                string.Join(
                    "\n\n",
                    index
                        .Split("\n\n")
                        .Select(each =>
                            !each.StartsWith("Package: app", StringComparison.Ordinal)
                                ? each
                                : string.Join(
                                    '\n',
                                    each.Split('\n')
                                        .Select(line => line.StartsWith("Size: ", StringComparison.Ordinal) ? $"Size: {Size}" : line)
                                )
                        )
                )
        );
        using var running = _store.Start("verify");
        running.CloseInput();
        string? child;
        while ((child = HashingChild(running.ProcessId)) is null && !running.HasEnded)
            Thread.Yield();
        running.Signal(RunningCommand.Interrupt);
        var outcome = running.Wait();
        outcome.ExitStatus.Should().Be(4, outcome.Text);
        Directory.Exists($"/proc/{child}").Should().BeFalse();
    }

    [Fact]
    public void A_Release_of_the_future_is_found()
    {
        _store.Create("one", "app");
        var release = File.ReadAllText(Path.Combine(_store.Dists("one"), "Release"));
        _store.Sign(
            "one",
            string.Join(
                '\n',
                release
                    .Split('\n')
                    .Select(line => line.StartsWith("Date: ", StringComparison.Ordinal) ? "Date: Fri, 1 Jan 2100 00:00:00 UTC" : line)
            ),
            _store.At("gnupg")
        );
        _store
            .Findings("one")
            .Should()
            .Contain(line =>
                line.Contains("it is of 2100-01-01 00:00:00Z", StringComparison.Ordinal)
                && line.Contains("set the clock", StringComparison.Ordinal)
            );
    }

    [Theory]
    [InlineData("index.html", "index.html: it is served")]
    [InlineData("snapshots/.x/y", "snapshots/.x: it is served")]
    [InlineData("snapshots/one/foo", "snapshots/one: foo: it is served")]
    [InlineData("snapshots/one/.foo", "snapshots/one: .foo: it is served")]
    [InlineData("snapshots/one/dists/evil/InRelease", "snapshots/one: dists/evil/InRelease: it is served")]
    [InlineData(
        "snapshots/one/dists/fleet/main/binary-amd64/by-hash/SHA256/00",
        "snapshots/one: dists/fleet/main/binary-amd64/by-hash/SHA256/00: it is served"
    )]
    [InlineData("channels/dev/pool/evil.deb", "channels/dev: pool/evil.deb: it is served")]
    [InlineData("channels/kk/pool/evil.deb", "channels/kk: pool/evil.deb: it is served")]
    public void What_is_served_and_none_of_the_repository_is_found(string file, string finding)
    {
        _store.Create("one", "app");
        _store.Create("two", "base");
        _store.Promote("one", "dev");
        _store.Promote("two", "dev");

        // What a promotion leaves that was killed at its beginning.
        var archive = _store.Deb("snapshots/one", "app");
        var left = archive.Replace("/snapshots/one/", "/channels/new/", StringComparison.Ordinal);
        Directory.CreateDirectory(Path.GetDirectoryName(left)!);
        File.Copy(archive, left);
        _store.ShouldBeWhole();
        var path = _store.At($"public/{file}");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "");
        _store
            .Findings()
            .Should()
            .HaveCount(2, "a line, and its end")
            .And.Contain(line =>
                line.StartsWith(finding, StringComparison.Ordinal) && line.EndsWith("take it away", StringComparison.Ordinal)
            );
    }

    public void Dispose() => _store.Dispose();

    private static string? HashingChild(int parent)
    {
        try
        {
            return Directory
                .GetDirectories($"/proc/{parent}/task")
                .SelectMany(thread => File.ReadAllText($"{thread}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .FirstOrDefault(child => File.ReadAllText($"/proc/{child}/cmdline").Contains("--check", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            // A thread or a child has ended meanwhile.
            return null;
        }
    }

    // Not the file that has the same bytes by another name.
    private static void Replaced(string file, string text)
    {
        File.Delete(file);
        File.WriteAllText(file, text);
    }

    private string ByHash() =>
        Directory
            .GetFiles(Path.Combine(Path.GetDirectoryName(Index)!, "by-hash/SHA256"))
            .Single(file => new FileInfo(file).Length == new FileInfo(Index).Length);

    private sealed class Keys : IDisposable
    {
        private readonly TemporaryFolder _folder = new("keys");
        private readonly Dictionary<string, string?> _environment;
        private readonly SnapshotStore _desk;

        public Keys(SnapshotStore desk)
        {
            _desk = desk;
            _environment = new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["GNUPGHOME"] = _folder,
                ["XDG_CACHE_HOME"] = desk.Desk.Root.Caches,
            };
        }

        public string Folder => _folder;

        public string Store => Path.Combine(_folder, "store");

        public Outcome DuApt(params string[] words) =>
            Command.Run(SourceTree.DuApt, ["--config", _desk.Desk.Root.Configuration, "repository", .. words], _environment);

        public string Gpg(params string[] words) =>
            Command.Run("gpg", ["--batch", "--quiet", "--no-tty", "--yes", .. words], _environment).Succeeded(words[0]).Output;

        public string Generate(string user, params string[] options)
        {
            Gpg([
                .. options.Contains("--passphrase") ? [] : new[] { "--passphrase", "" },
                .. options,
                "--quick-generate-key",
                user,
                "ed25519",
                "sign",
                "never",
            ]);
            return Gpg("--with-colons", "--list-keys")
                .Split('\n')
                .First(line => line.StartsWith("fpr:", StringComparison.Ordinal))
                .Split(':')[9];
        }

        public void EndAgent() => Command.Run("gpgconf", ["--kill", "gpg-agent"], _environment).Succeeded("end the agent");

        public void Dispose()
        {
            EndAgent();
            _folder.Dispose();
        }
    }

    public sealed class Published()
        : PublishedPackages(repository => repository.Package("app", "1", depends: "base (= 1)").Package("base", "1"));
}
