using AptHandler.SystemTests.Fixtures;
using AptHandler.Updates;

namespace AptHandler.SystemTests.Installation;

/// <summary>What doctor says of the handler's own files, and of Debian below it: exactly what is broken there is named.</summary>
public sealed class DoctorMachineTests : DoctorTest
{
    [Theory]
    [InlineData("configuration", "problem", "line 1", "mend it", "echo '{\"x\":1}' >/etc/du-apt-handler/config.json")]
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
    public void What_is_broken_is_named_with_its_remedy(
        string name,
        string state,
        string found,
        string remedy,
        string script,
        string alsoBroken = ""
    )
    {
        Device.Shell(script);

        Expect(name, state, found, remedy, alsoBroken.Split(',', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void A_sticky_folder_is_no_danger()
    {
        Device.Shell("chmod 1777 /usr/lib");

        Find("programs").State.Should().Be("ok");
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
        using var held = new HeldLock(Device.At("/var/lib/dpkg/lock"), time: null);

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
        using var held = new HeldLock(Device.At(path), time: null);

        for (var time = 0; time < 2; time++)
            Expect("locks", "warning", $"{path} is held by process {held.ProcessId} (hold-lock)", "waits for it");
    }

    [Fact]
    public void A_running_update_is_named_and_no_problem_even_in_its_transaction()
    {
        Device.Shell(
            $"mkdir -p {State}/updates/000001; echo "
                + $"'{{\"number\":1,\"installedCriteria\":\"a-1\",\"began\":\"2026-01-01T00:00:00Z\",\"state\":\"Installing\"}}' >{State}/updates/000001/update.json"
        );
        using var running = WorkerLock.Take(Device.At("/run/du-apt-handler"), _ => TimeSpan.Zero, CancellationToken.None);

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
        Device.Mount("/var/cache/apt/archives", options);

        Expect("free space", state, found, remedy);
    }

    [Fact]
    public void Each_file_system_is_told_once_when_there_is_room()
    {
        Device.Mount("/var/cache/apt/archives", "size=200m");

        Find("free space").Found.Should().MatchRegex("^/ has [0-9]+ MiB free; /var/cache/apt/archives has 200 MiB free$");
    }

    [Fact]
    public void Systemd_that_runs_gives_a_scope()
    {
        Device.Shell("mkdir -p /run/systemd/system /run/systemd/private; touch /usr/bin/systemd-run");

        Find("systemd").Should().Be(("ok", "the worker can get a scope of its own", ""));
    }

    [Fact]
    public void What_updates_have_left_behind_is_told()
    {
        Device.Shell(
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
}
