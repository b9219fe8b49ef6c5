using System.Text.RegularExpressions;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Authoring;

/// <summary>With what package lists a manifest is planned, and what that leaves behind: nothing but a folder for caches.</summary>
public sealed class DeskTests(DeskTests.Published packages) : AuthoringTests<DeskTests.Published>(packages)
{
    private const int Nobody = 65534;

    [Fact]
    public void Lists_of_other_sources_are_fetched_and_those_of_the_machine_stay_as_they_are()
    {
        Root.AptGet("update");
        using var other = new Repository();
        other.Package("app", "7", depends: "elsewhere").Package("elsewhere", "3").Index();
        var before = Snapshot();
        var outcome = Manifest("lock", Device.Manifest("app"), "--sources", SourcesOf(other.CopyUri, other.Keyring)).Succeeded("lock");
        Entries(outcome.Output).Should().Equal("elsewhere 3", "app 7");
        outcome.Errors.Should().BeEmpty("this is no terminal");
        Locked(Device.Manifest("app"), "--sources", OneLineOf(other.CopyUri, other.Keyring)).Should().Equal("elsewhere 3", "app 7");
        Locked(Device.Manifest("app")).Should().Equal("lib 2", "app 1");
        Snapshot().Should().Equal(before);
    }

    [Fact]
    public void The_next_time_lists_are_only_asked_for_and_not_fetched_again_unless_they_have_changed()
    {
        using var repository = new Repository();
        using var server = new HttpServer(repository.Package("app", "1").Index());
        var sources = SourcesOf(server.Uri, repository.Keyring);
        var manifest = Device.Manifest("app");
        Locked(manifest, "--sources", sources).Should().Equal("app 1");
        var cache = CacheFiles();

        var first = server.Exchanges.Count;
        Locked(manifest, "--sources", sources).Should().Equal("app 1");
        server.Exchanges.Skip(first).Should().OnlyContain(exchange => exchange.Status == 304);
        CacheFiles().Should().Equal(cache, "what apt has computed is used again");

        repository.Package("app", "2").Index();
        Locked(manifest, "--sources", sources).Should().Equal("app 2");
    }

    [Fact]
    public void Without_the_network_it_is_said_what_cannot_be_fetched_and_nothing_is_written()
    {
        using var repository = new Repository();
        using var server = new HttpServer(repository.Package("app", "1").Index());
        var sources = SourcesOf(server.Uri, repository.Keyring);
        var (manifest, output) = (Device.Manifest("app"), Root.At("out.json"));
        foreach (var isKnown in new[] { false, true })
        {
            server.Down();
            var outcome = Manifest("lock", manifest, "--sources", sources, "--output", output);
            outcome.ExitStatus.Should().Be(3, outcome.Text);
            outcome
                .Errors.Should()
                .Contain($"cannot fetch the package lists of {sources}")
                .And.Contain(server.Uri)
                .And.Contain("check the network");
            File.Exists(output).Should().BeFalse(isKnown ? "old lists are not taken for new ones" : "there are none");
            server.Up();
            sources = SourcesOf(server.Uri, repository.Keyring);
            Locked(manifest, "--sources", sources).Should().Equal("app 1");
        }
    }

    [Fact]
    public void Lists_that_nobody_trustworthy_has_signed_are_refused()
    {
        using var stranger = new Repository();
        stranger.Package("app", "1").Index();
        var outcome = Manifest("lock", Device.Manifest("app"), "--sources", SourcesOf(stranger.CopyUri, Packages.Repository.Keyring));
        outcome.ExitStatus.Should().Be(2, outcome.Text);
        outcome.Errors.Should().Contain("other.sources").And.Contain("NO_PUBKEY").And.Contain("Signed-By");
    }

