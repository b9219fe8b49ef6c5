using AptHandler.DeviceTests.Fixtures;

namespace AptHandler.DeviceTests.VirtualMachine;

/// <summary>A shutdown waits for dpkg, and for nothing else.</summary>
[Trait("Needs", "virtual-machine")]
public sealed class ShutdownTests : IDisposable
{
    private readonly Machine _machine = new("shutdown");

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void A_reboot_waits_for_dpkg_but_not_for_a_download_and_without_a_scope_dpkg_is_interrupted()
    {
        _machine.Start();
        var agent = new AgentUnit(_machine, "patience", Published.Slow);
        agent.Start();
        _machine.WaitUntil("[ -e /tmp/started ]");
        _machine.Run("systemctl reboot --no-block");
        _machine.WaitUntil("systemctl is-active --quiet dbus.service; [ $? != 0 ]");
        _machine.Run("systemctl list-jobs; systemctl show --property SubState --value 'du-apt-worker-*.scope'").Should().Contain("stop-sigterm");
        _machine.Run("kill -0 $(cat /tmp/started)");
        _machine.Run("touch /tmp/go");
        _machine.WaitUntilOff();

        _machine.Start();
        Packages.Check(_machine, "slow 1.0");
        agent.WaitUntilInstalled();
    }
}
