using System.Text.Json.Nodes;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.DesiredState;

/// <summary>Manifests that say where packages come from: another repository, signed with another key, that the device knows nothing of.</summary>
public sealed class SourcesTests(SourcesTests.Published packages) : DeviceTests<SourcesTests.Published>(packages)
{
    private const string NotAllowed = "0x30200317";

    private int _manifests;

    private string SourceFile => Root.At("etc/apt/sources.list.d/du-apt-contoso.sources");

    private string KeyFile => Root.At("etc/apt/keyrings/du-apt-contoso.asc");

    private string Contoso => $"http://127.0.0.1:{new Uri(Packages.Other.Uri).Port}";

    /// <summary>All of /etc/apt, with the contents of its files.</summary>
    private string EtcApt => string.Join('\n', Directory.EnumerateFileSystemEntries(Root.At("etc/apt"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Select(path => $"{path} {Convert.ToString((int)File.GetUnixFileMode(path), 8)} {new FileInfo(path).LinkTarget}\n{(File.Exists(path) ? File.ReadAllText(path) : "")}"));

    [Fact]
    public void A_package_that_only_the_new_source_has_is_installed_from_it()
    {
        Device.Configure("allowSources", "any");
        var answer = Device.Run("deploy", Manifest(Source(), "wares=1"));
        answer.Cause.Should().Be((0, 700, "0x00000000"), answer.Details);
        answer.Details.Should().Be("+wares 1; sources: +contoso");
        answer.Packages.Should().Equal("wares - -> 1");
        Root.Installed("wares").Should().Be("1");
        File.ReadAllLines(SourceFile).Where(line => !line.StartsWith('#')).Should().Equal(
            "Types: deb", "Enabled: yes", $"URIs: {Contoso}", "Suites: stable", "Components: main", "Architectures: amd64", $"Signed-By: {KeyFile}");
        File.ReadAllText(KeyFile).Should().Be(Packages.OtherKey);
        Command.Run("stat", ["-c", "%a %u:%g", SourceFile, KeyFile, Root.At("etc/apt/keyrings")]).Output.Should().Be("644 0:0\n644 0:0\n755 0:0\n");
        Directory.Exists(Root.At("var/cache/apt/du-apt-sources")).Should().BeFalse("it is for the time of a step");

        // The device itself has the source now.
        Root.AptGet("update", "--error-on=any").Text.Should().Contain(Contoso);
        Root.AptGet("-y", "install", "lib-of-wares").Text.Should().Contain("lib-of-wares");
    }

    [Fact]
    public void The_user_that_apt_checks_signatures_as_can_read_the_key()
    {
        Device.Configure("allowSources", "any");
        Device.AptOption("APT::Sandbox::User \"_apt\";");
        Command.Run("chmod", ["0755", Root.Location, Packages.Repository.Location, Packages.OtherRepository.Location]).Succeeded("let others in");
        Command.Run("chmod", ["-R", "o-rwx", Root.At("var/lib/du-apt-handler"), Root.At("run/du-apt-handler")]).Succeeded("keep others out");
        var answer = Device.Run("deploy", Manifest(Source(), "wares=1"));
        answer.Cause.Should().Be((0, 700, "0x00000000"), answer.Details);
        Root.AptGet("update", "--error-on=any").Text.Should().Contain(Contoso).And.NotContain("W:");
    }

    [Fact]
    public void Nothing_in_etc_changes_before_the_step_that_installs()
    {
        Device.Configure("allowSources", "any");
        var before = EtcApt;
        var manifest = Manifest(Source(), "wares=1");
        Device.Run("download", manifest).Cause.Should().Be((0, 500, "0x00000000"));
        Device.Run("plan", manifest).Details.Should().Be("+wares 1; sources: +contoso");
        Device.Run("backup", manifest).Cause.Should().Be((0, 1000, "0x00000000"));
        EtcApt.Should().Be(before);
        // What the lists of the device's own sources are has not changed either, and a clean-up of the others is no obstacle.
        Root.AptGet("update").Text.Should().NotContain(Contoso);
        Device.Run("install", manifest).Cause.Should().Be((0, 600, "0x00000000"));
        Device.Run("apply", manifest).Cause.Should().Be((0, 700, "0x00000000"));
        File.Exists(SourceFile).Should().BeTrue();
    }

    [Theory]
    [InlineData(null, "this device takes no sources from manifests")]
    [InlineData("off", "this device takes no sources from manifests")]
    [InlineData("https", "sources.contoso.uris): this device takes none of http")]
    public void A_source_that_the_device_does_not_allow_is_refused_before_anything_happens(string? allowed, string why)
    {
        if (allowed is not null)
            Device.Configure("allowSources", allowed);
        var (before, lists) = (EtcApt + Device.State, Lists());
        var manifest = Manifest(Source(), "wares=1");
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
        Device.Run("deploy", Manifest(new JsonObject { ["private"] = null }, "foo")).Cause.Should().Be((2, 0, NotAllowed));
        Device.Run("deploy", Manifest([], "foo")).Cause.Should().Be((0, 700, "0x00000000"), "there is no source in it");
    }

    [Fact]
    public void A_source_that_is_signed_with_another_key_never_comes_onto_the_device()
    {
        Device.Configure("allowSources", "any");
        var before = EtcApt + Device.State;
        foreach (var package in new[] { "wares=1", "foo" })
        {
            var answer = Device.Run("deploy", Manifest(Source(key: Packages.ThirdKey), package));
            answer.Cause.Should().Be((2, 0, NotAllowed), answer.Details);
            answer.Details.Should().Contain("cannot take the source contoso (sources.contoso)").And.Contain("not signed with the signingKey").And.Contain(Contoso).And.Contain("NO_PUBKEY")
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
        var answer = Device.Run("deploy", Manifest(Source(keyring: "/usr/share/keyrings/third.gpg"), "wares=1"));
        answer.Cause.Should().Be((2, 0, NotAllowed), answer.Details);
        answer.Details.Should().Contain("cannot take the source contoso (sources.contoso)").And.Contain("not signed with the keyring").And.Contain("NO_PUBKEY").And.EndWith("as signingKey or keyring");
        (EtcApt + Device.State).Should().Be(before);
    }

    [Fact]
    public void A_source_gets_another_name_only_where_the_old_one_goes()
    {
        Deployed(Source(), "foo");
        var before = EtcApt + Device.State;
        foreach (var command in new[] { "plan", "deploy", "install" })
        {
            var answer = Device.Run(command, Manifest(Source("other"), "foo"));
            answer.Cause.Should().Be((2, 0, NotAllowed), answer.Details);
            answer.Details.Should().StartWith("cannot take the source other (sources.other): ").And.Contain("has the same repository under another name").And.Contain(Contoso)
                .And.Contain("Conflicting values", Exactly.Once()).And.EndWith("write null for its old name in the manifest, or remove the file of the device that names it");
            (EtcApt + Device.State).Should().Be(before);
        }

        Deployed(new JsonObject { ["contoso"] = null, ["other"] = Source()["contoso"]!.DeepClone() }, "foo").Details.Should().Be("sources: -contoso, +other");
        Root.AptGet("update", "--error-on=any").Text.Should().Contain(Contoso);
    }

    [Fact]
    public void A_repository_that_the_device_has_with_another_key_is_not_named_again()
    {
        Device.Configure("allowSources", "any");
        var own = Root.At("etc/apt/sources.list.d/own.list");
        File.WriteAllText(own, $"deb [signed-by={Packages.OtherRepository.Keyring}] {Contoso} stable main\n");
        var before = EtcApt + Device.State;
        var answer = Device.Run("deploy", Manifest(Source(), "foo"));
        answer.Cause.Should().Be((2, 0, NotAllowed), answer.Details);
        answer.Details.Should().StartWith("cannot take the source contoso (sources.contoso): ").And.Contain("Conflicting values", Exactly.Once()).And.EndWith("remove the file of the device that names it");
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
            var answer = Device.Run("deploy", Manifest(sources, "foo"));
            answer.Details.Should().Contain("Conflicting values", Exactly.Once()).And.NotContain("publish the package").And.NotContain("cannot take the source");
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
        Command.Run("sh", ["-c", change.Replace("{keyrings}", keyrings, StringComparison.Ordinal).Replace("{parts}", parts, StringComparison.Ordinal)]).Succeeded(change);
        var lists = Lists();
        foreach (var command in new[] { "plan", "download", "deploy" })
        {
            var answer = Device.Run(command, Manifest(Source(), "wares=1"));
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
    [InlineData("touch {overlay}")]
    [InlineData("ln -s /nowhere {overlay}")]
    [InlineData("mkdir {overlay}.d; touch {overlay}.d/precious; ln -s {overlay}.d {overlay}")]
    [InlineData("mkdir -p {overlay}/keys {overlay}.d; touch {overlay}.d/precious; ln -s {overlay}.d {overlay}/all")]
    public void What_lies_where_apt_is_shown_the_sources_is_removed_and_not_what_it_leads_to(string change)
    {
        var overlay = Root.At("var/cache/apt/du-apt-sources");
        Command.Run("sh", ["-c", change.Replace("{overlay}", overlay, StringComparison.Ordinal)]).Succeeded(change);
        Deployed(Source(), "wares=1");
        new FileInfo(overlay).LinkTarget.Should().BeNull();
        Path.Exists(overlay).Should().BeFalse();
        File.Exists($"{overlay}.d/precious").Should().Be(change.Contains("precious", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Fault.NotFound, 1, "0x30200100", "does not have a Release file")]
    [InlineData(Fault.Refuse, 3, "0x30200308", "http://127.0.0.1")]
    public void A_source_that_cannot_be_read_never_comes_onto_the_device(Fault fault, int exitStatus, string code, string why)
    {
        Device.Configure("allowSources", "any");
        var before = EtcApt + Device.State;
        using var server = new HttpServer(Packages.OtherRepository);
        server.Fail("/dists/*", fault);
        // The package itself is to be had from another source.
        var answer = Device.Run("deploy", Manifest(Source(uri: server.Uri), "foo"));
        answer.Cause.Should().Be((exitStatus, 0, code), answer.Details);
        answer.Details.Should().Contain("a source of the manifest cannot be used").And.Contain(why);
        (EtcApt + Device.State).Should().Be(before);
    }

    [Fact]
    public void Null_removes_a_source_and_its_key_and_leaves_the_packages()
    {
        Deployed(Source(), "wares=1");
        var answer = Deployed(new JsonObject { ["contoso"] = null, ["never"] = null }, "wares");
        answer.Details.Should().Be("sources: -contoso");
        (File.Exists(SourceFile), File.Exists(KeyFile)).Should().Be((false, false));
        Root.Installed("wares").Should().Be("1");
        Root.AptGet("update").Text.Should().NotContain(Contoso);
        Device.Run("restore").Cause.Should().Be((0, 1100, "0x00000000"));
        File.ReadAllText(KeyFile).Should().Be(Packages.OtherKey);
        Root.AptGet("update", "--error-on=any").Text.Should().Contain(Contoso);
    }

    [Fact]
    public void A_keyring_of_the_device_does_as_well_as_a_key()
    {
        Device.Configure("allowSources", "any");
        var keyring = Root.At("usr/share/keyrings/contoso.gpg");
        var manifest = Manifest(Source(keyring: "/usr/share/keyrings/contoso.gpg"), "wares=1");
        var refused = Device.Run("deploy", manifest);
        refused.Cause.Should().Be((2, 0, NotAllowed));
        refused.Details.Should().Contain("sources.contoso.keyring").And.Contain("is not there");

        Directory.CreateDirectory(Path.GetDirectoryName(keyring)!);
        File.CreateSymbolicLink(keyring, Packages.OtherRepository.Keyring);
        Device.Run("deploy", manifest).Details.Should().Contain("is no regular file");
        File.Delete(keyring);
        File.Copy(Packages.OtherRepository.Keyring, keyring);
        Command.Run("chown", ["1234", keyring]).Succeeded("give the keyring away");
        Device.Run("deploy", manifest).Details.Should().Contain("can be changed by others than root");
        Command.Run("chown", ["0", keyring]).Succeeded("take the keyring back");
        Device.Run("deploy", manifest).Cause.Should().Be((0, 700, "0x00000000"));
        File.ReadAllText(SourceFile).Should().Contain($"Signed-By: {keyring}\n");
        File.Exists(KeyFile).Should().BeFalse();
    }

    [Fact]
    public void A_source_can_change_without_any_package()
    {
        Deployed(Source(), "foo");
        Deployed(Source(uri: $"{Contoso}/./"), "foo").Details.Should().Be("sources: contoso changed");
        File.ReadAllText(SourceFile).Should().Contain($"URIs: {Contoso}/./\n");
        Device.Run("restore").Cause.Should().Be((0, 1100, "0x00000000"));
        File.ReadAllText(SourceFile).Should().Contain($"URIs: {Contoso}\n");
    }

    [Fact]
    public void A_plan_tells_what_becomes_of_the_sources_and_changes_nothing()
    {
        Deployed(Source(), "foo");
        var before = EtcApt + Device.State;
        var answer = Device.Run("plan", Manifest(Source("other", uri: $"{Contoso}/."), "foo", removed: "contoso"));
        answer.Cause.Should().Be((0, 500, "0x00000000"), answer.Details);
        answer.Details.Should().Be("sources: +other, -contoso");
        (EtcApt + Device.State).Should().Be(before);
    }

    [Fact]
    public void A_maintainer_script_that_fails_takes_source_and_key_back()
    {
        Device.Configure("allowSources", "any");
        var (before, packages) = (EtcApt, Root.Packages());
        var answer = Device.Run("deploy", Manifest(Source(), "wares=1", "bad"));
        answer.Cause.Should().Be((1, 0, "0x30200200"), answer.Details);
        answer.Details.Should().Contain("the device is as it was before");
        EtcApt.Should().Be(before);
        Root.Packages().Should().Equal(packages);
    }

    [Fact]
    public void A_health_check_that_fails_takes_source_and_key_back()
    {
        Device.Configure("allowSources", "any");
        var health = Root.At("etc/health.d");
        Directory.CreateDirectory(health);
        Device.Configure("healthDir", health);
        File.WriteAllText(Path.Combine(health, "check"), $"#!/bin/sh\ntest ! -e {SourceFile}\n");
        File.SetUnixFileMode(Path.Combine(health, "check"), (UnixFileMode)0b111_101_101);
        var before = EtcApt;
        Device.Run("deploy", Manifest(Source(), "foo")).Cause.Should().Be((1, 0, "0x30200314"));
        EtcApt.Should().Be(before);
    }

    [Fact]
    public void Restore_takes_source_and_key_back()
    {
        Device.Configure("allowSources", "any");
        Root.Install("foo");
        var (before, packages) = (EtcApt, Root.Packages());
        Deployed(Source(), "wares=1");
        File.AppendAllText(SourceFile, "# of the operator\n");
        Device.Run("restore").Cause.Should().Be((0, 1100, "0x00000000"));
        EtcApt.Should().Be(before);
        Root.Packages().Should().Equal(packages);
    }

    [Fact]
    public void What_was_at_the_place_comes_back_even_a_link_and_what_it_leads_to_is_never_written()
    {
        Device.Configure("allowSources", "any");
        Directory.CreateDirectory(Path.GetDirectoryName(KeyFile)!);
        var victim = Root.At("etc/victim");
        File.WriteAllText(victim, "precious\n");
        File.CreateSymbolicLink(SourceFile, victim);
        File.CreateSymbolicLink(KeyFile, victim);
        var before = EtcApt;
        Deployed(Source(), "wares=1");
        File.ReadAllText(victim).Should().Be("precious\n");
        (new FileInfo(SourceFile).LinkTarget, new FileInfo(KeyFile).LinkTarget).Should().Be((null, null));
        Device.Run("restore").Cause.Should().Be((0, 1100, "0x00000000"));
        EtcApt.Should().Be(before);
        File.ReadAllText(victim).Should().Be("precious\n");
    }

    [Fact]
    public void A_folder_that_others_can_change_is_not_written_to()
    {
        Device.Configure("allowSources", "any");
        Command.Run("chmod", ["o+w", Root.At("etc/apt/sources.list.d")]).Succeeded("open a folder to all");
        var before = EtcApt + Device.State;
        var answer = Device.Run("deploy", Manifest(Source(), "wares=1"));
        answer.Cause.Should().Be((1, 0, "0x3020030d"), answer.Details);
        answer.Details.Should().Contain("others than root can change a folder on the way");
        (EtcApt + Device.State).Should().Be(before);
    }

    [Theory]
    [InlineData("rm {source}", "the source contoso is missing")]
    [InlineData("rm {key}", "the source contoso is missing")]
    [InlineData("echo 'Trusted: yes' >>{source}", "the source contoso is missing, or is not as it was written")]
    [InlineData("chmod 0666 {key}", "the source contoso is missing, or is not as it was written")]
    [InlineData("cp -p {source} {source}.x; ln -sf {source}.x {source}", "the source contoso is missing, or is not as it was written")]
    public void A_device_whose_source_is_not_as_it_was_written_is_not_as_it_was_updated(string change, string why)
    {
        var manifest = Manifest(Source(), "wares=1");
        Device.Configure("allowSources", "any");
        Device.Run("deploy", manifest).Cause.Should().Be((0, 700, "0x00000000"));
        Device.Run("is-installed", manifest).ResultCode.Should().Be(900);
        Command.Run("sh", ["-c", change.Replace("{source}", SourceFile, StringComparison.Ordinal).Replace("{key}", KeyFile, StringComparison.Ordinal)]).Succeeded(change);
        var answer = Device.Run("is-installed", manifest);
        (answer.ResultCode, answer.Details).Should().Be((901, answer.Details));
        answer.Details.Should().StartWith(why);
        Device.Run("deploy", manifest).Details.Should().StartWith("sources: ");
        Device.Run("is-installed", manifest).ResultCode.Should().Be(900);
    }

    [Fact]
    public void A_source_that_comes_back_after_its_removal_is_not_as_the_manifest_asks()
    {
        Deployed(Source(), "foo");
        var manifest = Manifest(new JsonObject { ["contoso"] = null }, "foo");
        Device.Run("deploy", manifest).Cause.Should().Be((0, 700, "0x00000000"));
        File.WriteAllText(SourceFile, "");
        Device.Run("is-installed", manifest).Details.Should().Be("the source contoso is still there");
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
        var answer = Device.Run("deploy", Manifest(source, "foo"));
        answer.Cause.Should().Be((2, 0, "0x30000068"), answer.Details);
        answer.Details.Should().Contain("1 error");
        (EtcApt + Device.State).Should().Be(before);
    }

    [Fact]
    public void Other_sources_of_the_device_are_never_touched()
    {
        Device.Configure("allowSources", "any");
        File.WriteAllText(Root.At("etc/apt/sources.list.d/contoso.list"), "# of the operator\n");
        File.WriteAllText(Root.At("etc/apt/sources.list.d/du-apt-other.sources"), $"Types: deb\nURIs: {Contoso}/./.\nSuites: stable\nComponents: main\nSigned-By: {Packages.OtherRepository.Keyring}\n");
        var before = EtcApt;
        Deployed(Source(), "wares=1");
        Deployed(new JsonObject { ["contoso"] = null }, "wares-");
        Directory.Delete(Root.At("etc/apt/keyrings"));
        EtcApt.Should().Be(before);
    }

    private Answer Deployed(JsonObject sources, params string[] words)
    {
        Device.Configure("allowSources", "any");
        var answer = Device.Run("deploy", Manifest(sources, words));
        answer.Cause.Should().Be((0, 700, "0x00000000"), answer.Details);
        return answer;
    }

    private JsonObject Source(string id = "contoso", string? uri = null, string? key = null, string? keyring = null)
    {
        var source = new JsonObject
        {
            ["uris"] = new JsonArray(uri ?? Contoso),
            ["suites"] = new JsonArray("stable"),
            ["components"] = new JsonArray("main"),
            ["architectures"] = new JsonArray("amd64"),
        };
        source[keyring is null ? "signingKey" : "keyring"] = keyring ?? key ?? Packages.OtherKey;
        return new JsonObject { [id] = source };
    }

    private string Manifest(JsonObject sources, string word, string? another = null, string? removed = null)
    {
        if (removed is not null)
            sources[removed] = null;
        return Manifest(sources, another is null ? [word] : [word, another]);
    }

    private string Manifest(JsonObject sources, string[] words)
    {
        var path = Device.NamedManifest($"sources{++_manifests}", "1.0", words);
        var manifest = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        manifest["sources"] = sources;
        File.WriteAllText(path, manifest.ToJsonString());
        return path;
    }

    private string Lists() => string.Join('\n', Directory.EnumerateFiles(Root.At("var/lib/apt/lists")).Order(StringComparer.Ordinal));

    public sealed class Published() : PublishedPackages(repository => repository.Package("foo", "1").Package("bad", "1", postinst: "exit 7")), IDisposable
    {
        public Repository OtherRepository { get; } = new Repository().Package("wares", "1").Package("lib-of-wares", "1").Index();

        public HttpServer Other => _other ??= new HttpServer(OtherRepository);

        public string OtherKey => _otherKey ??= OtherRepository.ArmouredKey;

        /// <summary>A key that nothing here is signed with but the first repository.</summary>
        public string ThirdKey => _thirdKey ??= Repository.ArmouredKey;

        private HttpServer? _other;
        private string? _otherKey;
        private string? _thirdKey;

        public new void Dispose()
        {
            _other?.Dispose();
            OtherRepository.Dispose();
            base.Dispose();
        }
    }
}
