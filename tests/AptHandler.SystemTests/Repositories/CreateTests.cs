using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Repositories;

/// <summary><c>du-apt repository create</c>: what a snapshot is made of, and what is refused.</summary>
public sealed class CreateTests(CreatePackages packages) : CreateTest(packages)
{
    [Fact]
    public void A_snapshot_is_all_that_the_manifest_needs_and_nothing_else()
    {
        var manifest = Desk.Manifest("app=1:1.0+x", "old-");
        var made = Store.InStore(Store.Creation(manifest)).Succeeded("create");
        var id = made.Output.Split(' ')[0];
        id.Should().MatchRegex("^[0-9a-f]{16}$");
        made.Output.Should()
            .StartWith($"{id} published: 3 packages")
            .And.Contain($"URIs: https://packages.example.org/snapshots/{id}\n")
            .And.Contain("Check-Valid-Until: no\n");
        made.Output.Should().MatchRegex($@"app:amd64 +1:1\.0\+x +\d+ kB +{Packages.Server.Uri}pool/app_1_1\.0%2bx_amd64\.deb");
        Store.Packages(id).Should().Equal("app 1:1.0+x amd64", "core 1 all", "liba 2 all");
        Store.ShouldBeWhole();

        foreach (var package in new[] { "app", "core", "liba" })
            File.ReadAllBytes(Store.Deb($"snapshots/{id}", package)).Should().Equal(File.ReadAllBytes(Packages.Deb(package)));
        Directory.EnumerateFileSystemEntries(Store.At("staging")).Should().BeEmpty();
        Directory.EnumerateFileSystemEntries(Store.At("unfinished")).Should().BeEmpty();
        File.GetUnixFileMode(Store.At("gnupg")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public void The_source_that_is_printed_is_two_files_that_every_apt_takes()
    {
        Store.Create("one", "tool");
        using var server = new StoreServer(Store);
        var shown = Store.InStore("show", "one", "--url", server.Uri).Succeeded("show").Output;
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

        using var root = PrivateRoot.Create(Packages.Repository, Packages.Server);
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
        using var made = Store.Ask(Store.Creation("--id", "one", Desk.Manifest("tool")));
        Member("sources")
            .Should()
            .StartWith("# Replace https://packages.example.org with the address of the folder public: no --url was given.\n");
        Member("keyFile").Should().Be("/etc/apt/keyrings/fleet.asc");
        Member("signingKey").Should().Be(File.ReadAllText(Store.At("key.asc")));
        Store.InStore("show", "one").Succeeded("show").Output.Should().Contain("# Replace https://packages.example.org");

        string Member(string name) => made.RootElement.GetProperty(name).GetString()!;
    }

    [Fact]
    public void The_same_content_is_the_same_snapshot_and_nothing_is_done_for_it()
    {
        using var first = Store.Ask(Store.Creation(Desk.NamedManifest("one", "1", "app=1:1.0+x", "tool")));
        var before = Store.Public;
        using var second = Store.Ask(Store.Creation(Desk.NamedManifest("two", "2", "tool=1", "app=1:1.0+x", "liba")));
        (first.RootElement.GetProperty("isNew").GetBoolean(), second.RootElement.GetProperty("isNew").GetBoolean())
            .Should()
            .Be((true, false));
        second.RootElement.GetProperty("id").GetString().Should().Be(first.RootElement.GetProperty("id").GetString());
        Store.Public.Should().Equal(before);

        using var other = Store.Ask(Store.Creation(Desk.Manifest("app=1:1.0+x")));
        other.RootElement.GetProperty("id").GetString().Should().NotBe(first.RootElement.GetProperty("id").GetString());
    }

    [Fact]
    public void A_snapshot_is_never_changed()
    {
        Store.Create("one", "tool");
        var before = Store.Public;
        var refused = Store.InStore(Store.Creation("--id", "one", Desk.Manifest("liba")));
        (refused.ExitStatus, refused.Output).Should().Be((2, ""));
        refused.Errors.Should().Contain("cannot change the snapshot one").And.Contain("--id");
        Archives().Should().NotContain("liba_2_all.deb", "nothing is fetched for what is refused");
        Store
            .InStore(Store.Creation("--id", "one", Desk.Manifest("tool")))
            .Succeeded("the same once more")
            .Output.Should()
            .Contain("one is there already");
        Store.Public.Should().Equal(before);
    }

    [Fact]
    public void Several_manifests_are_one_snapshot_where_they_are_possible_together()
    {
        var app = Desk.NamedManifest("app", "1", "app=1:1.0+x", "old-");
        Store.InStore(Store.Creation("--id", "both", app, Desk.NamedManifest("tools", "1", "tool", "app"))).Succeeded("create");
        Store.Packages("both").Should().Equal("app 1:1.0+x amd64", "core 1 all", "liba 2 all", "tool 1 all");

        var otherVersion = Store.InStore(Store.Creation(app, Desk.NamedManifest("tools", "2", "app=1:2.0")));
        otherVersion.ExitStatus.Should().Be(2);
        otherVersion.Errors.Should().Contain("cannot put app and tools into one snapshot").And.Contain("1:1.0+x").And.Contain("1:2.0");
        var removed = Store.InStore(Store.Creation(app, Desk.NamedManifest("tools", "3", "old")));
        removed.Errors.Should().Contain("its removal").And.Contain("the newest version");
        var conflict = Store.InStore(Store.Creation(app, Desk.NamedManifest("tools", "4", "enemy")));
        conflict.ExitStatus.Should().Be(1);
        conflict.Errors.Should().Contain("enemy");
        Store.Ask("list").RootElement.GetProperty("snapshots").GetArrayLength().Should().Be(1);
    }

    [Fact]
    public void Only_what_is_missing_is_fetched()
    {
        Store.Create("one", "app=1:1.0+x");
        var first = Packages.Server.Exchanges.Count;
        Store.Create("two", "app=1:1.0+x", "tool");
        Packages
            .Server.Exchanges.Skip(first)
            .Select(each => each.Path)
            .Where(path => path.EndsWith(".deb", StringComparison.Ordinal))
            .Should()
            .Equal("/pool/tool_1_all.deb");
    }

    [Fact]
    public void An_archive_that_was_spoilt_in_the_cache_is_fetched_again()
    {
        Store.Create("one", "tool");
        var cached = Directory.GetFiles(Desk.Root.Caches, "tool_1_all.deb", SearchOption.AllDirectories).Single();
        File.Delete(cached);
        File.WriteAllBytes(cached, new byte[new FileInfo(Packages.Deb("tool")).Length]);
        Store.Create("two", "tool", "core");
        Store.ShouldBeWhole();
    }

    [Fact]
    public void What_is_written_to_the_cache_does_not_reach_theStore()
    {
        Store.Create("one", "tool");
        foreach (var cached in Directory.GetFiles(Desk.Root.Caches, "tool_1_all.deb", SearchOption.AllDirectories))
            File.AppendAllText(cached, "x");
        Store.ShouldBeWhole();
    }

    [Fact]
    public void The_password_of_a_source_is_told_to_nobody()
    {
        Store.WriteSources(
            Packages.Server.Uri.Replace("http://", "http://me:s3cret@", StringComparison.Ordinal),
            Packages.Repository.Keyring
        );
        var made = Store.InStore(Store.Creation("--id", "one", Desk.Manifest("tool"))).Succeeded("create");
        made.Text.Should().NotContain("s3cret").And.Contain($"{Packages.Server.Uri}pool/tool_1_all.deb");
        File.ReadAllText(Store.At("snapshots/one.json")).Should().NotContain("s3cret");
    }

    [Fact]
    public void A_source_that_changes_while_it_is_read_is_read_again()
    {
        using var server = new HttpServer(Packages.Repository);
        Store.WriteSources(server.Uri, Packages.Repository.Keyring);
        server.Fail("/pool/tool_*", Fault.WrongBytes, times: 1);
        Store.Create("one", "tool");
        Store.ShouldBeWhole();

        server.Fail("/pool/liba_*", Fault.WrongBytes);
        var refused = Store.InStore(Store.Creation("--id", "two", Desk.Manifest("liba")));
        refused.ExitStatus.Should().Be(3);
        refused.Errors.Should().Contain("liba_2_all.deb").And.Contain("Hash Sum mismatch");
        Directory.Exists(Store.At("public/snapshots/two")).Should().BeFalse();
    }

    [Fact]
    public void A_source_that_lies_on_this_machine_keeps_its_files_for_itself()
    {
        Store.WriteSources($"file:{Packages.Repository.Location}", Packages.Repository.Keyring);
        Store.Create("one", "tool");
        Command.Run("stat", ["-c", "%h", Packages.Deb("tool")]).Output.Should().Be("1\n");
        File.ReadAllBytes(Store.Deb("snapshots/one", "tool")).Should().Equal(File.ReadAllBytes(Packages.Deb("tool")));
    }

    [Fact]
    public void Sources_of_a_manifest_do_not_count_and_that_is_told()
    {
        Store
            .InStore(
                Store.Creation(
                    ManifestWith(
                        """{ "other": { "uris": ["https://packages.example.org"], "suites": ["./"], "keyring": "/usr/share/keyrings/other.gpg" } }"""
                    )
                )
            )
            .Succeeded("create")
            .Errors.Should()
            .Contain("warning: the sources of edge do not count here")
            .And.Contain("--sources");
        Store.InStore(Store.Creation(ManifestWith("""{ "other": null }"""))).Succeeded("create").Errors.Should().BeEmpty();

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
        using var device = new Device(Packages.Repository, Packages.Server);
        device.Root.Install("core", "liba", "old");
        var status = device.Root.At("var/lib/dpkg/status");
        var manifest = Desk.Manifest("app=1:1.0+x", "old-");
        using var made = Store.Ask(Store.Creation("--id", "change", "--status", status, manifest));
        SnapshotStore.PackagesIn(made).Should().Equal("app 1:1.0+x amd64");
        made.RootElement.GetProperty("assumed")
            .EnumerateArray()
            .Select(each => each.GetString())
            .Should()
            .Equal("app 1:1.0+x (amd64) needs liba (>= 2)");
        Store.ShouldBeWhole();

        device.Root.Install("app=1:1.0+x", "old-");
        var nothing = Store.InStore(Store.Creation("--status", status, manifest));
        nothing.ExitStatus.Should().Be(2);
        nothing.Errors.Should().Contain("cannot make a snapshot without packages");
    }

    [Fact]
    public void A_source_that_tells_the_SHA_512_alone_is_as_good_as_others()
    {
        using var repository = new Repository();
        repository.Package("tool", "7", depends: "part").Package("part", "3").Index().WithoutFields("MD5sum", "SHA1", "SHA256");
        Store.WriteSources(repository.CopyUri, repository.Keyring);
        Store.Create("one", "tool");
        Store.Packages("one").Should().Equal("part 3 all", "tool 7 all");
        Store.ShouldBeWhole();
        File.ReadAllBytes(Store.Deb("snapshots/one", "tool")).Should().Equal(File.ReadAllBytes(repository.Deb("tool", "7")));

        // What was fetched is compared with that hash, too.
        foreach (var cached in Directory.GetFiles(Desk.Root.Caches, "part_3_all.deb", SearchOption.AllDirectories))
            File.WriteAllBytes(cached, new byte[new FileInfo(cached).Length]);
        Store.Create("two", "part");
        File.ReadAllBytes(Store.Deb("snapshots/two", "part")).Should().Equal(File.ReadAllBytes(repository.Deb("part", "3")));
        Store.ShouldBeWhole();
    }

    [Fact]
    public void A_source_that_tells_no_hash_that_apt_trusts_is_refused_before_anything_is_fetched()
    {
        using var repository = new Repository();
        repository.Package("tool", "7").Index().WithoutFields("SHA256", "SHA512");
        Store.WriteSources(repository.CopyUri, repository.Keyring);
        var refused = Store.InStore(Store.Creation(Desk.Manifest("tool")));
        refused.ExitStatus.Should().Be(1, refused.Text);
        refused.Errors.Should().Contain("tool_7_all.deb").And.Contain("no SHA-256 and no SHA-512");
        Directory.GetFiles(Desk.Root.Caches, "*.deb", SearchOption.AllDirectories).Should().BeEmpty();
    }

    [Fact]
    public void One_file_says_packages_and_place()
    {
        using var server = new StoreServer(Store);
        var written = Desk.Root.At("fleet.json");
        Store
            .InStore(
                Store.Creation(
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
        using var device = new Device(Packages.Repository, Packages.Server);
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
        string[] others = words[0] == "--architectures" ? ["create", "--sources", Store.SourcesFile] : Store.Creation();
        var refused = Store.InStore([.. others, .. words, Desk.Manifest("tool")]);
        refused.ExitStatus.Should().Be(2);
        refused.Errors.Should().Contain(why);
        Directory.Exists(Desk.Root.Caches).Should().BeFalse();
    }
}
