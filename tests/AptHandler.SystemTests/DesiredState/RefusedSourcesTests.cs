using System.Text.Json.Nodes;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.DesiredState;

/// <summary>Sources that a device does not take, or cannot use: nothing of them comes onto it.</summary>
public sealed class RefusedSourcesTests(SourcePackages packages) : SourceTest(packages)
{
    [Theory]
    [InlineData(null, "this device takes no sources from manifests")]
    [InlineData("off", "this device takes no sources from manifests")]
    [InlineData("https", "sources.contoso.uris): this device takes none of http")]
    public void A_source_that_the_device_does_not_allow_is_refused_before_anything_happens(string? allowed, string why)
    {
        if (allowed is not null)
            Device.Configure("allowSources", allowed);
        var (before, lists) = (EtcApt + Device.State, Lists());
        var manifest = Device.SourcedManifest(Source(), "wares=1");
        foreach (var command in new[] { "plan", "deploy", "install" })
        {
            var answer = Device.Run(command, manifest);
            answer.Cause.Should().Be((2, 0, NotAllowed), answer.Details);
            answer.Details.Should().Contain("cannot take the source contoso").And.Contain(why).And.Contain("allowSources");
        }

        (EtcApt + Device.State, Lists()).Should().Be((before, lists));
    }

    [Fact]
    public void A_device_without_permission_keeps_its_sources_too()
    {
        Device.Run("deploy", Device.SourcedManifest(new JsonObject { ["private"] = null }, "foo")).Cause.Should().Be((2, 0, NotAllowed));
        Device.Run("deploy", Device.SourcedManifest([], "foo")).Cause.Should().Be((0, 700, "0x00000000"), "there is no source in it");
    }

    [Fact]
    public void A_source_that_is_signed_with_another_key_never_comes_onto_the_device()
    {
        Device.Configure("allowSources", "any");
        var before = EtcApt + Device.State;
        foreach (var package in new[] { "wares=1", "foo" })
        {
            var answer = Device.Run("deploy", Device.SourcedManifest(Source(key: Packages.Repository.ArmouredKey), package));
            answer.Cause.Should().Be((2, 0, NotAllowed), answer.Details);
            answer
                .Details.Should()
                .Contain("cannot take the source contoso (sources.contoso)")
                .And.Contain("not signed with the signingKey")
                .And.Contain(Contoso)
                .And.Contain("NO_PUBKEY")
                .And.EndWith("write the key that it is signed with, as signingKey or keyring");
            (EtcApt + Device.State).Should().Be(before);
        }
    }

    [Fact]
    public void A_source_does_not_change_its_key_for_one_that_it_is_not_signed_with()
    {
        Deployed(Source(), "foo");
        var keyring = Root.At("usr/share/keyrings/third.gpg");
        Directory.CreateDirectory(Path.GetDirectoryName(keyring)!);
        File.Copy(Packages.Repository.Keyring, keyring);
        var before = EtcApt + Device.State;
        // apt has lists of it by now, and would go on with them.
        var answer = Device.Run("deploy", Device.SourcedManifest(Source(keyring: "/usr/share/keyrings/third.gpg"), "wares=1"));
        answer.Cause.Should().Be((2, 0, NotAllowed), answer.Details);
        answer
            .Details.Should()
            .Contain("cannot take the source contoso (sources.contoso)")
            .And.Contain("not signed with the keyring")
            .And.Contain("NO_PUBKEY")
            .And.EndWith("as signingKey or keyring");
        (EtcApt + Device.State).Should().Be(before);
    }

    [Fact]
    public void A_source_gets_another_name_only_where_the_old_one_goes()
    {
        Deployed(Source(), "foo");
        var before = EtcApt + Device.State;
        foreach (var command in new[] { "plan", "deploy", "install" })
        {
            var answer = Device.Run(command, Device.SourcedManifest(Source("other"), "foo"));
            answer.Cause.Should().Be((2, 0, NotAllowed), answer.Details);
            answer
                .Details.Should()
                .StartWith("cannot take the source other (sources.other): ")
                .And.Contain("has the same repository under another name")
                .And.Contain(Contoso)
                .And.Contain("Conflicting values", Exactly.Once())
                .And.EndWith("write null for its old name in the manifest, or remove the file of the device that names it");
            (EtcApt + Device.State).Should().Be(before);
        }

        Deployed(new JsonObject { ["contoso"] = null, ["other"] = Source()["contoso"]!.DeepClone() }, "foo")
            .Details.Should()
            .Be("sources: -contoso, +other");
        Root.AptGet("update", "--error-on=any").Text.Should().Contain(Contoso);
    }

    [Fact]
    public void A_repository_that_the_device_has_with_another_key_is_not_named_again()
    {
        Device.Configure("allowSources", "any");
        var own = Root.At("etc/apt/sources.list.d/own.list");
        File.WriteAllText(own, $"deb [signed-by={Packages.OtherRepository.Keyring}] {Contoso} stable main\n");
        var before = EtcApt + Device.State;
        var answer = Device.Run("deploy", Device.SourcedManifest(Source(), "foo"));
        answer.Cause.Should().Be((2, 0, NotAllowed), answer.Details);
        answer
            .Details.Should()
            .StartWith("cannot take the source contoso (sources.contoso): ")
            .And.Contain("Conflicting values", Exactly.Once())
            .And.EndWith("remove the file of the device that names it");
        (EtcApt + Device.State).Should().Be(before);
        File.Delete(own);
        Deployed(Source(), "wares=1");
    }

