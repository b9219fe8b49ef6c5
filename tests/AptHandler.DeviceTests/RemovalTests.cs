using AptHandler.DeviceTests.Fixtures;

namespace AptHandler.DeviceTests;

/// <summary>The way back to the agent's own handler.</summary>
public sealed class RemovalTests
{
    private const string State = "/var/lib/du-apt-handler";
    private const string Run = "/run/du-apt-handler";
    private const string Configuration = "/etc/du-apt-handler/config.json";
    private const string Criteria = "/var/lib/adu/installedcriteria";

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void A_removal_gives_the_agent_its_own_handler_back_and_keeps_what_is_on_record(string suite)
    {
        using var device = Deployed(suite);
        var criteria = device.Read(Criteria);
        Remove(device);
        device.Status(Published.Product).Should().Be("deinstall ok config-files");
        Registration.Of(device).Should().Be(Registration.OfAgent);
        device.Exists(State).Should().BeTrue();
        device.Read(Criteria).Should().Be(criteria);
        device.Exists("/usr/lib/du-apt-handler").Should().BeFalse();

        device.Install($"{Published.Product}={Published.ProductVersion}");
        Registration.Of(device).Should().Be(Registration.OfProduct);
        new DeviceAgent(device) { Manifest = Manifests.Of("hello=1.0") }
            .IsInstalled()
            .Should()
            .Be(900);
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void The_handler_that_is_given_back_is_the_one_of_the_agent_as_it_is_now(string suite)
    {
        using var device = Device.Installed(suite);
        device.Install($"{Published.Agent}={Published.NextAgentVersion}");
        Remove(device);
        Registration.Of(device).Should().Be(Registration.OfAgent);
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void A_purge_removes_all_of_ours_and_nothing_of_the_agents(string suite)
    {
        using var device = Deployed(suite);
        var criteria = device.Read(Criteria);
        device.Run("apt-get", "-q", "-y", "purge", Published.Product);
        device.Status(Published.Product).Should().BeNull("dpkg has forgotten it");
        new[] { State, Run, Configuration, "/etc/du-apt-handler", "/usr/lib/du-apt-handler", "/usr/bin/du-apt" }
            .Should()
            .OnlyContain(path => !device.Exists(path));
        device.Read(Criteria).Should().Be(criteria);
        device.Exists("/var/log/adu").Should().BeTrue();
        Registration.Of(device).Should().Be(Registration.OfAgent);
        device.Version("hello").Should().Be("1.0");
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void Where_there_is_no_agent_it_goes_without_a_trace(string suite)
    {
        using var device = Device.Bare(suite);
        device.Install($"{Published.Product}={Published.ProductVersion}");
        device.Run("apt-get", "-q", "-y", "purge", Published.Product);
        device.Exists("/var/lib/adu").Should().BeFalse();
        device.Exists(State).Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void An_agent_that_goes_first_is_missed_and_then_no_obstacle(string suite)
    {
        using var device = Device.Installed(suite);
        device.Run("apt-get", "-q", "-y", "purge", Published.Agent);
        device.Version(Published.Product).Should().Be(Published.ProductVersion);
        device.Try("du-apt", "doctor").ExitStatus.Should().Be(1);
        device.Run("apt-get", "-q", "-y", "purge", Published.Product);
        device.Run("dpkg", "--audit").Output.Should().BeEmpty();
        device.Exists("/var/lib/adu").Should().BeFalse();

        // And both come back.
        device.Install($"{Published.Agent}={Published.AgentVersion}", $"{Published.Product}={Published.ProductVersion}");
        Registration.Of(device).Should().Be(Registration.OfProduct);
    }

    private static Device Deployed(string suite)
    {
        var device = Device.Installed(suite);
        new DeviceAgent(device) { Manifest = Manifests.Of("hello=1.0") }
            .Run()
            .Outcome!.Code.Should()
            .Be(700);
        return device;
    }

    private static void Remove(Device device) => device.Run("apt-get", "-q", "-y", "remove", Published.Product);
}
