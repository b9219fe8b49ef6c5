using AptHandler.DeviceTests.Fixtures;

namespace AptHandler.DeviceTests.VirtualMachine;

/// <summary>What systemd does to the agent's unit, it does not do to an update.</summary>
[Trait("Needs", "virtual-machine")]
public sealed class AgentUnitTests : IDisposable
{
    private readonly Machine _machine = new("agent-unit");

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void An_update_outlives_an_agent_that_is_killed_restarted_and_stopped_while_dpkg_runs()
    {
        _machine.Start();
        // Nothing of this may need a D-Bus daemon.
        _machine.Run("systemctl stop dbus.socket dbus.service");
        var agent = new AgentUnit(_machine, "patience", Published.Slow, "daemon");
        agent.Start();
        _machine.WaitUntil("[ -e /tmp/started ]");

        agent.Kill();
        IsPostinstRunning().Should().BeTrue("systemd ends what is left of a unit whose main process was killed");
        agent.Restart();
        IsPostinstRunning().Should().BeTrue("and of one that is restarted");
        agent.Stop();
        IsPostinstRunning().Should().BeTrue("and of one that is stopped");
        _machine.Run("systemctl show --property ActiveState --value deviceupdate-agent.service").Should().Be("inactive\n");

        _machine.Run("touch /tmp/go");
        agent.Start();
        agent.WaitUntilInstalled();
        agent.Stop();
        Packages.Check(_machine, "daemon 1.0", "slow 1.0");

        // A maintainer script has left a daemon in the scope of the transaction.
        _machine.Run("kill -0 $(cat /tmp/daemon)");
        _machine.Run("systemctl list-units --plain --no-legend 'du-apt-*'").Should().MatchRegex(@"\Adu-apt-transaction-\S+ [^\n]*\n\z");
        _machine.Run("systemctl reboot --no-block");
        _machine.WaitUntilOff().Should().BeLessThan(TimeSpan.FromMinutes(1), "no shutdown waits for such a daemon");
    }

    [Fact]
    public void An_agent_starts_with_this_handler_even_where_its_own_one_was_registered_unnoticed()
    {
        _machine.Start();
        _machine.WaitUntil("systemctl is-active --quiet deviceupdate-agent.service");
        _machine.Run(
            "AducIotAgent -l 2 --extension-type updateContentHandler --extension-id microsoft/apt:1 --register-extension "
                + $"{Registration.OfAgent.Library}"
        );
        Registered().Should().Contain($"\"{Registration.OfAgent.Library}\"");
        _machine.Run("systemctl restart deviceupdate-agent.service");
        Registered().Should().Contain($"\"{Registration.OfProduct.Library}\"");
    }

    private string Registered() => _machine.Run($"cat {DeviceAgent.Registration}");

    private bool IsPostinstRunning() => _machine.Try("kill -0 $(cat /tmp/started)").ExitStatus == 0;
}
