using AptHandler.DeviceTests.Fixtures;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.DeviceTests;

/// <summary>Updates of the very software that installs them.</summary>
public sealed class SelfUpdateTests
{
    private static string NextProduct => $"{Published.Product}={Published.NextProductVersion}";

    private static string NextAgent => $"{Published.Agent}={Published.NextAgentVersion}";

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void An_update_can_replace_the_handler_that_is_loaded(string suite)
    {
        using var device = Device.Installed(suite);
        ShouldRestartTheAgentAndBeInstalled(device, NextProduct);
        device.Version(Published.Product).Should().Be(Published.NextProductVersion);
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void An_update_can_replace_the_agent_that_runs_it(string suite)
    {
        using var device = Device.Installed(suite);
        ShouldRestartTheAgentAndBeInstalled(device, NextAgent);
        device.Version(Published.Agent).Should().Be(Published.NextAgentVersion);
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void An_update_can_replace_both_with_other_packages(string suite)
    {
        using var device = Device.Installed(suite);
        ShouldRestartTheAgentAndBeInstalled(device, NextAgent, NextProduct, "hello=2.0");
        (device.Version(Published.Product), device.Version(Published.Agent), device.Version("hello"))
            .Should()
            .Be((Published.NextProductVersion, Published.NextAgentVersion, "2.0"));
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void An_update_can_go_back_to_an_older_handler(string suite)
    {
        using var device = Device.Installed(suite);
        device.Install(NextProduct);
        ShouldRestartTheAgentAndBeInstalled(device, $"{Published.Product}={Published.ProductVersion}");
        device.Version(Published.Product).Should().Be(Published.ProductVersion);
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void No_update_can_remove_either(string suite)
    {
        using var device = Device.Installed(suite);
        foreach (var package in new[] { Published.Product, Published.Agent })
        {
            var report = new DeviceAgent(device) { Manifest = Manifests.Of($"{package}-"), Id = package }.Run();
            report.Outcome.Should().Be(new AgentResult(0, 0x30200303), report.Details);
            device.Version(package).Should().NotBeNull();
        }
    }

    private static void ShouldRestartTheAgentAndBeInstalled(Device device, params IEnumerable<string> packages)
    {
        var agent = new DeviceAgent(device) { Manifest = Manifests.Of(packages) };
        var report = agent.Run();
        report.Outcome.Should().Be(new AgentResult(707, 0), report.Process.Text);
        (report.Restart, report.Reboot).Should().Be(("immediate", "none"));
        Registration.Of(device).Should().Be(Registration.OfProduct);
        device.Run("dpkg", "--audit").Output.Should().BeEmpty();
        agent.IsInstalled().Should().Be(900, "else it would restart for ever");
        var doctor = device.Try("du-apt", "doctor");
        doctor.ExitStatus.Should().Be(0, doctor.Text);
    }
}
