using AptHandler.DeviceTests.Fixtures;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.DeviceTests;

/// <summary>What user adu can do to the worker, which is root: nothing but ask for an update.</summary>
public sealed class HostileAgentTests
{
    private const string Secret = "correct horse battery staple";

    public static TheoryData<string, string> Nonsense =>
        Suites.Times(
            "",
            "\n",
            "{}\n",
            "null\n",
            "cancel\n",
            "{ \"id\": \"x\", \"request\": null }\n",
            "\u0001\u0002\ufffd\n",
            "{\0}\n",
            Request("../../escaped", ""),
            Request("/etc/escaped", ""),
            Request("..", ""),
            Request("a\\u0000b", ""),
            Request(new string('a', 101), ""),
            Request("long", "", 1 << 30),
            Request("short", "{}", 3),
            Request("negative", "", -1),
            Request("x", "").Replace("Download", "Everything", StringComparison.Ordinal),
            new('x', 1 << 20),
            new('[', 60_000)
        );

    [Theory]
    [MemberData(nameof(Nonsense))]
    public void A_request_that_is_none_is_refused_and_leaves_nothing_behind(string suite, string input)
    {
        using var device = Device.Installed(suite);
        var before = OwnFiles(device);
        var outcome = device.AskWorker(input);
        outcome.ExitStatus.Should().BeInRange(1, 2, outcome.Text);
        outcome.Text.Should().NotContain("Unhandled").And.NotContain("   at ");
        OwnFiles(device).Should().Be(before);
        device.Shell("find / -xdev -name '*escaped*'").Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void A_request_cannot_make_the_worker_open_a_file(string suite)
    {
        using var device = Device.Installed(suite);
        device.Shell(
            $"mkdir -m 0700 /root/private; echo '{{ \"name\": \"{Secret}\" }}' >/root/private/manifest; mkfifo -m 0666 /tmp/fifo; "
                + "ln -s /root/private/manifest /tmp/link"
        );
        foreach (var path in new[] { "/root/private/manifest", "/tmp/fifo", "/tmp/link", "/dev/zero", "/etc/shadow" })
        {
            var request =
                $$"""{ "id": "x", "manifestFile": "{{path}}", "request": { "step": "Download", "installedCriteria": "1.0", "manifestFile": "{{path}}" }, "manifestLength": 0 }""";
            var outcome = device.AskWorker(request + "\n");
            outcome.ExitStatus.Should().BeInRange(1, 2, outcome.Text);
            outcome.Text.Should().NotContain(Secret).And.NotContain("root:");
        }

        device.ShellAsAgent($"grep -r -e '{Secret}' /run /var/lib /var/log 2>/dev/null").Output.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void Arguments_do_not_reach_the_worker(string suite)
    {
        using var device = Device.Installed(suite);
        device.Write("/tmp/caught.json", """{ "stateDir": "/tmp/caught", "runDir": "/tmp/caught" }""");
        device
            .AskWorker(Request("plain", Manifests.Of("hello=1.0")), "--target-options --config --target-options /tmp/caught.json")
            .ExitStatus.Should()
            .Be(0);
        device.Exists("/run/du-apt-handler/results/plain.json").Should().BeTrue();
        device.Exists("/tmp/caught").Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void The_environment_of_a_request_does_not_reach_the_worker(string suite)
    {
        using var device = Device.Installed(suite);
        device.Write("/tmp/evil.json", """{ "stateDir": "/tmp/caught", "runDir": "/tmp/caught", "logDir": "/tmp/caught" }""");
        foreach (var step in new[] { "Download", "Install" })
        {
            var outcome = device.AskWorker(
                Request(step, Manifests.Of("witness=1.0"), step: step),
                environment: new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["DU_APT_HANDLER_CONFIG"] = "/tmp/evil.json",
                    ["APT_CONFIG"] = "/tmp/evil.conf",
                    ["DOTNET_EnableDiagnostics"] = "evil",
                    ["TMPDIR"] = "/tmp/evil",
                }
            );
            outcome.ExitStatus.Should().Be(0, outcome.Text);
        }

        device.Exists("/tmp/caught").Should().BeFalse();
        device.Exists("/run/du-apt-handler/results/Install.json").Should().BeTrue();
        device.Read("/tmp/witness").Should().NotContain("evil");
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void The_umask_of_the_agent_opens_and_closes_nothing(string suite)
    {
        using var device = Device.Installed(suite);
        foreach (var mask in new[] { "000", "777" })
        {
            device.Shell("rm -rf /run/du-apt-handler /var/log/adu/*");
            device.Write("/tmp/request", Request($"mask-{mask}", Manifests.Of("hello=1.0")));
            device.ShellAsAgent($"umask {mask}; {Device.AduShell} </tmp/request").ExitStatus.Should().Be(0);
            ShouldBeOutOfReach(device);
            device
                .ShellAsAgent(
                    $"cat /run/du-apt-handler/results/mask-{mask}.json /var/log/adu/du-apt.*.log "
                        + "/var/lib/du-apt-handler/updates/*/update.json"
                )
                .ExitStatus.Should()
                .Be(0);
            device
                .Shell("find /run/du-apt-handler /var/lib/du-apt-handler /var/log/adu ! -type l -perm /007 -type f ! -name progress.json")
                .Should()
                .BeEmpty();
        }
    }

    [Theory]
    [Trait("Needs", "processor")]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void Limits_and_priorities_of_the_agent_do_not_reach_dpkg(string suite)
    {
        using var device = Device.Installed(suite);
        var manifest = Manifests.Of("limits=1.0");
        device.Write("/tmp/request", Request("down", manifest));
        device.Write("/tmp/install", Request("install", manifest, step: "Install"));
        const string Lowered =
            "ulimit -S -f 100; ulimit -S -t 5000; prlimit --pid $$ --stack=100000: --memlock=0: --nofile=64: --as=200000000: "
            + "--core=unlimited: --msgqueue=0: --sigpending=0:";
        const string Behind = "linux32 nice -n 5 ionice -c 3 chrt --idle 0 taskset 1 prlimit --nproc=8:";
        device
            .ShellAsAgent(
                $"echo 900 >/proc/self/oom_score_adj; {Lowered}; {Behind} {Device.AduShell} </tmp/request; {Behind} "
                    + $"{Device.AduShell} </tmp/install"
            )
            .Succeeded("deploy with limits");
        device.Version("limits").Should().Be("1.0");
        var lines = device.Read("/tmp/limits").Split('\n');
        lines[0]
            .Should()
            .ContainAll(
                "CPU unlimited",
                "FSIZE unlimited",
                "DATA unlimited",
                "STACK 8388608",
                "CORE 0",
                "NOFILE 1024",
                "MEMLOCK 8388608",
                "AS unlimited",
                "MSGQUEUE 819200"
            )
            .And.EndWith(" 0")
            .And.NotContainAny("SIGPENDING 0 ", "NPROC 8 ");
        lines[1..3].Should().Equal("0", "x86_64");
        lines[3..]
            .Should()
            .Contain(line => line.Contains("SCHED_OTHER"))
            .And.Contain(line => line.StartsWith("none", StringComparison.Ordinal))
            .And.Contain(line => line.Contains("affinity mask") && !line.EndsWith(": 1", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void A_manifest_that_asks_for_more_than_packages_is_refused_by_the_worker_too(string suite)
    {
        using var device = Device.Installed(suite);
        var packages = device.Packages();
        foreach (
            var name in new[]
            {
                "-oDPkg::Pre-Invoke::=touch /tmp/caught",
                "?name(hello)",
                "hello;touch /tmp/caught",
                "../../pool/hello_1.0_all.deb",
                "/opt/repository/pool/hello_1.0_all.deb",
            }
        )
        {
            foreach (var step in new[] { "Download", "Install" })
                device
                    .AskWorker(Request("x", $$"""{ "name": "a", "version": "1", "packages": [ { "name": "{{name}}" } ] }""", step: step))
                    .ExitStatus.Should()
                    .Be(2);
        }

        device.Packages().Should().Be(packages);
        device.Exists("/tmp/caught").Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void Nothing_of_the_workers_can_be_written_or_replaced_by_the_agent(string suite)
    {
        using var device = Device.Installed(suite);
        using var running = new DeviceAgent(device) { Manifest = Manifests.Of("hello=1.0", $"{Published.Slow}=1.0") }.Start("deploy");
        SystemTests.Updates.Wait.Until(() => device.Exists("/tmp/started"));
        ShouldBeOutOfReach(device);
        device.Exists("/run/du-apt-handler/progress.json").Should().BeTrue();
        device
            .ShellAsAgent("flock --nonblock /run/du-apt-handler/worker.lock true")
            .ExitStatus.Should()
            .NotBe(0, "it would keep every update waiting");
        device.Write("/tmp/go", "");
        DeviceAgent.Checked(running).Outcome.Should().Be(new AgentResult(700, 0));
        ShouldBeOutOfReach(device);
        device
            .ShellAsAgent("cat /run/du-apt-handler/results/*.json /var/lib/du-apt-handler/updates/*/update.json")
            .ExitStatus.Should()
            .Be(0, "the library reads them");
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void Others_than_the_agent_cannot_look_in(string suite)
    {
        using var device = Device.Installed(suite);
        new DeviceAgent(device) { Manifest = Manifests.Of("hello=1.0") }
            .Run()
            .Outcome!.Code.Should()
            .Be(700);
        foreach (var path in new[] { "/run/du-apt-handler", "/var/lib/du-apt-handler" })
            device.Try("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "ls", path).ExitStatus.Should().NotBe(0);
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void The_worker_without_root_does_nothing(string suite)
    {
        using var device = Device.Installed(suite);
        var outcome = device.ShellAsAgent($"printf '%s' '{Request("x", Manifests.Of("hello=1.0"))}' | /usr/lib/du-apt-handler/du-apt-root");
        outcome.ExitStatus.Should().NotBe(0, outcome.Text);
        outcome.Text.Should().NotContain("Unhandled");
        device.Version("hello").Should().BeNull();
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void A_link_or_a_pipe_in_place_of_a_log_is_not_written_to(string suite)
    {
        using var device = Device.Installed(suite);
        device.Write("/etc/precious", "");
        foreach (var plant in new[] { "ln -s /etc/precious", "ln -s /etc/new", "mkfifo", "mkdir" })
        {
            device
                .ShellAsAgent(
                    $"rm -rf /var/log/adu/*; {plant} /var/log/adu/du-apt.99991231-235959.log && {plant} "
                        + "/var/log/adu/du-apt-handler.99991231-235959.log"
                )
                .Succeeded("plant it");
            var report = new DeviceAgent(device)
            {
                Manifest = Manifests.Of("hello=1.0"),
                Criteria = plant,
                Id = plant.Split('/')[^1].Replace(' ', '-'),
            }.Run();
            report.Outcome.Should().Be(new AgentResult(700, 0), "{0}: {1}", plant, report.Details);
        }

        device.Read("/etc/precious").Should().BeEmpty();
        device.Exists("/etc/new").Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void A_link_in_place_of_the_list_of_criteria_is_neither_read_nor_written_through(string suite)
    {
        using var device = Device.Installed(suite);
        var text = $$"""[ { "installedCriteria": "{{Secret}}", "state": "installed", "timestamp": 1 } ]""";
        device.Write("/root/criteria", text);
        device.Run("chmod", "0600", "/root/criteria");
        device.ShellAsAgent("ln -s /root/criteria /var/lib/adu/installedcriteria").Succeeded("plant it");
        var report = new DeviceAgent(device) { Manifest = Manifests.Of("hello=1.0") }.Run();
        report.Process.Text.Should().NotContain(Secret);
        device.Read("/root/criteria").Should().Be(text);
        device.ShellAsAgent($"grep -r -e '{Secret}' /run /var/lib /var/log 2>/dev/null").Output.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void A_link_in_place_of_the_registration_leads_root_nowhere(string suite)
    {
        using var device = Device.Installed(suite);
        var folder = Path.GetDirectoryName(DeviceAgent.Registration);
        device.Shell("mkdir /etc/elsewhere");
        device.ShellAsAgent($"rm -r {folder} && ln -s /etc/elsewhere {folder}").Succeeded("plant it");
        device.Try("du-apt", "register").ExitStatus.Should().NotBe(0);
        device.Try("apt-get", "-q", "-y", "--reinstall", "install", $"{Published.Product}={Published.ProductVersion}");
        device.Shell("ls -A /etc/elsewhere").Should().BeEmpty();
        device.Try("du-apt", "doctor").ExitStatus.Should().Be(1);

        device.ShellAsAgent($"rm {folder} && mkdir {folder} && ln -s /etc/elsewhere/file {DeviceAgent.Registration}").Succeeded("plant it");
        device.Run("du-apt", "register");
        Registration.Of(device).Should().Be(Registration.OfProduct);
        device.Shell("ls -A /etc/elsewhere").Should().BeEmpty();
    }

    private static void ShouldBeOutOfReach(Device device)
    {
        device
            .ShellAsAgent(
                "find /var/lib/du-apt-handler /run/du-apt-handler /usr/lib/du-apt-handler /etc/du-apt-handler -name backup -prune "
                    + "-o -writable -print 2>&1"
            )
            .Output.Should()
            .BeEmpty();
        device
            .ShellAsAgent("ls /var/lib/du-apt-handler/updates/*/backup")
            .ExitStatus.Should()
            .NotBe(0, "copies of files lie there that not everybody may read");
        device
            .ShellAsAgent("rm -f /run/du-apt-handler/worker.lock || mv /run/du-apt-handler/results /tmp/mine")
            .ExitStatus.Should()
            .NotBe(0);
    }

    private static string OwnFiles(Device device) =>
        device.Shell(
            "find /var/lib/du-apt-handler /run/du-apt-handler /usr/lib/du-apt-handler /etc/du-apt-handler -printf '%p %m %U %G "
                + "%s\\n' | sort"
        );

    private static string Request(string id, string manifest, int? length = null, string step = "Download") =>
        $$"""{ "id": "{{id}}", "request": { "step": "{{step}}", "installedCriteria": "1.0" }, "manifestLength": {{length ?? manifest.Length}} }"""
        + "\n"
        + manifest;
}
