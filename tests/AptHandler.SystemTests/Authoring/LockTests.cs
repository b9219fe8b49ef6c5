using System.Text.Json;
using System.Text.Json.Nodes;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Authoring;

/// <summary>What <c>du-apt manifest lock</c> writes.</summary>
public sealed class LockTests : AuthoringTests<LockTests.Published>
{
    public LockTests(Published packages)
        : base(packages) => Root.AptGet("update");

    [Fact]
    public void Every_version_is_written_dependencies_included_and_the_rest_of_the_manifest_stays()
    {
        var manifest = Device.NamedManifest("edge \"one\"", "1.0+x", agentRestart: true, "app", "top=1.0");
        var text = Made("lock", manifest);
        Entries(text).Should().BeEquivalentTo("app 2", "lib 2.0-0", "core 1:1.0+dfsg-1", "top 1.0", "mid 1.0", "low 1.0-0");
        using var json = JsonDocument.Parse(text);
        json.RootElement.GetProperty("name").GetString().Should().Be("edge \"one\"");
        json.RootElement.GetProperty("version").GetString().Should().Be("1.0+x");
        json.RootElement.GetProperty("agentRestartRequired").GetBoolean().Should().BeTrue();
    }

    [Fact]
    public void The_sources_of_the_manifest_stay()
    {
        const string Sources = """
            {
                "contoso": {
                  "uris": ["https://packages.contoso.example/apt", "https://mirror.contoso.example/apt"],
                  "suites": ["stable"],
                  "components": ["main", "extra"],
                  "architectures": ["amd64"],
                  "keyring": "/usr/share/keyrings/contoso.gpg"
                },
                "flat": {
                  "uris": ["https://flat.contoso.example"],
                  "suites": ["./"],
                  "signingKey": "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEZ\n-----END PGP PUBLIC KEY BLOCK-----\n"
                },
                "old": null
              }
            """;
        var manifest = Root.WriteManifest(
            $$"""{ "name": "sourced", "version": "1", "packages": [ { "name": "low" } ], "sources": {{Sources}} }"""
        );
        var text = Made("lock", manifest);
        JsonNode.DeepEquals(JsonNode.Parse(text)!["sources"], JsonNode.Parse(Sources)).Should().BeTrue(text);
        Made("lock", Root.WriteManifest(text, "again.json")).Should().Be(text);
    }

    [Fact]
    public void A_version_is_written_as_the_repository_spells_it() => Locked(Device.Manifest("low=1.0")).Should().Equal("low 1.0-0");

    [Fact]
    public void What_goes_is_written_first_whether_it_is_listed_or_explained_by_a_conflict()
    {
        Root.Install("old-lib", "gone");
        Locked(Device.Manifest("app", "gone-", "never-there-", "gone-too-"))
            .Should()
            .Equal("gone-", "old-lib-", "never-there-", "gone-too-", "core 1:1.0+dfsg-1", "lib 2.0-0", "app 2");
    }

    [Fact]
    public void What_is_there_already_is_written_too_where_something_depends_on_it()
    {
        Root.Install("core", "app=1", "gone");
        Locked(Device.Manifest("core", "app=1")).Should().Equal("core 1:1.0+dfsg-1", "app 1");
        Locked(Device.Manifest("app=1")).Should().Equal("core 1:1.0+dfsg-1", "app 1");
        Locked(Device.Manifest("app")).Should().Equal("core 1:1.0+dfsg-1", "lib 2.0-0", "app 2");
        Locked(Device.Manifest("app"), "--empty").Should().Equal("core 1:1.0+dfsg-1", "lib 2.0-0", "app 2");
    }

    [Fact]
    public void A_strict_dependency_that_holds_an_installed_package_where_it_is_is_written_too()
    {
        Root.Install("mid=1.0", "low=1.0-0");
        Locked(Device.Manifest("top=1.0", "tip")).Should().Equal("cousin 1", "low 1.0-0", "mid 1.0", "tip 1", "top 1.0");
    }

