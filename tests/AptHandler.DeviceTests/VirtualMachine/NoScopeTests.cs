using AptHandler.DeviceTests.Fixtures;

namespace AptHandler.DeviceTests.VirtualMachine;

/// <summary>
/// Where no scope can be made, the worker says so and does its work all the same. And the other tests here are seen to be able to fail.
/// </summary>
[Trait("Needs", "virtual-machine")]
public sealed class NoScopeTests : IDisposable
{
    private readonly Machine _machine = new("no-scope");

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void Without_systemd_run_a_worker_warns_and_ends_together_with_the_agents_unit()
    {
        _machine.Start();
        _machine.Run("mv /usr/bin/systemd-run /usr/bin/systemd-run.away");
        var agent = new AgentUnit(_machine, "patience", Published.Slow);
        agent.Start();
        _machine.WaitUntil("[ -e /tmp/started ]");
        agent.Stop();
        _machine.Try("kill -0 $(cat /tmp/started)").ExitStatus.Should().Be(1, "dpkg and its children are gone");
        _machine
            .Run("dpkg-query --show --showformat='${Status}' slow")
            .Should()
            .MatchRegex(@"\Ainstall ok (unpacked|half-configured)\z", "dpkg is cut off, and nobody goes on");
        _machine
            .Run("cat /var/log/adu/du-apt.*.log")
            .Should()
            .Contain(
                "[W] cannot move to a scope of systemd of its own, so stopping the agent's unit would end this update, too: "
                    + "cannot start /usr/bin/systemd-run: No such file or directory (workflow patience)"
            );
    }
}
