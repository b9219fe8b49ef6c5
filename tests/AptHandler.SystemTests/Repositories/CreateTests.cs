using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Repositories;

/// <summary>du-apt repository create: what becomes a snapshot, and what does not.</summary>
public sealed class CreateTests(CreateTests.Published packages) : IClassFixture<CreateTests.Published>, IDisposable
{
    private readonly SnapshotStore _store = new(packages);

    private Device Desk => _store.Desk;

    [Fact]
    public void A_snapshot_is_all_that_the_manifest_needs_and_nothing_else()
    {
        var manifest = Desk.Manifest("app=1:1.0+x", "old-");
        var made = _store.InStore(_store.Creation(manifest)).Succeeded("create");
        var id = made.Output.Split(' ')[0];
        id.Should().MatchRegex("^[0-9a-f]{16}$");
        made.Output.Should()
            .StartWith($"{id} published: 3 packages")
            .And.Contain($"URIs: https://packages.example.org/snapshots/{id}\n")
            .And.Contain("Check-Valid-Until: no\n");
        made.Output.Should().MatchRegex($@"app:amd64 +1:1\.0\+x +\d+ kB +{packages.Server.Uri}pool/app_1_1\.0%2bx_amd64\.deb");
        _store.Packages(id).Should().Equal("app 1:1.0+x amd64", "core 1 all", "liba 2 all");
        _store.ShouldBeWhole();

        foreach (var package in new[] { "app", "core", "liba" })
            File.ReadAllBytes(_store.Deb($"snapshots/{id}", package)).Should().Equal(File.ReadAllBytes(packages.Deb(package)));
        Directory.EnumerateFileSystemEntries(_store.At("staging")).Should().BeEmpty();
        Directory.EnumerateFileSystemEntries(_store.At("unfinished")).Should().BeEmpty();
        File.GetUnixFileMode(_store.At("gnupg")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public void The_source_that_is_printed_is_two_files_that_every_apt_takes()
    {
        _store.Create("one", "tool");
        using var server = new StoreServer(_store);
        var shown = _store.InStore("show", "one", "--url", server.Uri).Succeeded("show").Output;
        var (source, key) = (
            shown.IndexOf("\n# /etc/apt/sources.list.d/fleet.sources\n", StringComparison.Ordinal),
            shown.IndexOf("\n# /etc/apt/keyrings/fleet.asc\n", StringComparison.Ordinal)
        );
        (source, key).Should().Match<(int Source, int Key)>(at => 0 < at.Source && at.Source < at.Key);
        var stanza = shown[source..key];
        stanza
            .Should()
            .Contain("\nSigned-By: /etc/apt/keyrings/fleet.asc\n")
            .And.NotContain("BEGIN PGP", "apt before 2.3.10 refuses all sources then")
            .And.NotContain("example.org");

        using var root = PrivateRoot.Create(packages.Repository, packages.Server);
        var keyring = root.At("etc/apt/keyrings/fleet.asc");
        Directory.CreateDirectory(Path.GetDirectoryName(keyring)!);
        File.WriteAllText(keyring, shown[key..]);
        File.WriteAllText(
            root.At("etc/apt/sources.list.d/private.sources"),
            stanza.Replace("/etc/apt/keyrings/fleet.asc", keyring, StringComparison.Ordinal)
        );
        root.AptGet("update", "--error-on=any");
        root.Install("tool");
        root.Installed("tool").Should().Be("1");
    }

    [Fact]
    public void An_address_that_nobody_has_given_is_marked_as_one_to_be_replaced()
    {
        using var made = _store.Ask(_store.Creation("--id", "one", Desk.Manifest("tool")));
        Member("sources")
            .Should()
            .StartWith("# Replace https://packages.example.org with the address of the folder public: no --url was given.\n");
        Member("keyFile").Should().Be("/etc/apt/keyrings/fleet.asc");
        Member("signingKey").Should().Be(File.ReadAllText(_store.At("key.asc")));
        _store.InStore("show", "one").Succeeded("show").Output.Should().Contain("# Replace https://packages.example.org");

        string Member(string name) => made.RootElement.GetProperty(name).GetString()!;
    }

    [Fact]
    public void The_same_content_is_the_same_snapshot_and_nothing_is_done_for_it()
    {
        using var first = _store.Ask(_store.Creation(Desk.NamedManifest("one", "1", "app=1:1.0+x", "tool")));
        var before = _store.Public;
        using var second = _store.Ask(_store.Creation(Desk.NamedManifest("two", "2", "tool=1", "app=1:1.0+x", "liba")));
        (first.RootElement.GetProperty("isNew").GetBoolean(), second.RootElement.GetProperty("isNew").GetBoolean())
            .Should()
            .Be((true, false));
        second.RootElement.GetProperty("id").GetString().Should().Be(first.RootElement.GetProperty("id").GetString());
        _store.Public.Should().Equal(before);

        using var other = _store.Ask(_store.Creation(Desk.Manifest("app=1:1.0+x")));
        other.RootElement.GetProperty("id").GetString().Should().NotBe(first.RootElement.GetProperty("id").GetString());
    }

    [Fact]
    public void A_snapshot_is_never_changed()
    {
        _store.Create("one", "tool");
        var before = _store.Public;
        var refused = _store.InStore(_store.Creation("--id", "one", Desk.Manifest("liba")));
        (refused.ExitStatus, refused.Output).Should().Be((2, ""));
        refused.Errors.Should().Contain("cannot change the snapshot one").And.Contain("--id");
        Archives().Should().NotContain("liba_2_all.deb", "nothing is fetched for what is refused");
        _store
            .InStore(_store.Creation("--id", "one", Desk.Manifest("tool")))
            .Succeeded("the same once more")
            .Output.Should()
            .Contain("one is there already");
        _store.Public.Should().Equal(before);
    }

    [Fact]
    public void Several_manifests_are_one_snapshot_where_they_are_possible_together()
    {
        var app = Desk.NamedManifest("app", "1", "app=1:1.0+x", "old-");
        _store.InStore(_store.Creation("--id", "both", app, Desk.NamedManifest("tools", "1", "tool", "app"))).Succeeded("create");
        _store.Packages("both").Should().Equal("app 1:1.0+x amd64", "core 1 all", "liba 2 all", "tool 1 all");

        var otherVersion = _store.InStore(_store.Creation(app, Desk.NamedManifest("tools", "2", "app=1:2.0")));
        otherVersion.ExitStatus.Should().Be(2);
        otherVersion.Errors.Should().Contain("cannot put app and tools into one snapshot").And.Contain("1:1.0+x").And.Contain("1:2.0");
        var removed = _store.InStore(_store.Creation(app, Desk.NamedManifest("tools", "3", "old")));
        removed.Errors.Should().Contain("its removal").And.Contain("the newest version");
        var conflict = _store.InStore(_store.Creation(app, Desk.NamedManifest("tools", "4", "enemy")));
        conflict.ExitStatus.Should().Be(1);
        conflict.Errors.Should().Contain("enemy");
        _store.Ask("list").RootElement.GetProperty("snapshots").GetArrayLength().Should().Be(1);
    }

    [Fact]
    public void Only_what_is_missing_is_fetched()
    {
        _store.Create("one", "app=1:1.0+x");
        var first = packages.Server.Exchanges.Count;
        _store.Create("two", "app=1:1.0+x", "tool");
        packages
            .Server.Exchanges.Skip(first)
            .Select(each => each.Path)
            .Where(path => path.EndsWith(".deb", StringComparison.Ordinal))
            .Should()
            .Equal("/pool/tool_1_all.deb");
    }

    [Fact]
    public void An_archive_that_was_spoilt_in_the_cache_is_fetched_again()
    {
        _store.Create("one", "tool");
        var cached = Directory.GetFiles(Desk.Root.Caches, "tool_1_all.deb", SearchOption.AllDirectories).Single();
        File.Delete(cached);
        File.WriteAllBytes(cached, new byte[new FileInfo(packages.Deb("tool")).Length]);
        _store.Create("two", "tool", "core");
        _store.ShouldBeWhole();
    }

    [Fact]
    public void What_is_written_to_the_cache_does_not_reach_the_store()
    {
        _store.Create("one", "tool");
        foreach (var cached in Directory.GetFiles(Desk.Root.Caches, "tool_1_all.deb", SearchOption.AllDirectories))
            File.AppendAllText(cached, "x");
        _store.ShouldBeWhole();
    }

    [Fact]
    public void The_password_of_a_source_is_told_to_nobody()
    {
        _store.WriteSources(
            packages.Server.Uri.Replace("http://", "http://me:s3cret@", StringComparison.Ordinal),
            packages.Repository.Keyring
        );
        var made = _store.InStore(_store.Creation("--id", "one", Desk.Manifest("tool"))).Succeeded("create");
        made.Text.Should().NotContain("s3cret").And.Contain($"{packages.Server.Uri}pool/tool_1_all.deb");
        File.ReadAllText(_store.At("snapshots/one.json")).Should().NotContain("s3cret");
    }

    [Fact]
    public void A_source_that_changes_while_it_is_read_is_read_again()
    {
        using var server = new HttpServer(packages.Repository);
        _store.WriteSources(server.Uri, packages.Repository.Keyring);
        server.Fail("/pool/tool_*", Fault.WrongBytes, times: 1);
        _store.Create("one", "tool");
        _store.ShouldBeWhole();

        server.Fail("/pool/liba_*", Fault.WrongBytes);
        var refused = _store.InStore(_store.Creation("--id", "two", Desk.Manifest("liba")));
        refused.ExitStatus.Should().Be(3);
        refused.Errors.Should().Contain("liba_2_all.deb").And.Contain("Hash Sum mismatch");
        Directory.Exists(_store.At("public/snapshots/two")).Should().BeFalse();
    }

    [Fact]
    public void A_source_that_lies_on_this_machine_keeps_its_files_for_itself()
    {
        _store.WriteSources($"file:{packages.Repository.Location}", packages.Repository.Keyring);
        _store.Create("one", "tool");
        Command.Run("stat", ["-c", "%h", packages.Deb("tool")]).Output.Should().Be("1\n");
        File.ReadAllBytes(_store.Deb("snapshots/one", "tool")).Should().Equal(File.ReadAllBytes(packages.Deb("tool")));
    }

    [Fact]
    public void Other_architectures_have_packages_of_their_own()
    {
        var sources = SourcesForAllArchitectures();
        var manifest = Desk.Manifest("foreign", "app=1:2.0");
        _store.InStore("create", manifest, "--id", "both", "--sources", sources, "--architectures", "amd64,arm64").Succeeded("create");
        _store.Packages("both").Should().Equal("app 1:2.0 amd64", "app 1:2.0 arm64", "foreign 1 amd64", "foreign 2 arm64");
        _store.ShouldBeWhole();

        var written = Desk.Root.At("locked.json");
        _store
            .InStore(
                "create",
                Desk.Manifest("foreign"),
                "--sources",
                sources,
                "--architectures",
                "arm64",
                "--write-manifest",
                written,
                "--url",
                "http://here"
            )
            .Succeeded("create");
        File.ReadAllText(written).Should().Contain("{ \"name\": \"foreign\", \"version\": \"2\" }");
        ForgetArchives();
        var different = _store.InStore(
            "create",
            manifest,
            "--sources",
            sources,
            "--architectures",
            "amd64,arm64",
            "--write-manifest",
            written,
            "--url",
            "http://here"
        );
        Archives().Should().BeEmpty("nothing is fetched for what is refused");
        different.ExitStatus.Should().Be(2);
        different.Errors.Should().Contain("cannot write one manifest for amd64 and arm64");

        var ofThisMachine = _store.InStore("create", manifest, "--architectures", "arm64");
        ofThisMachine.ExitStatus.Should().Be(2);
        ofThisMachine.Errors.Should().Contain("--sources");
    }

    [Theory]
    [InlineData("viewer", "data 1.0 and data 2.0")]
    [InlineData("reader", "text 2.0 and text 1.0")]
    public void What_one_architecture_needs_in_another_version_than_the_other_one_is_not_put_before_both(string package, string versions)
    {
        var refused = _store.InStore(
            "create",
            Desk.Manifest(package),
            "--sources",
            SourcesForAllArchitectures(),
            "--architectures",
            "amd64,arm64"
        );
        refused.ExitStatus.Should().Be(2);
        refused.Errors.Should().Contain($"cannot put {versions} into one snapshot").And.Contain("make a snapshot for each architecture");
        Archives().Should().BeEmpty("nothing is fetched for what is refused");
        _store.Ask("list").RootElement.GetProperty("snapshots").GetArrayLength().Should().Be(0);
    }

    [Fact]
    public void Manifests_that_name_the_machines_architecture_or_leave_it_out_mean_the_same_package()
    {
        var refused = _store.InStore(
            _store.Creation(Desk.NamedManifest("one", "1", "app=1:1.0+x"), Desk.NamedManifest("two", "1", "app:amd64=1:2.0"))
        );
        refused.ExitStatus.Should().Be(2);
        refused.Errors.Should().Contain("cannot put one and two into one snapshot: of app:amd64 the one wants 1:1.0+x, the other 1:2.0");
    }

    [Fact]
    public void Sources_of_a_manifest_do_not_count_and_that_is_told()
    {
        _store
            .InStore(
                _store.Creation(
                    ManifestWith(
                        """{ "other": { "uris": ["https://packages.example.org"], "suites": ["./"], "keyring": "/usr/share/keyrings/other.gpg" } }"""
                    )
                )
            )
            .Succeeded("create")
            .Errors.Should()
            .Contain("warning: the sources of edge do not count here")
            .And.Contain("--sources");
        _store.InStore(_store.Creation(ManifestWith("""{ "other": null }"""))).Succeeded("create").Errors.Should().BeEmpty();

        string ManifestWith(string sources)
        {
            var file = Desk.Root.At("with-sources.json");
            File.WriteAllText(file, $$"""{ "name": "edge", "version": "1", "packages": [ { "name": "tool" } ], "sources": {{sources}} }""");
            return file;
        }
    }

    [Fact]
    public void What_devices_have_already_is_not_in_their_snapshot()
    {
        using var device = new Device(packages.Repository, packages.Server);
        device.Root.Install("core", "liba", "old");
        var status = device.Root.At("var/lib/dpkg/status");
        var manifest = Desk.Manifest("app=1:1.0+x", "old-");
        using var made = _store.Ask(_store.Creation("--id", "change", "--status", status, manifest));
        SnapshotStore.PackagesIn(made).Should().Equal("app 1:1.0+x amd64");
        made.RootElement.GetProperty("assumed")
            .EnumerateArray()
            .Select(each => each.GetString())
            .Should()
            .Equal("app 1:1.0+x (amd64) needs liba (>= 2)");
        _store.ShouldBeWhole();

        device.Root.Install("app=1:1.0+x", "old-");
        var nothing = _store.InStore(_store.Creation("--status", status, manifest));
        nothing.ExitStatus.Should().Be(2);
        nothing.Errors.Should().Contain("cannot make a snapshot without packages");
    }

    [Fact]
    public void A_status_file_of_another_architecture_than_those_that_are_asked_for_is_refused()
    {
        // The dpkg of the device is not the first package of its architecture.
        const string Rest = "\nStatus: install ok installed\nArchitecture: arm64\nVersion: 2.6\n\n";
        var status = Desk.Root.WriteManifest($"Package: apt{Rest}Package: dpkg{Rest}", "status");
        string[] creation =
        [
            "create",
            Desk.Manifest("foreign"),
            "--status",
            status,
            "--sources",
            SourcesForAllArchitectures(),
            "--architectures",
        ];
        var refused = _store.InStore([.. creation, "amd64"]);
        (refused.ExitStatus, refused.Output).Should().Be((2, ""));
        refused.Errors.Should().Contain($"cannot plan for amd64 with {status}: it is from a machine of architecture arm64");
        _store.InStore([.. creation, "arm64", "--id", "arm"]).Succeeded("create");
        _store.Packages("arm").Should().Equal("foreign 2 arm64");
    }

    [Fact]
    public void A_source_that_tells_the_SHA_512_alone_is_as_good_as_others()
    {
        using var repository = new Repository();
        repository.Package("tool", "7", depends: "part").Package("part", "3").Index().WithoutFields("MD5sum", "SHA1", "SHA256");
        _store.WriteSources(repository.CopyUri, repository.Keyring);
        _store.Create("one", "tool");
        _store.Packages("one").Should().Equal("part 3 all", "tool 7 all");
        _store.ShouldBeWhole();
        File.ReadAllBytes(_store.Deb("snapshots/one", "tool")).Should().Equal(File.ReadAllBytes(repository.Deb("tool", "7")));

        // What was fetched is compared with that hash, too.
        foreach (var cached in Directory.GetFiles(Desk.Root.Caches, "part_3_all.deb", SearchOption.AllDirectories))
            File.WriteAllBytes(cached, new byte[new FileInfo(cached).Length]);
        _store.Create("two", "part");
        File.ReadAllBytes(_store.Deb("snapshots/two", "part")).Should().Equal(File.ReadAllBytes(repository.Deb("part", "3")));
        _store.ShouldBeWhole();
    }

    [Fact]
    public void A_source_that_tells_no_hash_that_apt_trusts_is_refused_before_anything_is_fetched()
    {
        using var repository = new Repository();
        repository.Package("tool", "7").Index().WithoutFields("SHA256", "SHA512");
        _store.WriteSources(repository.CopyUri, repository.Keyring);
        var refused = _store.InStore(_store.Creation(Desk.Manifest("tool")));
        refused.ExitStatus.Should().Be(1, refused.Text);
        refused.Errors.Should().Contain("tool_7_all.deb").And.Contain("no SHA-256 and no SHA-512");
        Directory.GetFiles(Desk.Root.Caches, "*.deb", SearchOption.AllDirectories).Should().BeEmpty();
    }

    [Fact]
    public void One_file_says_packages_and_place()
    {
        using var server = new StoreServer(_store);
        var written = Desk.Root.At("fleet.json");
        _store
            .InStore(
                _store.Creation(
                    "--id",
                    "one",
                    "--write-manifest",
                    written,
                    "--url",
                    server.Uri,
                    Desk.NamedManifest("edge", "1.0", "app", "old-")
                )
            )
            .Succeeded("create");
        using var device = new Device(packages.Repository, packages.Server);
        device.Configure("allowSources", "any");
        File.Delete(device.Root.At("etc/apt/sources.list.d/private.sources"));
        device.Run("deploy", written).Cause.Should().Be((0, 700, "0x00000000"));
        device.Root.Packages().Should().Equal("app 1:2.0 installed");
        File.ReadAllText(device.Root.At("etc/apt/sources.list.d/du-apt-fleet.sources"))
            .Should()
            .Contain($"URIs: {server.Uri}/snapshots/one\n");
    }

    [Theory]
    [InlineData("cannot name a snapshot \"../x\"", "--id", "../x")]
    [InlineData("cannot name a snapshot \"UPPER\"", "--id", "UPPER")]
    [InlineData("cannot name a snapshot \".hidden\"", "--id", ".hidden")]
    [InlineData("cannot name a snapshot", "--id", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("cannot make a snapshot for the architecture \"a b\"", "--architectures", "a b")]
    [InlineData("--url", "--write-manifest", "x.json")]
    [InlineData("cannot use --url: The address \"gopher://x\"", "--url", "gopher://x")]
    public void What_cannot_be_is_refused_before_anything_is_fetched(string why, params string[] words)
    {
        string[] others = words[0] == "--architectures" ? ["create", "--sources", _store.SourcesFile] : _store.Creation();
        var refused = _store.InStore([.. others, .. words, Desk.Manifest("tool")]);
        refused.ExitStatus.Should().Be(2);
        refused.Errors.Should().Contain(why);
        Directory.Exists(Desk.Root.Caches).Should().BeFalse();
    }

    public void Dispose() => _store.Dispose();

    private IEnumerable<string?> Archives() =>
        Directory.Exists(Desk.Root.Caches)
            ? Directory.GetFiles(Desk.Root.Caches, "*.deb", SearchOption.AllDirectories).Select(Path.GetFileName)
            : [];

    private void ForgetArchives()
    {
        foreach (var file in Directory.GetFiles(Desk.Root.Caches, "*.deb", SearchOption.AllDirectories))
            File.Delete(file);
    }

    private string SourcesForAllArchitectures()
    {
        var sources = Desk.Root.At("flat.list");
        File.WriteAllText(sources, packages.Repository.IndexFlat());
        return sources;
    }

    public sealed class Published()
        : PublishedPackages(repository =>
            repository
                .Package("app", "1:1.0+x", depends: "liba (>= 2)", architecture: "amd64")
                .Package("app", "1:2.0", architecture: "amd64")
                .Package("app", "1:2.0", architecture: "arm64")
                .Package("liba", "2", depends: "core")
                .Package("core", "1")
                .Package("tool", "1")
                .Package("old", "1")
                .Package("enemy", "1", fields: "Conflicts: liba")
                .Package("foreign", "1", architecture: "amd64")
                .Package("foreign", "2", architecture: "arm64")
                .Package("data", "1.0")
                .Package("data", "2.0")
                .Package("viewer", "1", depends: "data (= 1.0)", architecture: "amd64")
                .Package("viewer", "1", depends: "data (= 2.0)", architecture: "arm64")
                .Package("text", "1.0", architecture: "arm64")
                .Package("text", "2.0")
                .Package("reader", "1", depends: "text (= 2.0)", architecture: "amd64")
                .Package("reader", "1", depends: "text (= 1.0)", architecture: "arm64")
        )
    {
        /// <summary>The file of a package.</summary>
        public string Deb(string package) =>
            package == "app" ? Repository.Deb("app", "1:1.0+x", "amd64") : Repository.Deb(package, package == "liba" ? "2" : "1");
    }
}