    [Fact]
    public void Packages_of_another_architecture_keep_it_in_their_names()
    {
        Root.Dpkg("--add-architecture", "i386").Succeeded("add an architecture");
        Device.AptOption("APT::Architectures { \"i386\"; };");
        Root.Dpkg("--install", Packages.Repository.Deb("multi", "1.0", "amd64"), Packages.Repository.Deb("multi", "1.0", "i386"))
            .Succeeded("install");
        Locked(Device.Manifest("multi:i386-", "app:amd64")).Should().Equal("multi:i386-", "core 1:1.0+dfsg-1", "lib 2.0-0", "app:amd64 2");
        Locked(Device.Manifest("multi:i386")).Should().Equal("multi:i386 1.0");

        var locked = Made("lock", Device.Manifest("against-foreign"));
        Entries(locked).Should().Equal(["multi:i386-", "multi:amd64 2.0", "against-foreign 1"], "each of the two has a fate of its own");
        Device.Run("deploy", Root.WriteManifest(locked, "locked.json")).Cause.Should().Be((0, 700, "0x00000000"));
        (Root.Installed("multi:amd64"), Root.Status("multi:i386")).Should().Be(("2.0", null));
    }

    [Fact]
    public void A_lock_of_a_lock_is_the_same_lock()
    {
        Root.Install("old-lib", "gone", "core");
        foreach (var state in new[] { Array.Empty<string>(), ["--empty"] })
        {
            var first = Made(["lock", Device.Manifest("loop", "app", "top=1.0", "gone-", "core", "never-there-"), .. state]);
            Made(["lock", Root.WriteManifest(first, "locked.json"), .. state]).Should().Be(first);
        }
    }

    [Fact]
    public void The_same_input_is_the_same_bytes_whatever_is_in_the_cache()
    {
        var manifest = Device.Manifest("loop", "app", "top=1.0");
        var first = Made("lock", manifest);
        Made("lock", manifest, "--empty").Should().Be(first);
        Directory.Delete(Path.Combine(Root.Caches, "du-apt"), recursive: true);
        Made("lock", manifest).Should().Be(first);
    }

    [Theory]
    [InlineData(1, "0x30200304", "needs-keeper would be removed", "clash")]
    [InlineData(1, "0x30200303", "dpkg", "dpkg-")]
    [InlineData(1, "0x30200100", "no-such-package", "no-such-package")]
    [InlineData(1, "0x30200100", "there is 2.0-0, 1.0-0", "lib=7")]
    [InlineData(1, "0x30200301", "top : Depends: mid (= 1.0)", "top=1.0", "mid=2.0")]
    public void What_the_handler_would_refuse_is_refused_and_the_old_file_stays(
        int exitStatus,
        string code,
        string named,
        params string[] words
    )
    {
        Root.Install("needs-keeper");
        var output = Root.WriteManifest("as it was", "out.json");
        var outcome = Manifest("lock", Device.Manifest(words), "--output", output, "--json");
        using var json = Answer.Json(outcome);
        outcome.ExitStatus.Should().Be(exitStatus);
        json.RootElement.GetProperty("extendedResultCode").GetString().Should().Be(code);
        json.RootElement.GetProperty("details").GetString().Should().Contain(named);
        File.ReadAllText(output).Should().Be("as it was");
    }

    [Fact]
    public void The_room_on_this_machine_does_not_matter()
    {
        Device.Run("plan", Device.Manifest("enormous")).ExtendedResultCode.Should().Be("0x30200307");
        Locked(Device.Manifest("enormous")).Should().Equal("enormous 1");
    }

    [Theory]
    [InlineData("top=2.0", "low 2.0", "mid 2.0", "top 2.0")]
    [InlineData("top=1.0", "low 1.0-0", "mid 1.0", "top 1.0")]
    public void An_upgrade_and_a_downgrade_are_in_the_order_of_dependencies_too(string wanted, params string[] expected)
    {
        Root.Install(wanted == "top=2.0" ? ["top=1.0", "mid=1.0", "low=1.0-0"] : ["top=2.0"]);
        Locked(Device.Manifest(wanted)).Should().Equal(expected);
    }

    [Fact]
    public void A_lock_made_where_all_is_installed_leaves_an_empty_device_nothing_to_choose()
    {
        Root.Install("top=1.0", "mid=1.0", "low=1.0-0");
        var locked = Root.WriteManifest(Made("lock", Device.Manifest("top")), "locked.json");
        Manifest("lint", locked, "--empty")
            .Output.Should()
            .Be("No problems found.\nChecked: the form, packages and versions. Not checked: earlier manifests (--previous).\n");
    }

