using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.IotEdge;

/// <summary>Updating from <c>iotedge</c> (version 1.1) to <c>aziot-edge</c> (version 1.2).</summary>
public sealed class UpdatingTests(IotEdgePackages packages) : IotEdgeTests(packages)
{
    [Theory]
    [InlineData("1.2.7-1", "1.2.5-1", "aziot-edge")]
    [InlineData("1.2.0-1", "1.2.0-1", "aziot-edge=1.2.0-1")]
    [InlineData("1.2.3-1", "1.2.3-1", "aziot-edge=1.2.3-1", "aziot-identity-service=1.2.3-1")]
    public void A_manifest_of_the_new_packages_alone_replaces_the_old_ones_and_leaves_their_configuration_behind(
        string runtime,
        string identityService,
        params string[] words
    )
    {
        Provisioned("1.1.4-1");
        var answer = Device.Run("deploy", Device.NamedManifest("edge", "1.2", words));
        answer.Cause.Should().Be((0, 700, "0x00000000"), answer.Details);
        answer
            .Packages.Should()
            .BeEquivalentTo(
                "iotedge 1.1.4-1 -> -",
                "libiothsm-std 1.1.4-1 -> -",
                $"aziot-edge - -> {runtime}",
                $"aziot-identity-service - -> {identityService}"
            );
        Root.Packages()
            .Should()
            .Equal(
                $"aziot-edge {runtime} installed",
                $"aziot-identity-service {identityService} installed",
                "iotedge 1.1.4-1 config-files",
                "moby-engine 20.10.3+azure-1 installed",
                "openssl 1.1.1k-1 installed"
            );
        Content(IotEdgePackages.OldConfiguration).Should().Contain(Provisioning);
        Content("var/lib/iotedge/hsm/enc_keys/master").Should().Be("key\n");
        Device.Run("is-installed", Root.At("edge-1.2.json")).Cause.Should().Be((0, 900, "0x00000000"));

        Root.AptGet("-y", "remove", "aziot-edge");
        NoLongerInstalled(Root.At("edge-1.2.json"), "aziot-edge is not installed");
    }

    [Fact]
    public void Config_import_generates_the_new_configuration_from_the_one_left_behind()
    {
        Provisioned("1.1.0-1");
        Deployed("aziot-edge");
        Import().Succeeded("import");
        Content(IotEdgePackages.NewConfiguration)
            .Should()
            .Be($"[provisioning]\nsource = \"manual\"\n{Provisioning.Replace(":", " =", StringComparison.Ordinal)}\n");
    }

    [Fact]
    public void Config_import_finds_nothing_when_the_old_packages_were_removed_with_purge()
    {
        Provisioned("1.1.4-1");
        Root.AptGet("-y", "purge", "iotedge", "libiothsm-std");
        Deployed("aziot-edge");
        Import().Errors.Should().Contain("cannot import");
        File.Exists(Root.At(IotEdgePackages.NewConfiguration)).Should().BeFalse();
    }

    [Theory]
    [InlineData]
    [InlineData("iotedge=1.1.4-1")]
    [InlineData("aziot-edge=1.2.7-1")]
    public void Both_at_once_are_not_allowed_by_apt_and_the_manifest_is_refused_with_its_words(params string[] before)
    {
        Root.Install(before);
        foreach (
            var words in new string[][]
            {
                ["iotedge", "aziot-edge"],
                ["aziot-edge=1.2.0-1", "iotedge=1.1.0-1"],
                ["libiothsm-std", "aziot-identity-service"],
            }
        )
            Device.Refused(1, Unmet, words).Details.Should().Contain("Conflicts: ");
    }

    [Fact]
    public void Dpkg_used_directly_refuses_the_new_packages_until_the_old_ones_are_removed()
    {
        Provisioned("1.1.4-1");
        string[] debs =
        [
            Packages.Repository.Deb("aziot-identity-service", "1.2.5-1", "amd64"),
            Packages.Repository.Deb("aziot-edge", "1.2.7-1", "amd64"),
        ];
        foreach (var deb in debs)
        {
            var refused = Root.Dpkg("--install", deb);
            refused.ExitStatus.Should().Be(1);
            refused.Errors.Should().Contain("conflicting packages - not installing");
        }

        Root.Installed("iotedge").Should().Be("1.1.4-1");
        Root.Dpkg("--remove", "iotedge", "libiothsm-std").Succeeded("remove");
        Root.Dpkg(["--install", .. debs]).Succeeded("install");
        Device.Deployed("aziot-edge=1.2.7-1", "aziot-identity-service=1.2.5-1").Packages.Should().BeEmpty();
        Import().Succeeded("import");
    }