    [Fact]
    public void No_program_is_run_that_a_file_of_sources_names_as_a_scheme()
    {
        var program = Write("program", $"#!/bin/sh\necho ran >>{Root.At("ran")}\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var scheme = $"../../../../../../..{program}";
        var mirrors = Write("mirrors", $"{scheme}:/x\n");
        foreach (
            var sources in new[]
            {
                Write("one.list", $"deb [trusted=yes] {scheme}:/x ./\n"),
                Write("one.sources", $"Types: deb\nURIs: {scheme}:/x\nSuites: ./\nTrusted: yes\n"),
                Write("mirror.list", $"deb [trusted=yes] mirror+file:{mirrors} ./\n"),
            }
        )
        {
            var outcome = Manifest("lint", Device.Manifest("app"), "--plan", "--sources", sources);
            outcome.ExitStatus.Should().Be(2, outcome.Text);
            outcome.Errors.Should().Contain(sources).And.Contain("line ").And.Contain("https, http, file and copy");
            File.Exists(Root.At("ran")).Should().BeFalse(sources);
        }
    }

    [Theory]
    [InlineData(1, "SHA256", "SHA512")]
    [InlineData(1, "SHA1", "SHA256", "SHA512")]
    [InlineData(1, "MD5sum", "SHA1", "SHA256", "SHA512")]
    [InlineData(0, "MD5sum", "SHA1", "SHA256")]
    [InlineData(0, "MD5sum", "SHA1", "SHA512")]
    public void What_apt_would_not_fetch_because_the_index_has_no_hash_that_it_trusts_is_an_error(int exitStatus, params string[] missing)
    {
        using var repository = new Repository();
        repository.Package("app", "1", depends: "lib").Package("lib", "2").Index().WithoutFields(missing);
        using var machine = PrivateRoot.Create(repository);
        machine.AptGet("update");
        var fetched = machine.TryAptGet("-y", "--download-only", "install", "app");
        fetched.ExitStatus.Should().Be(exitStatus == 0 ? 0 : 100, "that is what apt makes of it");
        machine.AptGet("clean");
        var manifest = Device.Manifest("app");
        foreach (var command in Planning(manifest))
        {
            var outcome = Root.DuApt([.. command, "--sources", SourcesOf(repository.CopyUri, repository.Keyring)]);
            outcome.ExitStatus.Should().Be(exitStatus, outcome.Text);
            if (exitStatus == 0)
                continue;
            outcome
                .Text.Should()
                .MatchRegex("apt does not fetch copy:.*/pool/(app_1|lib_2)_all.deb and 1 more: ")
                .And.Contain("the index of the source has no SHA-256 and no SHA-512 of it");
        }

        machine.DuApt("manifest", "lock", manifest).ExitStatus.Should().Be(exitStatus, "the machine's own lists are no better");
    }

    [Fact]
    public void A_password_in_the_file_of_sources_stays_its_owner_s()
    {
        var sources = SourcesOf(
            Packages.Server.Uri.Replace("http://", "http://me:s3cret@", StringComparison.Ordinal),
            Packages.Repository.Keyring
        );
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.SetUnixFileMode(sources, Owner);
        Locked(Device.Manifest("app"), "--sources", sources).Should().Equal("lib 2", "app 1");
        WithPassword().Should().NotBeEmpty().And.OnlyContain(file => File.GetUnixFileMode(file) == Owner);

        // As versions before have left it.
        foreach (var file in WithPassword())
            File.SetUnixFileMode(file, Owner | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        Locked(Device.Manifest("app"), "--sources", sources).Should().Equal("lib 2", "app 1");
        WithPassword().Should().NotBeEmpty().And.OnlyContain(file => File.GetUnixFileMode(file) == Owner);

        string[] WithPassword() =>
            Command.Run("grep", ["-r", "-l", "-a", "s3cret", Root.Caches]).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [Fact]
    public void Behind_a_proxy_lists_are_fetched_through_it()
    {
        // What apt.conf says counts before the environment, and that of these roots says that there is no proxy.
        Device.AptOption("#clear Acquire::http::Proxy;");

        // Nobody but the proxy knows this name.
        var sources = SourcesOf("http://packages.example.invalid/", Packages.Repository.Keyring);
        Lock(null).ExitStatus.Should().Be(3);
        using var proxy = new HttpServer(Packages.Repository);
        Entries(Lock(proxy.Uri).Succeeded("lock behind a proxy").Output).Should().Equal("lib 2", "app 1");
        proxy.Exchanges.Should().NotBeEmpty();

        var asked = proxy.Exchanges.Count;
        Lock(proxy.Uri, "packages.example.invalid").ExitStatus.Should().Be(3);
        proxy.Exchanges.Should().HaveCount(asked, "it is not for this host");

        Outcome Lock(string? httpProxy, string? noProxy = null)
        {
            var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["XDG_CACHE_HOME"] = Root.Caches,
                ["http_proxy"] = httpProxy,
                ["no_proxy"] = noProxy,
            };
            string[] words = ["--config", Root.Configuration, "manifest", "lock", Device.Manifest("app"), "--sources", sources];
            return Command.Run(SourceTree.DuApt, words, environment);
        }
    }

    [Fact]
    public void Sources_that_lie_in_the_cache_and_are_not_those_of_the_file_are_not_used()
    {
        using var stranger = new Repository();
        stranger.Package("app", "66").Index();
        var sources = SourcesOf(Packages.Repository.CopyUri, Packages.Repository.Keyring);
        Locked(Device.Manifest("app"), "--sources", sources).Should().Equal("lib 2", "app 1");
        var cached = Directory.GetFiles(Root.Caches, "sources.sources", SearchOption.AllDirectories).Should().ContainSingle().Which;
        Path.GetFileName(Path.GetDirectoryName(cached))
            .Should()
            .MatchRegex("^[0-9a-f]{64}$", "only a cryptographic hash tells one file of sources from all others");
        var (wanted, other) = (File.ReadAllText(sources), File.ReadAllText(SourcesOf(stranger.CopyUri, stranger.Keyring)));
        File.WriteAllText(cached, other);
        File.WriteAllText(sources, wanted);
        Locked(Device.Manifest("app"), "--sources", sources).Should().Equal("lib 2", "app 1");
    }

    [Fact]
    public void No_rights_are_needed()
    {
        Root.AptGet("update");
        Root.Install("lib=1");
        Command.Run("chmod", ["a+rX", Root.Location]).Succeeded("let others in");
        var program = Root.At("du-apt");
        File.Copy(SourceTree.DuApt, program);
        var home = Directory.CreateDirectory(Root.At("nobody")).FullName;
        Command.Run("chown", [$"{Nobody}", home]).Succeeded("give nobody a home");
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["HOME"] = home, ["XDG_CACHE_HOME"] = null };
        foreach (var options in new[] { [], new[] { "--sources", SourcesOf(Packages.Server.Uri, ReadableKeyring()) } })
        {
            var outcome = Command.Run(
                "setpriv",
                [
                    $"--reuid={Nobody}",
                    $"--regid={Nobody}",
                    "--clear-groups",
                    program,
                    "manifest",
                    "lock",
                    Device.Manifest("app"),
                    "--config",
                    Root.Configuration,
                    .. options,
                ],
                environment
            );
            Entries(outcome.Succeeded("lock as nobody").Output).Should().Equal("lib 2", "app 1");
        }

        Directory.Exists(Path.Combine(home, ".cache/du-apt")).Should().BeTrue();
    }

    [Fact]
    public void No_lock_is_taken_and_none_is_waited_for()
    {
        Root.AptGet("update");
        using var frontend = Root.HoldLock(AptLock.DpkgFrontend);
        using var dpkg = Root.HoldLock(AptLock.Dpkg);
        using var lists = Root.HoldLock(AptLock.Lists);
        using var archives = Root.HoldLock(AptLock.Archives);
        var sources = SourcesOf(Packages.Repository.CopyUri, Packages.Repository.Keyring);
        Locked(Device.Manifest("app"), "--sources", sources).Should().Equal("lib 2", "app 1");
        Locked(Device.Manifest("app")).Should().Equal("lib 2", "app 1");
    }

    [Fact]
    public void Two_at_once_do_not_disturb_each_other()
    {
        var sources = SourcesOf(Packages.Server.Uri, Packages.Repository.Keyring);
        var manifest = Device.Manifest("app");
        RunningCommand[] all = [.. Enumerable.Range(0, 6).Select(_ => Device.Start("manifest", "lock", manifest, "--sources", sources))];
        foreach (var running in all)
        {
            Entries(running.Wait().Succeeded("lock beside others").Output).Should().Equal("lib 2", "app 1");
            running.Dispose();
        }
    }

    [Theory]
    [InlineData(RunningCommand.Interrupt)]
    [InlineData(RunningCommand.Terminate)]
    public void Whoever_gives_up_waiting_for_the_network_leaves_nothing_running(int signal)
    {
        using var repository = new Repository();
        using var server = new HttpServer(repository.Package("app", "1").Index());
        server.Fail("*Packages*", Fault.Stall);
        var output = Root.At("out.json");
        using var running = Device.Start(
            "manifest",
            "lock",
            Device.Manifest("app"),
            "--output",
            output,
            "--sources",
            SourcesOf(server.Uri, repository.Keyring)
        );
        Wait.Until(() => server.Exchanges.Any(exchange => exchange.Path.Contains("Packages", StringComparison.Ordinal)));
        running.Signal(signal);
        var outcome = running.Wait();
        outcome.ExitStatus.Should().Be(4, outcome.Text);
        outcome.Errors.Should().Contain("cancelled");
        File.Exists(output).Should().BeFalse();
        // apt's own methods end when they see that apt-get has.
        Wait.Until(() => ProcessesWith(Root.Caches).Length == 0);
    }

    private static string ProcessesWith(string text)
    {
        var processes = Directory.GetDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]));
        return Command.Run("grep", ["-l", "-z", "-s", text, .. processes.Select(folder => $"{folder}/environ")]).Output;
    }

    [Fact]
    public void Hooks_of_the_machine_for_new_lists_are_not_run_for_those_of_others()
    {
        var trace = Root.At("hook");
        Device.AptOption(
            $"APT::Update::Pre-Invoke {{ \"touch {trace}\"; }}; APT::Update::Post-Invoke {{ \"touch {trace}\"; }}; "
                + $"APT::Update::Post-Invoke-Success {{ \"touch {trace}\"; }};"
        );
        Locked(Device.Manifest("app"), "--sources", SourcesOf(Packages.Repository.CopyUri, Packages.Repository.Keyring))
            .Should()
            .Equal("lib 2", "app 1");
        File.Exists(trace).Should().BeFalse();
    }

    [Theory]
    [InlineData("--sources", "missing.list")]
    [InlineData("--sources", "apt.conf")]
    [InlineData("--sources", "broken.list")]
    [InlineData("--sources", "")]
    [InlineData("--status", "missing")]
    [InlineData("--status", "apt.conf")]
    [InlineData("--status", "")]
    public void A_file_that_cannot_be_used_is_named(string option, string name)
    {
        File.WriteAllText(Root.At("broken.list"), "deb nonsense\n");
        var file = name.Length == 0 ? "" : Root.At(name);
        var outcome = Manifest("lock", Device.Manifest("app"), option, file);
        outcome.ExitStatus.Should().Be(2, outcome.Text);
        outcome.Errors.Should().MatchRegex($"cannot .*{Regex.Escape(file)}").And.NotContain("a fault in the handler");
    }

    [Fact]
    public void Where_nothing_can_be_kept_the_variable_is_named_that_says_where_it_can()
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["XDG_CACHE_HOME"] = "/proc/none" };
        var outcome = Command.Run(
            SourceTree.DuApt,
            ["manifest", "lock", Device.Manifest("app"), "--config", Root.Configuration],
            environment
        );
        outcome.ExitStatus.Should().Be(2);
        outcome.Errors.Should().Contain("/proc/none").And.Contain("XDG_CACHE_HOME");
    }

    private string ReadableKeyring()
    {
        var copy = Root.At("key.gpg");
        File.Copy(Packages.Repository.Keyring, copy, overwrite: true);
        return copy;
    }

    // Every file of the machine, with its content and with its times, but for what the test and the caches add.
    private string[] Snapshot() =>
        Command
            .Run(
                "find",
                [Root.Location, "-path", Root.At("home"), "-prune", "-o", "-path", Root.At("*/*"), "-printf", "%p %i %s %T@ %C@ %m %U\n"]
            )
            .Succeeded("look at the machine")
            .Output.Split('\n');

    private string[] CacheFiles() =>
        Command
            .Run("find", [Root.Caches, "-name", "*cache.bin", "-printf", "%p %i %T@\n"])
            .Succeeded("look at the cache")
            .Output.Split('\n');

    public sealed class Published()
        : PublishedPackages(repository =>
            repository
                .Package("app", "1", depends: "lib (>= 2)")
                .Package("lib", "1")
                .Package("lib", "2")
                .Package("other", "1")
                .Package("against-foreign", "1", fields: "Conflicts: foreign:i386")
                .Package("native", "1", architecture: "amd64")
                .Package("native", "2", architecture: "arm64")
                .Package("native", "3", depends: "lib", architecture: "armhf")
        );
}