    [Fact]
    public void A_file_is_written_where_its_link_leads_from_where_the_link_lies()
    {
        Directory.CreateDirectory(Root.At("links"));
        File.WriteAllText(Root.At("links/real.json"), "old");
        File.CreateSymbolicLink(Root.At("links/second.json"), "real.json");
        File.CreateSymbolicLink(Root.At("links/first.json"), "second.json");
        File.CreateSymbolicLink(Root.At("links/circle.json"), "circle.json");
        var manifest = Device.Manifest("app");

        var here = Command.Run(
            "sh",
            [
                "-c",
                $"export XDG_CACHE_HOME='{Root.Caches}' && cd '{Root.At("links")}' && '{SourceTree.DuApt}' manifest lock '{manifest}' "
                    + $"--config '{Root.Configuration}' --output first.json",
            ]
        );
        here.ExitStatus.Should().Be(0, here.Text);
        Entries(File.ReadAllText(Root.At("links/real.json"))).Should().Contain("app 2");
        new FileInfo(Root.At("links/first.json")).LinkTarget.Should().Be("second.json");
        Manifest("lock", manifest, "--output", Root.At("links/circle.json")).ExitStatus.Should().Be(2);
    }

    [Fact]
    public void A_file_is_written_whole_and_nothing_is_printed_then()
    {
        var output = Root.At("locked.json");
        Made("lock", Device.Manifest("app"), "--output", output).Should().BeEmpty();
        Entries(File.ReadAllText(output)).Should().Contain("app 2");
        Directory.GetFiles(Root.Location, "*.new", new EnumerationOptions { AttributesToSkip = FileAttributes.None }).Should().BeEmpty();
    }

    [Fact]
    public void What_is_no_file_is_not_replaced_by_one()
    {
        foreach (var place in new[] { Root.Location, "/dev/null", Root.At("no/such/folder.json"), "" })
        {
            var outcome = Manifest("lock", Device.Manifest("app"), "--output", place);
            outcome.ExitStatus.Should().Be(2, outcome.Text);
            outcome.Errors.Should().Contain("--output").And.Contain("cannot ");
        }

        Command.Run("test", ["-c", "/dev/null"]).Succeeded("find the null device");
    }

    [Fact]
    public void A_manifest_with_errors_is_told_as_by_every_other_command()
    {
        var manifest = Root.WriteManifest("{\n  \"name\": \"a\",\n  \"version\": 1,\n  \"packages\": [ { \"name\": \"Foo\" } ]\n}\n");
        var outcome = Manifest("lock", manifest);
        outcome.ExitStatus.Should().Be(2);
        outcome.Errors.Should().Contain($"{manifest}:3:").And.Contain($"{manifest}:4:");
    }

    public sealed class Published()
        : PublishedPackages(repository =>
            repository
                .Package("app", "1", depends: "core", architecture: "amd64")
                .Package("app", "2", depends: "lib (>= 2) | nothing", architecture: "amd64")
                .Package("lib", "1.0-0", depends: "core")
                .Package("lib", "2.0-0", depends: "core", fields: ["Conflicts: old-lib", "Replaces: old-lib"])
                .Package("core", "1:1.0+dfsg-1")
                .Package("old-lib", "0.9")
                .Package("gone", "1")
                .Package("gone-too", "1")
                .Package("needs-keeper", "1", depends: "keeper")
                .Package("keeper", "1")
                .Package("clash", "1", depends: "anti-keeper")
                .Package("anti-keeper", "1", fields: "Conflicts: keeper")
                .Package("top", "1.0", depends: "mid (= 1.0)")
                .Package("top", "2.0", depends: "mid (= 2.0)")
                .Package("mid", "1.0", depends: "low (= 1.0-0)")
                .Package("mid", "2.0", depends: "low (= 2.0)")
                .Package("low", "1.0-0")
                .Package("low", "2.0")
                .Package("tip", "1", depends: "cousin (= 1)")
                .Package("cousin", "1")
                .Package("cousin", "2")
                .Package("loop", "1", depends: "loop-back")
                .Package("loop-back", "1", depends: "loop, core")
                .Package("enormous", "1", fields: "Installed-Size: 999999999999")
                .Package("multi", "1.0", architecture: "amd64", fields: "Multi-Arch: same")
                .Package("multi", "1.0", architecture: "i386", fields: "Multi-Arch: same")
                .Package("multi", "2.0", architecture: "amd64", fields: "Multi-Arch: same")
                .Package("against-foreign", "1", depends: "multi (>= 2)", architecture: "amd64", fields: "Conflicts: multi:i386")
        );
}
