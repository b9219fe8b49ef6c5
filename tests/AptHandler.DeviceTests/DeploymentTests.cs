using System.Diagnostics;
using System.Text.RegularExpressions;
using AptHandler.DeviceTests.Fixtures;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.DeviceTests;

/// <summary>Deployments by an agent that is user adu, judged by what it reports and by what became of the device.</summary>
public sealed partial class DeploymentTests
{
    [Theory]
    [Trait("Also", "arm64")]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void An_update_goes_through_all_steps_and_is_known_after_a_restart_of_the_agent(string suite)
    {
        using var device = Device.Installed(suite);
        var agent = new DeviceAgent(device) { Manifest = Manifests.Of("hello=1.0") };
        var report = agent.Run("deploy-and-ask");
        Calls(report)
            .Should()
            .Be("IsInstalled 901, IsInstalled 901, Download 500, IsInstalled 901, Backup 1000, Install 600, Apply 700, IsInstalled 900");
        report.Outcome.Should().Be(new AgentResult(700, 0));
        report.Details.Should().Be("+hello 1.0");
        device.Version("hello").Should().Be("1.0");
        device.Read("/var/lib/adu/installedcriteria").Should().Contain("\"1.0\"");
        device.Rights("/var/lib/adu/installedcriteria").Should().StartWith("adu:adu ");

        agent.IsInstalled().Should().Be(900);
        device.Run("apt-get", "-y", "remove", "hello");
        agent.IsInstalled().Should().Be(901);
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void An_upgrade_and_a_removal_follow(string suite)
    {
        using var device = Device.Installed(suite);
        device.Install("hello=1.0", "obsolete");
        var report = new DeviceAgent(device) { Manifest = Manifests.Of("hello=2.0", "obsolete-") }.Run();
        report.Outcome.Should().Be(new AgentResult(700, 0), report.Details);
        report.Details.Should().Contain("hello 1.0 -> 2.0").And.Contain("+world 1:1.0-1").And.Contain("-obsolete 1.0");
        (device.Version("hello"), device.Version("world"), device.Version("obsolete")).Should().Be(("2.0", "1:1.0-1", null));
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void An_agent_that_is_root_needs_no_adu_shell(string suite)
    {
        using var device = Device.Installed(suite);
        device.Shell("rm /usr/bin/adu-shell");
        var agent = new DeviceAgent(device) { Manifest = Manifests.Of("hello=1.0"), IsRoot = true };
        agent.Run().Outcome.Should().Be(new AgentResult(700, 0));
        (agent with { IsRoot = false }).IsInstalled().Should().Be(900, "what root has written down the user can read");
        var report = (agent with { IsRoot = false, Criteria = "2.0", Id = "workflow-2" }).Run();
        report.Outcome.Should().Be(new AgentResult(0, 0x30200001));
        report.Details.Should().Contain("/usr/bin/adu-shell").And.Contain("reinstall deviceupdate-agent");
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void A_version_that_no_source_has_changes_nothing(string suite)
    {
        using var device = Device.Installed(suite);
        var packages = device.Packages();
        var report = new DeviceAgent(device) { Manifest = Manifests.Of("hello=9.9", "no-such-package") }.Run();
        report.Outcome.Should().Be(new AgentResult(0, 0x30200100));
        report.Details.Should().Contain("hello has no version 9.9").And.Contain("no-such-package");
        device.Packages().Should().Be(packages);
    }

    [Theory]
    [Trait("Also", "arm64")]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void A_maintainer_script_that_fails_is_named_and_what_it_said_is_kept(string suite)
    {
        using var device = Device.Installed(suite);
        var agent = new DeviceAgent(device) { Manifest = Manifests.Of("bad=1.0") };
        var report = agent.Run();
        report.Outcome.Should().Be(new AgentResult(0, 0x30200200));
        report.Recorded.Should().Be(report.Outcome);
        report.Order.Should().EndWith("Install Restore");
        report.Details.Should().Contain("a maintainer script of bad failed").And.Contain("exit status 7");
        device.Status("bad").Should().BeNull("the device is as it was before");
        device.Run("du-apt", "history", "--show", "1").Output.Should().Contain("out of cheese");
        agent.IsInstalled().Should().Be(901);
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void A_daemon_that_a_maintainer_script_leaves_behind_keeps_neither_the_agent_nor_adu_shell(string suite)
    {
        using var device = Device.Installed(suite);
        var watch = Stopwatch.StartNew();
        var report = new DeviceAgent(device) { Manifest = Manifests.Of("daemon=1.0") }.Run();
        report.Outcome.Should().Be(new AgentResult(700, 0), report.Details);
        watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(60));
        device.Shell("kill -0 $(cat /tmp/daemon)");
        device.Programs().Should().NotContain("adu-shell").And.NotContain("du-apt");
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void Nothing_of_the_agents_environment_and_groups_reaches_apt(string suite)
    {
        using var device = Device.Installed(suite);
        device.Write("/tmp/evil.conf", "DPkg::Pre-Invoke { \"touch /tmp/caught\"; };\n");
        device.Write("/tmp/evil.json", """{ "stateDir": "/tmp/caught" }""");
        device.Shell(
            "mkdir /tmp/evil; for name in apt-get apt-cache dpkg dpkg-query sh env du-apt systemd-run; do printf "
                + "'#!/bin/sh\\ntouch /tmp/caught\\n' >/tmp/evil/$name; chmod 0755 /tmp/evil/$name; done"
        );
        var report = new DeviceAgent(device)
        {
            Manifest = Manifests.Of("witness=1.0"),
            Environment = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["PATH"] = "/tmp/evil:/usr/bin:/bin",
                ["APT_CONFIG"] = "/tmp/evil.conf",
                ["DU_APT_HANDLER_CONFIG"] = "/tmp/evil.json",
                ["LD_PRELOAD"] = "/tmp/evil.so",
                ["DPKG_ROOT"] = "/tmp/evil-root",
                ["ENV"] = "/tmp/evil.sh",
            },
        }.Run();
        report.Outcome.Should().Be(new AgentResult(700, 0), report.Process.Text);
        device.Exists("/tmp/caught").Should().BeFalse();
        device.Read("/tmp/witness").Should().NotContain("evil").And.Contain("id=uid=0(root) gid=0(root) groups=0(root)\n");
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void A_cancel_while_packages_are_fetched_leaves_everything_as_it_was(string suite)
    {
        using var device = Device.Installed(suite);
        // Somebody else installs meanwhile, so the update has to wait for apt's locks.
        using var other = device.Start(["apt-get", "-q", "-y", "install", Published.Slow]);
        Wait.Until(() => device.Exists("/tmp/started"));
        var report = new DeviceAgent(device) { Manifest = Manifests.Of("hello=1.0") }.Run("cancel-during-download");
        report.Outcome.Should().Be(new AgentResult(-1, 0), report.Details);
        report.Details.Should().Contain("nothing was changed");
        device.Write("/tmp/go", "");
        other.Wait().ExitStatus.Should().Be(0);
        device.Version("hello").Should().BeNull();
    }

    [Theory]
    [Trait("Also", "arm64")]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void A_cancel_while_dpkg_runs_lets_it_finish_and_then_undoes_it(string suite)
    {
        using var device = Device.Installed(suite);
        using var running = new DeviceAgent(device) { Manifest = Manifests.Of($"{Published.Slow}=1.0"), CancelWhen = "/tmp/started" }.Start(
            "cancel-during-install"
        );
        running.WaitForText("cancelled");
        // The flag is looked at ten times a second. If dpkg ended before that, there would be nothing to cancel.
        Thread.Sleep(1500);
        device.Write("/tmp/go", "");
        var report = DeviceAgent.Checked(running);
        report.Outcome.Should().Be(new AgentResult(-1, 0));
        report.Details.Should().Contain("cancelled while dpkg was running").And.EndWith("the device is as it was before");
        device.Status(Published.Slow).Should().BeNull();
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void An_agent_that_dies_while_dpkg_runs_does_not_take_the_update_with_it(string suite)
    {
        using var device = Device.Installed(suite);
        var agent = new DeviceAgent(device) { Manifest = Manifests.Of($"{Published.Slow}=1.0") };
        using (var running = agent.Start("deploy"))
        {
            Wait.Until(() => device.Exists("/tmp/started"));
            // The agent first: one that saw its shell die would ask for the way back.
            device.Shell(
                "for name in agent-host adu-shell; do kill -KILL $(grep -lx $name /proc/[0-9]*/comm 2>/dev/null | cut -d/ -f3) || "
                    + "true; done"
            );
            running.Wait().ExitStatus.Should().Be(128 + RunningCommand.Kill);
        }

        device.Write("/tmp/go", "");
        Wait.Until(() => device.Programs().All(name => name != "du-apt"));
        device.Version(Published.Slow).Should().Be("1.0");
        var again = agent.Run();
        again.Outcome.Should().Be(new AgentResult(700, 0), again.Details);
        agent.IsInstalled().Should().Be(900);
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void After_a_reboot_that_empties_the_run_folder_it_goes_on(string suite)
    {
        using var device = Device.Installed(suite);
        device.Shell("rm -rf /run/*");
        var report = new DeviceAgent(device) { Manifest = Manifests.Of("hello=1.0") }.Run();
        report.Outcome.Should().Be(new AgentResult(700, 0), report.Details);
        device.Rights("/run/du-apt-handler").Should().Be("root:adu 2750");
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void Library_and_worker_log_in_the_agents_folder_and_format_under_the_id_of_the_workflow(string suite)
    {
        const string Id = "1d7e4f3a-workflow";
        using var device = Device.Installed(suite);
        new DeviceAgent(device) { Manifest = Manifests.Of("hello=1.0"), Id = Id }
            .Run()
            .Outcome!.Code.Should()
            .Be(700);
        foreach (var prefix in new[] { "du-apt-handler", "du-apt" })
        {
            var log = device.ShellAsAgent($"cat /var/log/adu/{prefix}.[0-9]*.log").Succeeded("read the log as the agent").Output;
            log.Should().Contain(Id, "{0} is asked after by it", prefix);
            log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().OnlyContain(line => LineOfAgent().IsMatch(line));
        }
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{4}Z \d+\[\d+\] \[[DIWE]\] .* \[[^\[]+:\d+\]$", RegexOptions.None, 1000)]
    private static partial Regex LineOfAgent();

    private static string Calls(AgentReport report) => string.Join(", ", report.Calls.Select(call => $"{call.Method} {call.Result.Code}"));
}