    [Fact]
    public void Sources_of_the_device_that_contradict_each_other_are_told_once_and_are_no_fault_of_the_manifest()
    {
        foreach (var (name, keyring) in new[] { ("one", Packages.OtherRepository.Keyring), ("two", Packages.Repository.Keyring) })
            File.WriteAllText(Root.At($"etc/apt/sources.list.d/{name}.list"), $"deb [signed-by={keyring}] {Contoso} stable main\n");
        Device.Configure("allowSources", "any");
        foreach (var sources in new[] { [], Source(uri: $"{Contoso}/./") })
        {
            var answer = Device.Run("deploy", Device.SourcedManifest(sources, "foo"));
            answer
                .Details.Should()
                .Contain("Conflicting values", Exactly.Once())
                .And.NotContain("publish the package")
                .And.NotContain("cannot take the source");
        }
    }

    [Theory]
    [InlineData("rm -rf {keyrings}; touch {keyrings}", "keyrings", "du-apt-contoso.asc")]
    [InlineData("rm -rf {keyrings}; ln -s /nowhere {keyrings}", "keyrings", "du-apt-contoso.asc")]
    [InlineData("rm -rf {parts}; touch {parts}", "sources.list.d", "du-apt-contoso.sources")]
    public void A_folder_that_is_none_is_found_before_anything_changes(string change, string folder, string file)
    {
        Device.Configure("allowSources", "any");
        var (keyrings, parts) = (Root.At("etc/apt/keyrings"), Root.At("etc/apt/sources.list.d"));
        Command
            .Run(
                "sh",
                ["-c", change.Replace("{keyrings}", keyrings, StringComparison.Ordinal).Replace("{parts}", parts, StringComparison.Ordinal)]
            )
            .Succeeded(change);
        var lists = Lists();
        foreach (var command in new[] { "plan", "download", "deploy" })
        {
            var answer = Device.Run(command, Device.SourcedManifest(Source(), "wares=1"));
            answer.Cause.Should().Be((1, 0, "0x3020030d"), answer.Details);
            var place = Root.At($"etc/apt/{folder}");
            answer.Details.Should().Be($"cannot write {place}/{file}: {place} is no folder; remove it");
        }

        (Lists(), Root.Installed("wares")).Should().Be((lists, null));
        File.Delete(Root.At($"etc/apt/{folder}"));
        if (folder == "keyrings")
            Deployed(Source(), "wares=1");
    }

    [Theory]
    [InlineData(Fault.NotFound, 1, "0x30200318", "does not have a Release file")]
    [InlineData(Fault.Refuse, 3, "0x30200308", "http://127.0.0.1")]
    public void A_source_that_cannot_be_read_never_comes_onto_the_device(Fault fault, int exitStatus, string code, string why)
    {
        Device.Configure("allowSources", "any");
        var before = EtcApt + Device.State;
        using var server = new HttpServer(Packages.OtherRepository);
        server.Fail("/dists/*", fault);
        // The package itself is to be had from another source.
        var answer = Device.Run("deploy", Device.SourcedManifest(Source(uri: server.Uri), "foo"));
        answer.Cause.Should().Be((exitStatus, 0, code), answer.Details);
        answer.Details.Should().Contain("a source of the manifest cannot be used").And.Contain(why);
        (EtcApt + Device.State).Should().Be(before);
    }

    [Fact]
    public void A_folder_that_others_can_change_is_not_written_to()
    {
        Device.Configure("allowSources", "any");
        Command.Run("chmod", ["o+w", Root.At("etc/apt/sources.list.d")]).Succeeded("open a folder to all");
        var before = EtcApt + Device.State;
        var answer = Device.Run("deploy", Device.SourcedManifest(Source(), "wares=1"));
        answer.Cause.Should().Be((1, 0, "0x3020030d"), answer.Details);
        answer.Details.Should().Contain("others than root can change a folder on the way");
        (EtcApt + Device.State).Should().Be(before);
    }

    [Theory]
    [InlineData("../x", "stable", "main", "http://127.0.0.1/")]
    [InlineData("x\nTrusted: yes", "stable", "main", "http://127.0.0.1/")]
    [InlineData("x", "stable\nTrusted: yes", "main", "http://127.0.0.1/")]
    [InlineData("x", "stable", "main\nSigned-By: /tmp/key.gpg", "http://127.0.0.1/")]
    [InlineData("x", "stable", "main", "http://127.0.0.1/\nTrusted: yes")]
    [InlineData("x", "stable", "main", "http://user:secret@127.0.0.1/")]
    [InlineData("x", "stable", "main", "http://user:pw?@127.0.0.1:9/apt")]
    [InlineData("x", "stable", "main", "http://127.0.0.1:9?x@127.0.0.2/apt")]
    [InlineData("x", "stable", "main", "cdrom:/")]
    public void A_hostile_manifest_is_refused_by_the_parser(string id, string suite, string component, string uri)
    {
        Device.Configure("allowSources", "any");
        var before = EtcApt + Device.State;
        var source = Source(id, uri);
        source[id]!["suites"] = new JsonArray(suite);
        source[id]!["components"] = new JsonArray(component);
        var answer = Device.Run("deploy", Device.SourcedManifest(source, "foo"));
        answer.Cause.Should().Be((2, 0, "0x30000068"), answer.Details);
        answer.Details.Should().Contain("1 error");
        (EtcApt + Device.State).Should().Be(before);
    }
}
