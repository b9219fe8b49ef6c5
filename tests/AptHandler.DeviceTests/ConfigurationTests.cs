using AptHandler.DeviceTests.Fixtures;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.DeviceTests;

/// <summary>A configuration that is not valid stops updates, clearly, and nothing else.</summary>
public sealed class ConfigurationTests
{
    private const string File = "/etc/du-apt-handler/config.json";
    private const string Broken = "{\n  \"lockTimeoutSeconds\": 60,\n  \"unlistedRemovals\": \"maybe\"\n}\n";

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void A_broken_file_fails_each_step_with_file_line_and_remedy_and_changes_nothing(string suite)
    {
        using var device = Device.Installed(suite);
        device.Write(File, Broken);
        var packages = device.Packages();
        var agent = new DeviceAgent(device) { Manifest = Manifests.Of("hello=1.0") };
        var report = agent.Run();
        report.Outcome.Should().Be(new AgentResult(0, 0x30200300));
        report
            .Details.Should()
            .Contain(File)
            .And.Contain("line 3")
            .And.Contain("unlistedRemovals")
            .And.Contain("refuse")
            .And.Contain("allow");
        foreach (var call in agent.Run("missing-functions").Calls.Where(call => call.Method is not ("IsInstalled" or "Cancel")))
            call.Result.Should().Be(new AgentResult(0, 0x30200300), call.Method);
        device.Packages().Should().Be(packages);
        device.Exists("/var/lib/adu/installedcriteria").Should().BeFalse();

        var doctor = device.Try("du-apt", "doctor");
        doctor.ExitStatus.Should().Be(1);
        doctor.Text.Should().Contain(File).And.Contain("line 3");

        device.Write(File, "{}");
        agent.Run().Outcome.Should().Be(new AgentResult(700, 0));
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void A_broken_file_keeps_nobody_from_upgrading_or_removing_the_package(string suite)
    {
        using var device = Device.Installed(suite);
        device.Write(File, Broken);
        device.Install($"{Published.Product}={Published.NextProductVersion}");
        Registration.Of(device).Should().Be(Registration.OfProduct);
        device.Install($"{Published.Agent}={Published.NextAgentVersion}");
        device.Run("apt-get", "-q", "-y", "remove", Published.Product);
        Registration.Of(device).Should().Be(Registration.OfAgent);
        device.Run("dpkg", "--audit").Output.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void Another_update_type_is_registered_where_the_configuration_says_so(string suite)
    {
        using var device = Device.Installed(suite);
        device.Write(File, """{ "updateType": "contoso/apt:2" }""");
        device.Run("du-apt", "register");
        Registration.Of(device, "contoso_apt_2").Should().Be(Registration.OfProduct with { UpdateType = "contoso/apt:2" });
        Registration.Of(device).Should().Be(Registration.OfAgent, "it is no longer ours");
        device.Try("du-apt", "doctor").ExitStatus.Should().Be(0);

        device.Run("apt-get", "-q", "-y", "remove", Published.Product);
        Registration.Of(device, "contoso_apt_2").Should().BeNull("nobody had it before");
        Registration.Of(device).Should().Be(Registration.OfAgent);
    }
}