    [Fact]
    public void An_update_that_is_restored_gives_back_the_old_packages_with_their_configuration()
    {
        Provisioned("1.1.4-1");
        var before = Everything();
        var manifest = Deployed("aziot-edge=1.2.3-1", "aziot-identity-service=1.2.3-1");
        Import().Succeeded("import");

        var answer = Device.Run("restore");
        answer.Cause.Should().Be((0, 1100, "0x00000000"), answer.Details);
        answer
            .Packages.Should()
            .BeEquivalentTo(
                "iotedge - -> 1.1.4-1",
                "libiothsm-std - -> 1.1.4-1",
                "aziot-edge 1.2.3-1 -> -",
                "aziot-identity-service 1.2.3-1 -> -"
            );
        answer.Details.Should().EndWith("; the packages are as before; left over: /etc/aziot, /var/lib/aziot");
        Everything().Where(line => !line.Contains("/aziot", StringComparison.Ordinal)).Should().Equal(before);
        Content(IotEdgePackages.NewConfiguration).Should().Contain("[provisioning]");
        Content(IotEdgePackages.OldConfiguration).Should().Contain(Provisioning);
        NoLongerInstalled(manifest, "no update with these installed criteria was applied");
    }

    [Fact]
    public void An_update_after_which_the_device_is_not_well_is_undone_in_the_same_way()
    {
        Provisioned("1.1.0-1");
        var before = Everything();
        NotWell();
        Device
            .Deploy("aziot-edge")
            .Details.Should()
            .Contain("edgeAgent does not run")
            .And.EndWith("; the packages are as before; left over: /var/lib/aziot");
        Everything().Where(line => !line.Contains("/var/lib/aziot", StringComparison.Ordinal)).Should().Equal(before);
    }

    [Fact]
    public void The_old_configuration_that_was_edited_after_the_update_stays_when_it_is_restored()
    {
        Provisioned("1.1.4-1");
        Deployed("aziot-edge");
        File.WriteAllText(Root.At(IotEdgePackages.OldConfiguration), "of the operator\n");
        Device.Run("restore").Details.Should().Contain("/etc/iotedge/config.yaml was changed after the update, and stays");
        Content(IotEdgePackages.OldConfiguration).Should().Be("of the operator\n");
        Root.Installed("iotedge").Should().Be("1.1.4-1");
    }

    [Fact]
    public void A_new_configuration_that_was_prepared_before_the_update_is_not_purged_with_the_packages_when_that_is_undone()
    {
        Directory.CreateDirectory(Root.At("etc/aziot"));
        File.WriteAllText(Root.At(IotEdgePackages.NewConfiguration), "prepared\n");
        Command.Run("chmod", ["0600", Root.At(IotEdgePackages.NewConfiguration)]).Succeeded("protect it");
        Provisioned("1.1.4-1");
        var before = Everything();
        NotWell();
        Device.Deploy("aziot-edge").Details.Should().EndWith("; the packages are as before; left over: /var/lib/aziot");
        Everything().Where(line => !line.Contains("/var/lib/aziot", StringComparison.Ordinal)).Should().Equal(before);
        File.GetUnixFileMode(Root.At(IotEdgePackages.NewConfiguration)).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);

        Directory.Delete(Root.At("health.d"), recursive: true);
        Deployed("aziot-edge");
        File.WriteAllText(Root.At(IotEdgePackages.NewConfiguration), "edited since\n");
        Device.Run("restore").ResultCode.Should().Be(1100);
        Root.Installed("iotedge").Should().Be("1.1.4-1");
        Content(IotEdgePackages.NewConfiguration).Should().Be("edited since\n");
    }

    // The judgement of the device's builder.
    private void NotWell()
    {
        Directory.CreateDirectory(Root.At("health.d"));
        Device.Configure("healthDir", Root.At("health.d"));
        File.WriteAllText(Root.At("health.d/10-edge"), "#!/bin/sh\necho edgeAgent does not run\nexit 1\n");
        Command.Run("chmod", ["0755", Root.At("health.d/10-edge")]).Succeeded("make it a program");
    }
}
