using System.Text.Json;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;
using AptHandler.Updates;

namespace AptHandler.SystemTests.Installation;

/// <summary>Exactly that is broken, and exactly that is said.</summary>
public sealed class DoctorTests : IDisposable
{
    private const string Reference = SmallDevice.ReferenceLibrary;
    private const string Handlers = "/var/lib/adu/extensions/update_content_handlers";
    private const string Ours = "/usr/lib/du-apt-handler";
    private const string State = "/var/lib/du-apt-handler";
    private const string Criteria = "/var/lib/adu/installedcriteria";
    private const string Register = "run sudo du-apt register";

    private static readonly string[] Names =
    [
        "rights",
        "configuration",
        "agent",
        "agent account",
        "agent configuration",
        "registration",
        "other registrations",
        "adu-shell",
        "du-apt-root",
        "programs",
        "state folder",
        "run folder",
        "log folder",
        "installed criteria",
        "records",
        "worker",
        "dpkg",
        "apt",
        "sources",
        "locks",
        "free space",
        "systemd",
    ];

    private readonly SmallDevice _device = new();

    public DoctorTests() => _device.DuApt("register").Succeeded("register");

    [Fact]
    public void Of_a_healthy_device_everything_is_ok()
    {
        var outcome = _device.DuApt("doctor");

        outcome.ExitStatus.Should().Be(0, outcome.Text);
        var lines = outcome.Output.TrimEnd('\n').Split('\n');
        lines[..^1].Select(line => line[..30].TrimEnd()).Should().Equal(Names.Select(name => $"ok       {name}"));
        lines[^1].Should().Be("All is well.");
        outcome.Text.Should().NotContain("\u001b", "this is no terminal");
    }

    [Fact]
    public void A_finding_is_a_line_and_its_remedy_another_one()
    {
        _device.Shell("rmdir /run/du-apt-handler");

        var outcome = _device.DuApt("doctor");

        outcome.ExitStatus.Should().Be(1);
        outcome
            .Output.Should()
            .Contain(
                "problem  run folder           there is no /run/du-apt-handler\n"
                    + "         remedy               run sudo du-apt register\n"
            );
        outcome.Output.Should().EndWith("\n1 problem, 0 warnings.\n");
    }

