using AptHandler.DeviceTests.Fixtures;

namespace AptHandler.DeviceTests.VirtualMachine;

/// <summary>
/// The agent as systemd runs it: a unit of user adu that is started again whenever it ends. Whenever it starts it takes up the same update,
/// as the real one does as long as the cloud asks for it; when the handler says that it is installed, that is all it does.
/// </summary>
public sealed class AgentUnit
{
    private const string Unit = "deviceupdate-agent.service";

    private readonly Machine _machine;
    private readonly string _output;

    /// <summary>Tells the agent which update the cloud asks for. It is not started.</summary>
    /// <param name="packages">The packages of the manifest, in their newest version.</param>
    public AgentUnit(Machine machine, string update, params IEnumerable<string> packages)
    {
        _machine = machine;
        _output = $"/var/log/{update}.out";
        var manifest =
            $$"""{ "name": "{{update}}", "version": "1", "packages": [ {{string.Join(", ", packages.Select(name => $$"""{ "name": "{{name}}" }"""))}} ] }""";
        string[] command =
        [
            "/usr/lib/adu/agent-host",
            "--registration",
            DeviceAgent.Registration,
            "--steps",
            DeviceAgent.Steps,
            "--scenario",
            "deploy",
            "--workdir",
            $"/var/lib/adu/downloads/{update}",
            "--id",
            update,
            "--payload",
            $"/etc/{update}.json",
            "--criteria",
            update,
        ];

        // Only the patience is the test's: with an agent that does not end, and between an end and the next beginning.
        machine.Run(
            $"""
            systemctl stop {Unit}
            echo '{manifest}' >/etc/{update}.json
            mkdir -p /etc/systemd/system/{Unit}.d
            cat >/etc/systemd/system/{Unit}.d/test.conf <<'TEXT'
            [Service]
            ExecStart=
            ExecStart={string.Join(' ', command)}
            StandardOutput=append:{_output}
            TimeoutStopSec=2
            RestartSec=2
            TEXT
            systemctl daemon-reload
            """
        );
    }

    public void Start() => _machine.Run($"systemctl start {Unit}");

    public void Stop() => _machine.Run($"systemctl stop {Unit}");

    public void Restart() => _machine.Run($"systemctl restart {Unit}");

    /// <summary>Kills the agent's own process, and waits until systemd has started it again.</summary>
    public void Kill() =>
        _machine.Run(
            $"""
            property() {"{"} systemctl show --property "$1" --value {Unit}; {"}"}
            killed=$(property MainPID)
            kill -KILL "$killed"
            until now=$(property MainPID) && [ "$now" != 0 ] && [ "$now" != "$killed" ]; do sleep 0.1; done
            """
        );

    /// <summary>Waits until the agent is told that the update is installed.</summary>
    public void WaitUntilInstalled() => _machine.WaitUntil($"grep -q 'call IsInstalled .*result=900' {_output}");
}
