using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Agent;

/// <summary>A device and an agent that deploys in steps.</summary>
public abstract class StepsTest(StepsTest.Published packages) : DeviceTests<StepsTest.Published>(packages)
{
    protected const string Deployment = "8c1bd1b4-4b04-4f5e-8a3e-0e2f5a8c1a11";

    /// <summary>The agent with a deployment of steps.</summary>
    protected static AgentHost Host(params (string Criteria, string Manifest)[] steps) => new() { UpdateSteps = steps, Id = Deployment };

    protected AgentReport Deploy(params (string Criteria, string Manifest)[] steps) => DeployAs(Deployment, steps);

    /// <summary>Deploys steps as another deployment.</summary>
    protected AgentReport DeployAs(string id, params (string Criteria, string Manifest)[] steps)
    {
        var report = (Host(steps) with { Id = id }).Run(Root, AgentHost.DeploySteps);
        report.Process.ExitStatus.Should().Be(0, report.Process.Text);
        return report;
    }

    /// <summary>The updates on record, newest first: number, criteria, deployment and state.</summary>
    protected IReadOnlyList<string> History()
    {
        using var history = Device.Ask("history");
        return
        [
            .. history
                .RootElement.GetProperty("updates")
                .EnumerateArray()
                .Select(each =>
                    string.Join(
                        ' ',
                        each.GetProperty("number"),
                        each.GetProperty("installedCriteria"),
                        each.GetProperty("workflowId"),
                        each.GetProperty("state")
                    )
                ),
        ];
    }

    /// <summary>A health check that fails where a package is on record.</summary>
    protected void FailWhereThereIs(string package)
    {
        var check = Directory.CreateDirectory(Root.At("health.d")).FullName + "/check";
        File.WriteAllText(check, $"#!/bin/sh\n! grep -q '^Package: {package}$' {Root.At("var/lib/dpkg/status")}\n");
        File.SetUnixFileMode(check, (UnixFileMode)0x1ED); // 0755
        Device.Configure("healthDir", Root.At("health.d"));
    }

    public sealed class Published()
        : PublishedPackages(repository =>
            repository
                .Package("alpha", "1.0", file: "/usr/share/alpha=1")
                .Package("alpha", "1.5")
                .Package("alpha", "2.0", file: "/usr/share/alpha=2")
                .Package("beta", "1.0", conffile: "/etc/beta=1")
                .Package("gamma", "1.0")
                .Package("lost", "1.0")
                .Package("lib", "1.0")
                .Package("lib", "2.0")
                .Package("lib", "2.1")
                .Package("app", "1.0", depends: "lib (>= 2.0)")
                .Package("old", "1.0")
                .Package("new", "1.0", fields: "Conflicts: old")
                .Package("bad", "1.0", postinst: "exit 7")
                .Package("pre", "1.0", preinst: "exit 7")
                .Package("waits", "1.0", prerm: "touch $DPKG_ROOT/tmp/started; while [ ! -e $DPKG_ROOT/tmp/go ]; do sleep 0.05; done")
                .Package("patient", "1.0", postinst: "touch $DPKG_ROOT/tmp/started; while [ ! -e $DPKG_ROOT/tmp/go ]; do sleep 0.05; done")
        );
}