    [Theory]
    [InlineData("configuration", "problem", "line 1", "mend it", "echo '{\"x\":1}' >/etc/du-apt-handler/config.json")]
    [InlineData(
        "agent account",
        "problem",
        "no user adu with a group adu",
        "reinstall deviceupdate-agent",
        "sed -i s/^adu:/uda:/ /etc/passwd; du-apt register; chown root: /var/log/adu; chown -R root: /var/lib/adu"
    )]
    [InlineData("agent configuration", "problem", "there is no /etc/adu/du-config.json", "write it", "rm /etc/adu/du-config.json")]
    [InlineData(
        "agent configuration",
        "problem",
        "not valid JSON from line 2, byte 12 on",
        "write it",
        "printf '{\\n  \"model\": <your model>\\n}' >/etc/adu/du-config.json"
    )]
    [InlineData(
        "agent configuration",
        "problem",
        "no list aduShellTrustedUsers",
        "write it",
        "sed -i s/aduShellTrustedUsers/x/ /etc/adu/du-config.json"
    )]
    [InlineData(
        "agent configuration",
        "warning",
        "is a symbolic link: the agent follows it, and this handler does not",
        "put the file itself there",
        "mv /etc/adu/du-config.json /srv/x.json; ln -s /srv/x.json /etc/adu/du-config.json"
    )]
    [InlineData(
        "agent configuration",
        "warning",
        "does not name it",
        "add \"adu\"",
        "sed -i 's/\"adu\", \"do\"/\"do\"/' /etc/adu/du-config.json"
    )]
    [InlineData("registration", "problem", "no handler is registered for microsoft/apt:1", Register, $"rm {SmallDevice.Registration}")]
    [InlineData("registration", "problem", "is damaged", Register, $"echo '{{' >{SmallDevice.Registration}")]
    [InlineData(
        "registration",
        "problem",
        $"microsoft/apt:1 belongs to {Reference}",
        "again after each upgrade of the agent",
        $"AducIotAgent -l 2 --extension-type updateContentHandler --extension-id microsoft/apt:1 --register-extension {Reference}"
    )]
    [InlineData("registration", "problem", "another hash", Register, $"echo >>{Ours}/libdu_apt_handler.so")]
    [InlineData("registration", "problem", "content_handler.json is closed to it", Register, $"chmod 0600 {SmallDevice.Registration}")]
    [InlineData(
        "registration",
        "problem",
        $"{Handlers}/microsoft_apt_1 is closed to it",
        $"sudo chown -h adu:adu {Handlers}/microsoft_apt_1 && sudo -u adu chmod 0770 {Handlers}/microsoft_apt_1",
        $"chown root:root {Handlers}/microsoft_apt_1"
    )]
    [InlineData(
        "registration",
        "problem",
        "/srv/adu is closed to it",
        "see why /etc/adu/du-config.json names a folder",
        "sed -i '1a\"extensionsFolder\":\"/srv/adu/extensions\",' /etc/adu/du-config.json; mkdir -p /srv/adu/extensions; chown "
            + "adu /srv/adu/extensions; du-apt register; chmod 0700 /srv/adu"
    )]
    [InlineData(
        "registration",
        "problem",
        "a symbolic link",
        "mend",
        $"rm -r {Handlers}/microsoft_apt_1; ln -s /srv {Handlers}/microsoft_apt_1"
    )]
    [InlineData(
        "other registrations",
        "warning",
        $"also registered in contoso_apt_1 below {Handlers}",
        "remove",
        $"cp -r {Handlers}/microsoft_apt_1 {Handlers}/contoso_apt_1"
    )]
    [InlineData("adu-shell", "problem", "there is no /usr/bin/adu-shell", "reinstall deviceupdate-agent", "rm /usr/bin/adu-shell")]
    [InlineData(
        "adu-shell",
        "problem",
        "is root:adu 550 instead of root:adu 4550: the agent cannot become root",
        "sudo chmod 04550 /usr/bin/adu-shell",
        "chmod 0550 /usr/bin/adu-shell"
    )]
    [InlineData(
        "adu-shell",
        "problem",
        "is root:root 4550 instead of root:adu 4550: the agent cannot become root",
        "sudo chown root:adu /usr/bin/adu-shell",
        "chown root:root /usr/bin/adu-shell; chmod 04550 /usr/bin/adu-shell"
    )]
    [InlineData(
        "adu-shell",
        "problem",
        "is adu:adu 4550 instead of root:adu 4550: the agent cannot become root",
        "sudo chown root:adu /usr/bin/adu-shell",
        "chown adu:adu /usr/bin/adu-shell; chmod 04550 /usr/bin/adu-shell"
    )]
    [InlineData(
        "adu-shell",
        "problem",
        "is root:adu 4555 instead of root:adu 4550: others could become root by it",
        "sudo chmod 04550 /usr/bin/adu-shell",
        "chmod 04555 /usr/bin/adu-shell"
    )]
    [InlineData(
        "adu-shell",
        "problem",
        "is adu:adu 755",
        "see why /etc/adu/du-config.json names another folder",
        "sed -i '1a\"aduShellFolder\":\"/var/lib/adu\",' /etc/adu/du-config.json; touch /var/lib/adu/adu-shell; chown adu:adu "
            + "/var/lib/adu/adu-shell; chmod 755 /var/lib/adu/adu-shell"
    )]
    [InlineData("du-apt-root", "problem", $"there is no {Ours}/du-apt-root", "reinstall du-apt-handler", $"rm {Ours}/du-apt-root")]
    [InlineData("du-apt-root", "problem", "is root:adu 755 instead of root:adu 750", Register, $"chmod 0755 {Ours}/du-apt-root")]
    [InlineData(
        "programs",
        "problem",
        $"there is no {Ours}/libdu_apt_handler.so",
        "reinstall du-apt-handler",
        $"rm {Ours}/libdu_apt_handler.so",
        "registration"
    )]
    [InlineData(
        "programs",
        "problem",
        $"somebody else than root can change {Ours}/libdu_apt_handler.so (adu:root 644)",
        $"sudo chown root:root {Ours}/libdu_apt_handler.so && sudo chmod go-w {Ours}/libdu_apt_handler.so",
        $"chown adu {Ours}/libdu_apt_handler.so"
    )]
    [InlineData(
        "programs",
        "problem",
        $"somebody else than root can change {Ours}/du-apt (root:adu 775)",
        "go-w",
        $"chgrp adu {Ours}/du-apt; chmod g+w {Ours}/du-apt"
    )]
    [InlineData(
        "programs",
        "problem",
        "somebody else than root can change /usr/lib (root:root 757)",
        "on a new Debian /usr/lib is root:root 755",
        "chmod o+w /usr/lib"
    )]
    [InlineData("state folder", "problem", $"there is no {State}", Register, $"rm -r {State}")]
    [InlineData(
        "state folder",
        "problem",
        $"{State} is no folder, or a link to one",
        Register,
        $"mv {State} /srv/state; ln -s /srv/state {State}"
    )]
    [InlineData(
        "state folder",
        "problem",
        $"{State} is root:root 755 instead of root:adu 2750",
        Register,
        $"chown root:root {State}; chmod 00755 {State}"
    )]
    [InlineData(
        "run folder",
        "problem",
        "/run/du-apt-handler is root:adu 2770 instead of root:adu 2750",
        Register,
        "chmod g+w /run/du-apt-handler"
    )]
    [InlineData(
        "log folder",
        "problem",
        "there is no /var/log/adu",
        "sudo install -d -o adu -g adu -m 0750 /var/log/adu",
        "rm -r /var/log/adu"
    )]
    [InlineData(
        "log folder",
        "problem",
        "cannot write in /var/log/adu (root:root 755)",
        "sudo chown adu:adu /var/log/adu && sudo chmod 0750 /var/log/adu",
        "chown root:root /var/log/adu; chmod 0755 /var/log/adu"
    )]
    [InlineData("log folder", "problem", "cannot open /var/log/adu: Not a directory", "mend", "rm -r /var/log/adu; touch /var/log/adu")]
    [InlineData(
        "installed criteria",
        "warning",
        "is not valid JSON, and counts as empty",
        $"move {Criteria} away",
        $"echo x >{Criteria}; chown adu {Criteria}"
    )]
    [InlineData(
        "installed criteria",
        "warning",
        "something else than a list",
        $"move {Criteria} away",
        $"echo {{}} >{Criteria}; chown adu {Criteria}"
    )]
    [InlineData(
        "installed criteria",
        "warning",
        $"the agent cannot read {Criteria} (root:root 600)",
        $"sudo chown -h adu:adu {Criteria}",
        $"echo [] >{Criteria}; chmod 600 {Criteria}"
    )]
    [InlineData("installed criteria", "problem", "symbolic link", "mend", $"ln -s /etc/shadow {Criteria}")]
    [InlineData(
        "records",
        "problem",
        "the record of update 7",
        $"deploy again, then remove the folder {State}/updates/000007",
        $"mkdir -p {State}/updates/000007; echo x >{State}/updates/000007/update.json"
    )]
    [InlineData(
        "records",
        "problem",
        "update 7 (a-1) was cut off",
        "run sudo du-apt recover",
        $"mkdir -p {State}/updates/000007; echo "
            + $"'{{\"number\":7,\"installedCriteria\":\"a-1\",\"began\":\"2026-01-01T00:00:00Z\",\"state\":\"Installing\"}}' >{State}/updates/000007/update.json"
    )]
    [InlineData(
        "records",
        "problem",
        "update 7 (a-1) failed",
        "run sudo du-apt history --show 7, fix what it names, then run sudo du-apt restore",
        $"mkdir -p {State}/updates/000007; echo "
            + $"'{{\"number\":7,\"installedCriteria\":\"a-1\",\"began\":\"2026-01-01T00:00:00Z\",\"state\":\"Failed\",\"hasChangedMachine\":true}}' "
            + $">{State}/updates/000007/update.json"
    )]
    [InlineData(
        "dpkg",
        "problem",
        "dpkg was interrupted",
        "run sudo dpkg --configure -a",
        "printf 'Package: foo\\nStatus: install ok installed\\nArchitecture: all\\nVersion: 1\\n' >/var/lib/dpkg/updates/0001"
    )]
    [InlineData("dpkg", "problem", "cannot find '/var/lib/dpkg/status'", "mend", "rm /var/lib/dpkg/status")]
    [InlineData("sources", "problem", "apt has no sources", "add one", ": >/etc/apt/sources.list")]
    [InlineData("sources", "problem", "Malformed line 1", "mend", "echo nonsense >/etc/apt/sources.list", "apt")]
    [InlineData(
        "systemd",
        "warning",
        "no /usr/bin/systemd-run",
        "do not stop the agent",
        "mkdir -p /run/systemd/system /run/systemd/private; rm -f /usr/bin/systemd-run"
    )]
    [InlineData(
        "systemd",
        "warning",
        "no /run/systemd/private",
        "do not stop the agent",
        "mkdir -p /run/systemd/system; touch /usr/bin/systemd-run"
    )]
    [InlineData(
        "state folder",
        "problem",
        "is root:root 755 instead of root:adu 2750",
        "name a folder of its own in stateDir, then run sudo du-apt register: /srv/shared holds other",
        "mkdir -p /srv/shared/other; echo '{\"stateDir\":\"/srv/shared\"}' >/etc/du-apt-handler/config.json; du-apt register"
    )]
    [InlineData(
        "state folder",
        "problem",
        $"{State} is no folder, or a link to one",
        "put the folder itself there, or name in stateDir where the link leads",
        $"mv {State} /srv/state; ln -s /srv/state {State}"
    )]
    [InlineData(
        "log folder",
        "problem",
        "the agent cannot write in /srv",
        "name a folder in logDir that the agent can write in",
        "echo '{\"logDir\":\"/srv\"}' >/etc/du-apt-handler/config.json"
    )]
    [InlineData(
        "registration",
        "problem",
        "no handler is registered",
        "reinstall deviceupdate-agent",
        $"rm -r /var/lib/adu; printf '#!/bin/sh\\nexit 1\\n' >{SmallDevice.AgentProgram}; du-apt register | grep 'not set up yet'"
    )]
    public void What_is_broken_is_named_with_its_remedy(
        string name,
        string state,
        string found,
        string remedy,
        string script,
        string alsoBroken = ""
    )
    {
        _device.Shell(script);

        Expect(name, state, found, remedy, alsoBroken.Split(',', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Without_an_agent_nothing_but_that_is_missing()
    {
        _device.Shell(
            $"rm -r {SmallDevice.AgentProgram} /usr/bin/adu-shell /usr/lib/systemd/system/deviceupdate-agent.service /etc/adu "
                + $"/var/lib/adu; sed -i /^adu/d /etc/passwd; chown root: /var/log/adu; du-apt register"
        );

        Expect("agent", "problem", $"there is no {SmallDevice.AgentProgram}", "install deviceupdate-agent");
    }

    [Theory]
    [InlineData("registration", $"rm {SmallDevice.Registration}")]
    [InlineData("registration", $"echo '{{' >{SmallDevice.Registration}")]
    [InlineData(
        "registration",
        $"AducIotAgent -l 2 --extension-type updateContentHandler --extension-id microsoft/apt:1 --register-extension {Reference}"
    )]
    [InlineData("registration", $"echo >>{Ours}/libdu_apt_handler.so")]
    [InlineData("registration", $"chmod 0600 {SmallDevice.Registration}")]
    [InlineData("registration", $"chown root:root {Handlers}/microsoft_apt_1")]
    [InlineData("adu-shell", "chown adu:adu /usr/bin/adu-shell")]
    [InlineData("adu-shell", "chmod 04555 /usr/bin/adu-shell")]
    [InlineData("du-apt-root", $"chown root:root {Ours}/du-apt-root; chmod 0777 {Ours}/du-apt-root")]
    [InlineData("programs", $"chown adu:adu {Ours}/du-apt; chmod 0777 {Ours}/du-apt")]
    [InlineData("programs", $"chown adu {Ours}/libdu_apt_handler.so")]
    [InlineData("programs", $"chmod o+w {Ours}")]
    [InlineData("state folder", $"chown -R root:root {State}; chmod 0755 {State}")]
    [InlineData("state folder", $"rm -r {State}")]
    [InlineData("run folder", "chmod g+w /run/du-apt-handler")]
    [InlineData("log folder", "rm -r /var/log/adu")]
    [InlineData("log folder", "chown root:root /var/log/adu; chmod 0755 /var/log/adu")]
    [InlineData("installed criteria", $"echo [] >{Criteria}; chmod 0600 {Criteria}")]
    [InlineData("installed criteria", $"echo [] >{Criteria}; chown adu:adu {Criteria}; chmod 0000 {Criteria}")]
    [InlineData(
        "dpkg",
        "printf 'Package: foo\\nStatus: install ok installed\\nMaintainer: x\\nDescription: x\\nArchitecture: all\\nVersion: "
            + "1\\n' >/var/lib/dpkg/updates/0001"
    )]
    public void Who_does_what_a_remedy_says_has_a_healthy_device(string name, string script)
    {
        const string Sudo = """
            cat >/usr/local/bin/sudo <<'SCRIPT'
            #!/bin/sh
            [ "$1" = -u ] || exec "$@"
            user=$2
            shift 2
            exec setpriv --reuid="$user" --regid="$user" --clear-groups "$@"
            SCRIPT
            chmod 0755 /usr/local/bin/sudo
            """;
        _device.Shell($"mkdir -p /usr/local/bin; {Sudo}\n{script}");
        var (state, _, remedy) = Find(name);
        state.Should().NotBe("ok");

        var begin = remedy.IndexOf("sudo ", StringComparison.Ordinal);
        _device.Shell(remedy[begin..].Split([",", ";"], StringSplitOptions.None)[0]);

        _device.DuApt("doctor").Succeeded("doctor").Output.Should().EndWith("\nAll is well.\n");
    }

    [Fact]
    public void A_copy_that_was_not_installed_says_so_and_leaves_the_folders_of_others_alone()
    {
        const string Clone = "/tmp/clone";
        _device.Shell($"cp -r {Ours} {Clone}; chown -R somebody {Clone}");

        var (findings, text) = InClone();

        findings["programs"]
            .Should()
            .Be(("warning", $"this is not an installed copy: it lies in {Clone}", "run sudo du-apt doctor, which is the installed copy"));
        findings["registration"]
            .Should()
            .Be(("ok", $"microsoft/apt:1 belongs to {Ours}/libdu_apt_handler.so, which is the installed copy", ""));
        text.Should().NotContain("chown").And.NotContain("chmod").And.NotContain("/tmp ");

        _device.Shell($"{Clone}/du-apt register; rm -r {Ours}");
        (findings, text) = InClone();
        findings["programs"].State.Should().Be("problem");
        findings["programs"]
            .Found.Should()
            .Contain("the agent loads it")
            .And.Contain($"somebody else than root can change {Clone}/libdu_apt_handler.so");
        findings["programs"].Remedy.Should().Be("install the Debian package du-apt-handler, which scripts/build-deb.sh makes");
        text.Should().NotContain("chown").And.NotContain("chmod");

        (Dictionary<string, (string State, string Found, string Remedy)> Findings, string Text) InClone()
        {
            var outcome = _device.Run($"{Clone}/du-apt", ["doctor", "--json"]);
            using JsonDocument answer = Answer.Json(outcome);
            return (Read(answer).ToDictionary(each => each.Name, each => each.Finding, StringComparer.Ordinal), outcome.Output);
        }
    }

    [Fact]
    public void A_remedy_for_another_configuration_names_it()
    {
        _device.Shell("echo '{ \"runDir\": \"/run/elsewhere\" }' >/etc/other.json");

        _device
            .DuApt("doctor", "--config", "/etc/other.json")
            .Output.Should()
            .Contain("remedy               run sudo du-apt register --config /etc/other.json\n");
    }

    [Fact]
    public void A_sticky_folder_is_no_danger()
    {
        _device.Shell("chmod 1777 /usr/lib");

        Find("programs").State.Should().Be("ok");
    }

    [Theory]
    [InlineData("sed -i /User=/d /usr/lib/systemd/system/deviceupdate-agent.service")]
    [InlineData(
        "mkdir -p /etc/systemd/system/deviceupdate-agent.service.d; printf '[Service]\\nUser=root\\n' "
            + ">/etc/systemd/system/deviceupdate-agent.service.d/user.conf"
    )]
    [InlineData("mkdir -p /etc/systemd/system; printf '[Service]\\nUser = 0\\n' >/etc/systemd/system/deviceupdate-agent.service")]
    [InlineData(
        "rm /usr/lib/systemd/system/deviceupdate-agent.service; sed -i /^adu/d /etc/passwd; chown -R root: /var/lib/adu "
            + "/var/log/adu; du-apt register"
    )]
    public void An_agent_that_runs_as_root_needs_no_adu_shell(string script)
    {
        _device.Shell(
            $"{script}; rm /usr/bin/adu-shell {Ours}/du-apt-root; sed -i 's/\"adu\", \"do\"/\"do\"/' {SmallDevice.AgentConfiguration}"
        );

        var outcome = _device.DuApt("doctor");

        outcome.ExitStatus.Should().Be(0, outcome.Text);
        outcome.Output.Should().EndWith("All is well.\n").And.Contain("not needed: the agent runs as root");
    }

    [Theory]
    [InlineData(
        "install reinstreq half-installed",
        "problem",
        "broken, and to be installed anew: foo",
        "run sudo apt-get --reinstall install foo"
    )]
    [InlineData(
        "install ok half-installed",
        "problem",
        "broken, and to be installed anew: foo",
        "run sudo apt-get --reinstall install foo"
    )]
    [InlineData("install ok unpacked", "problem", "unpacked, but not configured: foo", "run sudo dpkg --configure -a")]
    [InlineData("install ok half-configured", "problem", "unpacked, but not configured: foo", "run sudo dpkg --configure -a")]
    [InlineData("install ok triggers-pending", "warning", "triggers are to be processed: foo", "run sudo dpkg --configure -a")]
    public void A_package_that_is_half_done_is_named(string status, string state, string found, string remedy)
    {
        Package("foo", status);

        Find("dpkg").Should().Be((state, found, remedy));
    }

    [Fact]
    public void While_dpkg_is_at_work_half_done_packages_are_no_problem()
    {
        Package("foo", "install ok half-configured");
        using var held = new HeldLock(_device.At("/var/lib/dpkg/lock"), time: null);

        var (state, found, remedy) = Find("dpkg");

        state.Should().Be("warning");
        found.Should().Be($"dpkg is at work: process {held.ProcessId} (hold-lock)");
        remedy.Should().StartWith("wait");
    }

    [Fact]
    public void Packages_that_do_not_fit_together_are_named()
    {
        Package("foo", "install ok installed", "Depends: bar (>= 2)\n");

        Expect("apt", "problem", "foo : Depends: bar (>= 2)", "sudo apt-get -s -f install");
    }

    [Theory]
    [InlineData("/var/lib/dpkg/lock-frontend")]
    [InlineData("/var/lib/dpkg/lock")]
    [InlineData("/var/lib/apt/lists/lock")]
    [InlineData("/var/cache/apt/archives/lock")]
    public void Who_holds_a_lock_is_named_and_can_go_on_holding_it(string path)
    {
        using var held = new HeldLock(_device.At(path), time: null);

        for (var time = 0; time < 2; time++)
            Expect("locks", "warning", $"{path} is held by process {held.ProcessId} (hold-lock)", "waits for it");
    }

    [Fact]
    public void A_running_update_is_named_and_no_problem_even_in_its_transaction()
    {
        _device.Shell(
            $"mkdir -p {State}/updates/000001; echo "
                + $"'{{\"number\":1,\"installedCriteria\":\"a-1\",\"began\":\"2026-01-01T00:00:00Z\",\"state\":\"Installing\"}}' >{State}/updates/000001/update.json"
        );
        using var running = WorkerLock.Take(_device.At("/run/du-apt-handler"), _ => TimeSpan.Zero, CancellationToken.None);

        Find("worker").Found.Should().StartWith($"an update is running: process {Environment.ProcessId} (");
        Find("records").Should().Be(("ok", "the newest update is 1 (a-1), installing", ""));
    }

    [Theory]
    [InlineData("size=90m", "warning", " MiB free", "make room")]
    [InlineData("size=5m", "problem", "/var/cache/apt/archives has 5 MiB free", "make room")]
    [InlineData("size=200m,nr_inodes=500", "warning", "/var/cache/apt/archives has room for 499 more files only", "remove files")]
    [InlineData("size=200m,nr_inodes=5", "problem", "/var/cache/apt/archives has room for 4 more files only", "remove files")]
    [InlineData("size=200m,ro", "problem", "/var/cache/apt/archives is mounted read-only", "mount it writable")]
    public void A_file_system_without_room_is_named(string options, string state, string found, string remedy)
    {
        _device.Mount("/var/cache/apt/archives", options);

        Expect("free space", state, found, remedy);
    }

    [Fact]
    public void Each_file_system_is_told_once_when_there_is_room()
    {
        _device.Mount("/var/cache/apt/archives", "size=200m");

        Find("free space").Found.Should().MatchRegex("^/ has [0-9]+ MiB free; /var/cache/apt/archives has 200 MiB free$");
    }

    [Fact]
    public void Systemd_that_runs_gives_a_scope()
    {
        _device.Shell("mkdir -p /run/systemd/system /run/systemd/private; touch /usr/bin/systemd-run");

        Find("systemd").Should().Be(("ok", "the worker can get a scope of its own", ""));
    }

    [Fact]
    public void What_updates_have_left_behind_is_told()
    {
        _device.Shell(
            $"""
            mkdir -p {State}/updates/000003
            echo '{"{"}"number":3,"installedCriteria":"a-1","began":"2026-01-01T00:00:00Z","state":"Applied"{"}"}' >{State}/updates/000003/update.json
            echo '[]' >{Criteria}; chown adu {Criteria}
            """
        );
        Package(SmallDevice.AgentPackage, "install ok installed");

        Find("records").Should().Be(("ok", "the newest update is 3 (a-1), applied", ""));
        Find("installed criteria").Should().Be(("ok", $"{Criteria} is valid", ""));
        Find("agent").Found.Should().EndWith("from deviceupdate-agent 1");
    }

    [Fact]
    public void Without_roots_rights_what_cannot_be_looked_at_is_no_problem()
    {
        var outcome = _device.Run("/usr/bin/du-apt", ["doctor"], user: "somebody");

        outcome.ExitStatus.Should().Be(0, outcome.Text);
        outcome.Output.Should().NotContain("problem  ").And.Contain("warning  rights");
        foreach (var name in new[] { "registration", "log folder", "installed criteria", "records", "worker" })
            outcome.Output.Should().Contain($"warning  {name.PadRight(21)}only root can look: ");
        outcome.Output.Should().Contain("ok       apt  ");
    }

    [Fact]
    public void Nothing_is_changed()
    {
        _device.Shell($"rm -r {State}/registration.json /run/du-apt-handler");
        var before = Everything();

        _ = _device.DuApt("doctor");

        Everything().Should().Be(before);

        string Everything() => _device.Shell("find /etc /run /srv /var /usr/lib/du-apt-handler -printf '%p %u %g %m %s %T@\n'");
    }

    public void Dispose() => _device.Dispose();

    private void Package(string name, string status, string fields = "") =>
        File.AppendAllText(
            _device.At("/var/lib/dpkg/status"),
            $"Package: {name}\nStatus: {status}\nMaintainer: nobody\nArchitecture: all\nVersion: 1\n{fields}Description: made for "
                + $"a test\n\n"
        );

    private (string State, string Found, string Remedy) Find(string name) => Findings().Single(finding => finding.Name == name).Finding;

    // One thing is wrong, and it is told, and nothing else is.
    private void Expect(string name, string state, string found, string remedy, params string[] alsoBroken)
    {
        var findings = Findings();
        findings.Select(finding => finding.Name).Should().Equal(Names);
        var (actualState, actualFound, actualRemedy) = findings.Single(finding => finding.Name == name).Finding;
        actualState.Should().Be(state, actualFound);
        actualFound.Should().Contain(found);
        actualRemedy.Should().Contain(remedy);
        findings
            .Where(finding => finding.Finding.State != "ok")
            .Select(finding => finding.Name)
            .Should()
            .BeEquivalentTo([name, .. alsoBroken]);
    }

    private List<(string Name, (string State, string Found, string Remedy) Finding)> Findings()
    {
        var outcome = _device.DuApt("doctor", "--json");
        using JsonDocument answer = Answer.Json(outcome);
        var findings = Read(answer);
        var isHealthy = findings.TrueForAll(finding => finding.Finding.State != "problem");
        answer.RootElement.GetProperty("isHealthy").GetBoolean().Should().Be(isHealthy);
        outcome.ExitStatus.Should().Be(isHealthy ? 0 : 1);
        foreach (var (_, (state, _, remedy)) in findings)
            (remedy.Length == 0).Should().Be(state == "ok");
        return findings;
    }

    private static List<(string Name, (string State, string Found, string Remedy) Finding)> Read(JsonDocument answer)
    {
        return
        [
            .. answer
                .RootElement.GetProperty("checks")
                .EnumerateArray()
                .Select(check => (Text(check, "name"), (Text(check, "state"), Text(check, "found"), Text(check, "remedy")))),
        ];

        static string Text(JsonElement check, string member) => check.GetProperty(member).GetString()!;
    }
}
