namespace AptHandler.SystemTests.IotEdge;

/// <summary>Downgrading from version 1.2 to 1.1.</summary>
public sealed class DowngradingTests(IotEdgePackages packages) : IotEdgeTests(packages)
{
    [Theory]
    [InlineData("aziot-edge-", "aziot-identity-service-", "iotedge=1.1.0-1", "libiothsm-std=1.1.0-1")]
    [InlineData("iotedge=1.1.0-1", "libiothsm-std=1.1.0-1")]
    public void Uninstalling_the_new_packages_and_reinstalling_iotedge_finds_the_old_configuration_still_there(params string[] words)
    {
        Provisioned("1.1.4-1");
        Deployed("aziot-edge");
        Import().Succeeded("import");

        var manifest = Deployed(words);
        Root.Packages()
            .Should()
            .Equal(
                "aziot-edge 1.2.7-1 config-files",
                "aziot-identity-service 1.2.5-1 config-files",
                "iotedge 1.1.0-1 installed",
                "libiothsm-std 1.1.0-1 installed",
                "moby-engine 20.10.3+azure-1 installed",
                "openssl 1.1.1k-1 installed"
            );
        Content(IotEdgePackages.OldConfiguration).Should().StartWith("# 1.1.4-1\n").And.Contain(Provisioning);
        Content("var/lib/iotedge/hsm/enc_keys/master").Should().Be("key\n");
        Content("usr/bin/iotedge").Should().Be("1.1.0-1\n");

        Root.AptGet("-y", "remove", "iotedge");
        NoLongerInstalled(manifest, "iotedge is not installed");
    }

    [Fact]
    public void The_old_configuration_is_not_available_any_more_when_iotedge_was_purged()
    {
        Provisioned("1.1.4-1");
        Deployed("aziot-edge");
        Root.AptGet("-y", "purge", "iotedge");
        File.Exists(Root.At(IotEdgePackages.OldConfiguration)).Should().BeFalse();
        Deployed("aziot-edge-", "aziot-identity-service-", "iotedge=1.1.0-1");
        Content(IotEdgePackages.OldConfiguration).Should().StartWith("# 1.1.0-1\n").And.Contain(IotEdgePackages.NotProvisioned);
        Directory.EnumerateFiles(Root.At("var/lib/iotedge/hsm/enc_keys")).Should().BeEmpty();
    }

    [Fact]
    public void The_configuration_of_either_version_waits_for_its_packages_however_often_they_change_places()
    {
        Provisioned("1.1.4-1");
        Deployed("aziot-edge");
        Import().Succeeded("import");
        File.AppendAllText(Root.At(IotEdgePackages.NewConfiguration), "edited\n");
        var imported = Content(IotEdgePackages.NewConfiguration);
        var old = Content(IotEdgePackages.OldConfiguration);
        for (var round = 0; round < 2; round++)
        {
            Deployed("aziot-edge-", "aziot-identity-service-", "iotedge=1.1.4-1");
            Content(IotEdgePackages.OldConfiguration).Should().Be(old);
            Deployed("aziot-edge=1.2.3-1");
            Content(IotEdgePackages.NewConfiguration).Should().Be(imported);
        }

        // Going back to a device that remembers a removed version purges nothing of it.
        Deployed("iotedge");
        Deployed("aziot-edge=1.2.0-1");
        Device.Run("restore").ResultCode.Should().Be(1100);
        Root.Installed("iotedge").Should().Be("1.1.4-1");
        (Content(IotEdgePackages.OldConfiguration), Content(IotEdgePackages.NewConfiguration)).Should().Be((old, imported));
    }

    [Fact]
    public void A_downgrade_that_is_restored_gives_back_the_new_packages_with_their_configuration()
    {
        Provisioned("1.1.4-1");
        Deployed("aziot-edge=1.2.3-1");
        Import().Succeeded("import");
        var before = Everything();
        Deployed("aziot-edge-", "aziot-identity-service-", "iotedge");
        var answer = Device.Run("restore");
        answer.Cause.Should().Be((0, 1100, "0x00000000"), answer.Details);
        Everything().Should().Equal(before);
    }
}
