using System.Text.Json.Nodes;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.DesiredState;

/// <summary>Where packages come from changes with the packages: what comes, what goes, and the ways back.</summary>
public sealed class SourcesTests(SourcePackages packages) : SourceTest(packages)
{
    [Fact]
    public void A_package_that_only_the_new_source_has_is_installed_from_it()
    {
        Device.Configure("allowSources", "any");
        var answer = Device.Run("deploy", Device.SourcedManifest(Source(), "wares=1"));
        answer.Cause.Should().Be((0, 700, "0x00000000"), answer.Details);
        answer.Details.Should().Be("+wares 1; sources: +contoso");
        answer.Packages.Should().Equal("wares - -> 1");
        Root.Installed("wares").Should().Be("1");
        File.ReadAllLines(SourceFile)
            .Where(line => !line.StartsWith('#'))
            .Should()
            .Equal(
                "Types: deb",
                "Enabled: yes",
                $"URIs: {Contoso}",
                "Suites: stable",
                "Components: main",
                "Architectures: amd64",
                $"Signed-By: {KeyFile}"
            );
        File.ReadAllText(KeyFile).Should().Be(Packages.OtherRepository.ArmouredKey);
        Command
            .Run("stat", ["-c", "%a %u:%g", SourceFile, KeyFile, Root.At("etc/apt/keyrings")])
            .Output.Should()
            .Be("644 0:0\n644 0:0\n755 0:0\n");
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
        Command
            .Run("chmod", ["0755", Root.Location, Packages.Repository.Location, Packages.OtherRepository.Location])
            .Succeeded("let others in");
        Command
            .Run("chmod", ["-R", "o-rwx", Root.At("var/lib/du-apt-handler"), Root.At("run/du-apt-handler")])
            .Succeeded("keep others out");
        var answer = Device.Run("deploy", Device.SourcedManifest(Source(), "wares=1"));
        answer.Cause.Should().Be((0, 700, "0x00000000"), answer.Details);
        Root.AptGet("update", "--error-on=any").Text.Should().Contain(Contoso).And.NotContain("W:");
    }

    [Fact]
    public void Nothing_in_etc_changes_before_the_step_that_installs()
    {
        Device.Configure("allowSources", "any");
        var before = EtcApt;
        var manifest = Device.SourcedManifest(Source(), "wares=1");
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
        File.ReadAllText(KeyFile).Should().Be(Packages.OtherRepository.ArmouredKey);
        Root.AptGet("update", "--error-on=any").Text.Should().Contain(Contoso);
    }

    [Fact]
    public void A_keyring_of_the_device_does_as_well_as_a_key()
    {
        Device.Configure("allowSources", "any");
        var keyring = Root.At("usr/share/keyrings/contoso.gpg");
        var manifest = Device.SourcedManifest(Source(keyring: "/usr/share/keyrings/contoso.gpg"), "wares=1");
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
        var sources = Source("other", uri: $"{Contoso}/.");
        sources["contoso"] = null;
        var answer = Device.Run("plan", Device.SourcedManifest(sources, "foo"));
        answer.Cause.Should().Be((0, 500, "0x00000000"), answer.Details);
        answer.Details.Should().Be("sources: +other, -contoso");
        (EtcApt + Device.State).Should().Be(before);
    }

    [Fact]
    public void A_maintainer_script_that_fails_takes_source_and_key_back()
    {
        Device.Configure("allowSources", "any");
        var (before, packages) = (EtcApt, Root.Packages());
        var answer = Device.Run("deploy", Device.SourcedManifest(Source(), "wares=1", "bad"));
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
        Device.Run("deploy", Device.SourcedManifest(Source(), "foo")).Cause.Should().Be((1, 0, "0x30200314"));
        EtcApt.Should().Be(before);
    }

    [Fact]
    public void Restore_takes_source_and_key_back()
    {
        Device.Configure("allowSources", "any");
        Root.Install("foo");
        var (before, packages) = (EtcApt, Root.Packages());
        Deployed(Source(), "wares=1");
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
    public void A_source_that_was_edited_since_is_saved_and_not_used_any_more()
    {
        Device.Configure("allowSources", "any");
        var before = EtcApt;
        Deployed(Source(), "wares=1");
        File.AppendAllText(SourceFile, "# of an operator\n");
        Device.Run("restore").Details.Should().Contain($"saved: /etc/apt/sources.list.d/du-apt-contoso.sources.du-apt-saved");
        File.ReadAllText(SourceFile + ".du-apt-saved").Should().EndWith("# of an operator\n");
        File.Delete(SourceFile + ".du-apt-saved");
        EtcApt.Should().Be(before);
    }

    [Theory]
    [InlineData("rm {source}", "the source contoso is missing")]
    [InlineData("rm {key}", "the source contoso is missing")]
    [InlineData("echo 'Trusted: yes' >>{source}", "the source contoso is missing, or is not as it was written")]
    [InlineData("chmod 0666 {key}", "the source contoso is missing, or is not as it was written")]
    [InlineData("cp -p {source} {source}.x; ln -sf {source}.x {source}", "the source contoso is missing, or is not as it was written")]
    public void A_device_whose_source_is_not_as_it_was_written_is_not_as_it_was_updated(string change, string why)
    {
        var manifest = Device.SourcedManifest(Source(), "wares=1");
        Device.Configure("allowSources", "any");
        Device.Run("deploy", manifest).Cause.Should().Be((0, 700, "0x00000000"));
        Device.Run("is-installed", manifest).ResultCode.Should().Be(900);
        Command
            .Run(
                "sh",
                ["-c", change.Replace("{source}", SourceFile, StringComparison.Ordinal).Replace("{key}", KeyFile, StringComparison.Ordinal)]
            )
            .Succeeded(change);
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
        var manifest = Device.SourcedManifest(new JsonObject { ["contoso"] = null }, "foo");
        Device.Run("deploy", manifest).Cause.Should().Be((0, 700, "0x00000000"));
        File.WriteAllText(SourceFile, "");
        Device.Run("is-installed", manifest).Details.Should().Be("the source contoso is still there");
    }

    [Fact]
    public void Other_sources_of_the_device_are_never_touched()
    {
        Device.Configure("allowSources", "any");
        File.WriteAllText(Root.At("etc/apt/sources.list.d/contoso.list"), "# of the operator\n");
        File.WriteAllText(
            Root.At("etc/apt/sources.list.d/du-apt-other.sources"),
            $"Types: deb\nURIs: {Contoso}/./.\nSuites: stable\nComponents: main\nSigned-By: {Packages.OtherRepository.Keyring}\n"
        );
        var before = EtcApt;
        Deployed(Source(), "wares=1");
        Deployed(new JsonObject { ["contoso"] = null }, "wares-");
        Directory.Delete(Root.At("etc/apt/keyrings"));
        EtcApt.Should().Be(before);
    }
}
