using AptHandler.DeviceTests.Fixtures;

namespace AptHandler.DeviceTests;

/// <summary>The package comes onto a device, before, after or together with the agent.</summary>
public sealed class InstallationTests
{
    private const string Agent = $"{Published.Agent}={Published.AgentVersion}";

    private static string Product => $"{Published.Product}={Published.ProductVersion}";

    [Theory]
    [Trait("Also", "arm64")]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void With_the_agent_there_it_registers_itself_and_the_doctor_finds_nothing(string suite)
    {
        using var device = Device.Bare(suite);
        device.Install(Agent);
        Registration.Of(device).Should().Be(Registration.OfAgent);
        device.Install(Product);
        ShouldBeInOrder(device);
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void Without_an_agent_it_installs_and_says_what_is_missing_and_registers_when_the_agent_arrives(string suite)
    {
        using var device = Device.Bare(suite);
        device.Install(Product).Text.Should().NotContain("error");
        device.Version(Published.Product).Should().Be(Published.ProductVersion);
        device.Run("dpkg", "--audit").Output.Should().BeEmpty();
        Registration.Of(device).Should().BeNull();
        var doctor = device.Try("du-apt", "doctor");
        doctor.ExitStatus.Should().Be(1);
        doctor.Text.Should().Contain("deviceupdate-agent");

        device.Install(Agent);
        ShouldBeInOrder(device);
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void Together_with_the_agent_in_one_run_of_apt_it_is_the_one_that_is_registered(string suite)
    {
        using var device = Device.Bare(suite);
        device.Install(Product, Agent);
        ShouldBeInOrder(device);
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void An_agent_that_is_unpacked_with_it_and_configured_after_it_does_not_take_the_update_type_back(string suite)
    {
        using var device = Device.Bare(suite);
        device.Shell(
            $"dpkg --unpack {Device.Repository}/pool/{Published.Agent}_{Published.AgentVersion}_*.deb {Device.Repository}/pool/{Published.Product}_{Published.ProductVersion}_*.deb"
        );
        device.Run("dpkg", "--configure", Published.Product, Published.Agent);
        ShouldBeInOrder(device);
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void An_agent_that_cannot_register_is_no_obstacle(string suite)
    {
        using var device = Device.Bare(suite);
        device.Install(Agent);
        var folder = device.Rights(Path.GetDirectoryName(DeviceAgent.Registration)!);
        device.Write("/etc/adu/du-config.json", "{ broken");
        device
            .Try(
                "AducIotAgent",
                "-l",
                "2",
                "--extension-type",
                "updateContentHandler",
                "--extension-id",
                "microsoft/apt:1",
                "--register-extension",
                "/bin/sh"
            )
            .ExitStatus.Should()
            .NotBe(0, "else nothing is tested here");

        device.Install(Product);
        Registration.Of(device).Should().Be(Registration.OfProduct);
        device.Rights(Path.GetDirectoryName(DeviceAgent.Registration)!).Should().Be(folder);
        device.Rights(DeviceAgent.Registration).Should().MatchRegex("^(root|adu):adu 6[46]0$|:(root|adu) 644$");
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void Only_root_can_write_what_root_runs_and_only_the_agent_can_look_in(string suite)
    {
        using var device = Device.Installed(suite);
        device.Rights("/usr/lib/du-apt-handler/du-apt-root").Should().Be("root:adu 750");
        device.Rights("/usr/lib/du-apt-handler/du-apt").Should().Be("root:root 755");
        device.Rights("/usr/lib/du-apt-handler").Should().Be("root:root 755");
        device.Rights("/etc/du-apt-handler/config.json").Should().Be("root:root 644");
        device.Rights("/var/lib/du-apt-handler").Should().Be("root:adu 2750");
        device.Rights("/run/du-apt-handler").Should().Be("root:adu 2750");
    }

    private static void ShouldBeInOrder(Device device)
    {
        Registration.Of(device).Should().Be(Registration.OfProduct);
        var doctor = device.Try("du-apt", "doctor");
        doctor.ExitStatus.Should().Be(0, doctor.Text);
        new DeviceAgent(device) { Manifest = Manifests.Of("hello=1.0") }
            .IsInstalled()
            .Should()
            .Be(901);
    }
}
