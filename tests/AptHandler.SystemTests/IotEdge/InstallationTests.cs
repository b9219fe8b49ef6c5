namespace AptHandler.SystemTests.IotEdge;

/// <summary>Installing version 1.2, and a certain release of either version.</summary>
public sealed class InstallationTests(IotEdgePackages packages) : IotEdgeTests(packages)
{
    [Fact]
    public void Installing_aziot_edge_brings_the_identity_service_and_the_moby_engine_that_it_depends_on()
    {
        var manifest = Deployed("aziot-edge");
        Root.Packages()
            .Should()
            .Equal(
                "aziot-edge 1.2.7-1 installed",
                "aziot-identity-service 1.2.5-1 installed",
                "moby-engine 20.10.3+azure-1 installed",
                "openssl 1.1.1k-1 installed"
            );
        Root.AutoMarks().Should().BeEquivalentTo("aziot-identity-service", "moby-engine", "openssl");
        Content("etc/aziot/config.toml.edge.template").Should().Be("# 1.2.7-1\n");
        Directory.EnumerateFiles(Root.At("etc/aziot"), "config.toml.default", SearchOption.AllDirectories).Should().HaveCount(5);
        Directory.Exists(Root.At("var/lib/aziot/edged")).Should().BeTrue();
        new FileInfo(Root.At("usr/libexec/aziot-identity-service/aziot-keyd")).LinkTarget.Should().Be("aziotd");
        File.Exists(Root.At(IotEdgePackages.NewConfiguration))
            .Should()
            .BeFalse("whoever provisions the device copies it from the template");

        Root.AptGet("-y", "remove", "aziot-identity-service");
        NoLongerInstalled(manifest, "aziot-edge is not installed");
    }

    [Fact]
    public void A_manifest_of_both_packages_of_a_release_installs_exactly_these_although_newer_ones_are_published()
    {
        Deployed("aziot-edge=1.2.0-1", "aziot-identity-service=1.2.0-1");
        Installed("aziot-edge", "aziot-identity-service").Should().Equal("1.2.0-1", "1.2.0-1");
        File.WriteAllText(Root.At(IotEdgePackages.NewConfiguration), "of this device\n");

        var newest = Deployed("aziot-edge=1.2.7-1", "aziot-identity-service=1.2.5-1");
        Installed("aziot-edge", "aziot-identity-service").Should().Equal("1.2.7-1", "1.2.5-1");
        var between = Deployed("aziot-edge=1.2.3-1", "aziot-identity-service=1.2.3-1");
        Installed("aziot-edge", "aziot-identity-service").Should().Equal("1.2.3-1", "1.2.3-1");
        NoLongerInstalled(newest, "aziot-edge is 1.2.3-1 instead of 1.2.7-1");
        Content(IotEdgePackages.NewConfiguration).Should().Be("of this device\n");

        Root.Install("aziot-edge=1.2.0-1", "aziot-identity-service=1.2.0-1");
        NoLongerInstalled(between, "aziot-edge is 1.2.0-1 instead of 1.2.3-1");
    }

    [Fact]
    public void Where_only_aziot_edge_is_pinned_apt_ignores_its_strict_requirement_and_fails_and_the_handler_follows_it()
    {
        Root.AptGet("update");
        // The solver that is apt's default up to version 3.0.
        var apt = Root.TryAptGet("-y", "-o", "APT::Solver=internal", "install", "aziot-edge=1.2.0-1");
        apt.ExitStatus.Should().Be(100);
        apt.Text.Should().Contain("aziot-edge : Depends: aziot-identity-service (= 1.2.0-1) but 1.2.5-1 is to be installed");
        Root.Packages().Should().BeEmpty();

        var answer = Device.Deployed("aziot-edge=1.2.0-1");
        answer.Details.Should().Contain("pinned by strict dependencies: aziot-identity-service 1.2.0-1 (for aziot-edge)");
        Installed("aziot-edge", "aziot-identity-service").Should().Equal("1.2.0-1", "1.2.0-1");
        Root.AutoMarks().Should().Contain("aziot-identity-service");
        Device.Run("is-installed", Root.At("update1-1.0.json")).Cause.Should().Be((0, 900, "0x00000000"));
        Root.AptGet("-y", "remove", "aziot-edge");
        NoLongerInstalled(Root.At("update1-1.0.json"), "aziot-edge is not installed");
    }

    [Fact]
    public void Where_only_iotedge_is_pinned_the_newest_library_comes_with_it_unless_the_manifest_pins_that_too()
    {
        Deployed("iotedge=1.1.0-1");
        Installed("iotedge", "libiothsm-std").Should().Equal("1.1.0-1", "1.1.4-1");
        Deployed("iotedge=1.1.0-1", "libiothsm-std=1.1.0-1");
        Installed("iotedge", "libiothsm-std").Should().Equal("1.1.0-1", "1.1.0-1");
    }

    [Fact]
    public void Packages_of_two_releases_do_not_fit_together()
    {
        Device
            .Refused(1, Unmet, "aziot-edge=1.2.7-1", "aziot-identity-service=1.2.0-1")
            .Details.Should()
            .Contain("aziot-edge : Depends: aziot-identity-service (= 1.2.5-1) but 1.2.0-1 is to be installed");
        Root.Packages().Should().BeEmpty();
    }
}
