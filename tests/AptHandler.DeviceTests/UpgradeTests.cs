using AptHandler.DeviceTests.Fixtures;

namespace AptHandler.DeviceTests;

/// <summary>Upgrades by hand, of this package and of the agent's, which takes the update type back for its own handler each time.</summary>
public sealed class UpgradeTests
{
    private static string NextProduct => $"{Published.Product}={Published.NextProductVersion}";

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void An_upgrade_registers_the_new_library_and_keeps_configuration_and_records(string suite)
    {
        const string Configuration = """{ "protectedPackages": [ "hello" ] }""";
        using var device = Device.Installed(suite);
        device.Write("/etc/du-apt-handler/config.json", Configuration);
        var agent = new DeviceAgent(device) { Manifest = Manifests.Of("hello=1.0") };
        agent.Run().Outcome!.Code.Should().Be(700);

        device.Install(NextProduct);
        Registration.Of(device).Should().Be(Registration.OfProduct);
        device.Try("du-apt", "doctor").ExitStatus.Should().Be(0);
        device.Read("/etc/du-apt-handler/config.json").Should().Be(Configuration);
        agent.IsInstalled().Should().Be(900);
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void An_upgrade_of_the_agent_does_not_take_the_update_type_away(string suite)
    {
        using var device = Device.Installed(suite);
        device.Install($"{Published.Agent}={Published.NextAgentVersion}");
        device.Version(Published.Agent).Should().Be(Published.NextAgentVersion);
        Registration.Of(device).Should().Be(Registration.OfProduct);
        device.Try("du-apt", "doctor").ExitStatus.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void Both_at_once_are_no_exception(string suite)
    {
        using var device = Device.Installed(suite);
        device.Install($"{Published.Agent}={Published.NextAgentVersion}", NextProduct);
        Registration.Of(device).Should().Be(Registration.OfProduct);
        device.Try("du-apt", "doctor").ExitStatus.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void The_same_version_can_be_installed_again_and_an_older_one(string suite)
    {
        using var device = Device.Installed(suite);
        device.Run("apt-get", "-q", "-y", "--reinstall", "install", $"{Published.Product}={Published.ProductVersion}");
        Registration.Of(device).Should().Be(Registration.OfProduct);
        device.Install(NextProduct);
        device.Install($"{Published.Product}={Published.ProductVersion}");
        Registration.Of(device).Should().Be(Registration.OfProduct);
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void A_handler_that_somebody_else_registered_is_noticed_and_put_right_by_hand(string suite)
    {
        using var device = Device.Installed(suite);
        device.Run(
            "AducIotAgent",
            "-l",
            "2",
            "--extension-type",
            "updateContentHandler",
            "--extension-id",
            "microsoft/apt:1",
            "--register-extension",
            Registration.OfAgent.Library
        );
        Registration.Of(device).Should().Be(Registration.OfAgent);
        var doctor = device.Try("du-apt", "doctor");
        doctor.ExitStatus.Should().Be(1);
        doctor.Text.Should().Contain("du-apt register");

        device.Run("du-apt", "register");
        Registration.Of(device).Should().Be(Registration.OfProduct);
        device.Try("du-apt", "doctor").ExitStatus.Should().Be(0);
    }
}
