using AptHandler.DeviceTests.Fixtures;

namespace AptHandler.DeviceTests.VirtualMachine;

/// <summary>A shutdown waits for dpkg, and for nothing else.</summary>
[Trait("Needs", "virtual-machine")]
public sealed class ShutdownTests : IDisposable
{
    private readonly Machine _machine = new("shutdown");

    public void Dispose() => _machine.Dispose();

    // Its maintainer script waits for /tmp/go.
    private AgentUnit StartUpdate()
    {
        _machine.Start();
        var agent = new AgentUnit(_machine, "patience", Published.Slow);
        agent.Start();
        _machine.WaitUntil("[ -e /tmp/started ]");
        return agent;
    }

    [Fact]
    public void A_reboot_waits_for_dpkg_and_the_agent_then_finds_the_update_installed()
    {
        AgentUnit agent = StartUpdate();
        _machine.Run("systemctl reboot --no-block");
        _machine.WaitUntil("systemctl show --property SubState --value 'du-apt-worker-*.scope' | grep -q stop-sigterm");
        _machine.WaitForConsole("Stopped dbus.service");
        _machine.Run("kill -0 $(cat /tmp/started)").Should().BeEmpty("the other services have ended, and the maintainer script runs on");
        _machine.Run("touch /tmp/go");
        _machine.WaitUntilOff();

        _machine.Start();
        Packages.Check(_machine, "slow 1.0");
        agent.WaitUntilInstalled();
    }

    [Fact]
    public void A_reboot_waits_for_a_recovery_as_well()
    {
        AgentUnit agent = StartUpdate();
        _machine.Run("sync");
        _machine.CutPower();

        _machine.Start();
        _machine.WaitUntil("[ -e /tmp/started ]");
        _machine.Run("systemctl show --property ActiveState --value du-apt-handler-recover.service").Should().Be("activating\n");
        _machine.WaitUntil("systemctl is-active --quiet deviceupdate-agent.service");
        _machine.Run("systemctl reboot --no-block");
        _machine.WaitForConsole("Stopped dbus.service");
        _machine.Run("systemctl show --property SubState --value du-apt-handler-recover.service").Should().Be("stop-sigterm\n");
        _machine.Run("kill -0 $(cat /tmp/started)").Should().BeEmpty("the other services have ended, and the maintainer script runs on");
        _machine.Run("touch /tmp/go");
        _machine.WaitUntilOff();

        _machine.Start();
        Packages.Check(_machine, "slow 1.0");
        agent.WaitUntilInstalled();
    }

    [Fact]
    public void A_shutdown_does_not_wait_for_a_worker_that_may_be_ended()
    {
        _machine.Start();
        // "Another update": a worker waits for its end for ten minutes.
        _machine.Run("mkdir -p /run/du-apt-handler; flock /run/du-apt-handler/worker.lock sleep 600 &");
        new AgentUnit(_machine, "patience", Published.Slow).Start();
        _machine.WaitUntil("grep -q 'Download of patience begins' /var/log/adu/du-apt.*.log");
        _machine.Run("systemctl poweroff --no-block");
        _machine.WaitUntilOff().Should().BeLessThan(TimeSpan.FromMinutes(1));
    }
}
