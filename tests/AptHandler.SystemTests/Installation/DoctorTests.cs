using System.Text.Json;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Installation;

/// <summary>How doctor reports what it finds, and that its remedies help.</summary>
public sealed class DoctorTests : DoctorTest
{
    [Fact]
    public void Of_a_healthyDevice_everything_is_ok()
    {
        var outcome = Device.DuApt("doctor");

        outcome.ExitStatus.Should().Be(0, outcome.Text);
        var lines = outcome.Output.TrimEnd('\n').Split('\n');
        lines[..^1].Select(line => line[..30].TrimEnd()).Should().Equal(Names.Select(name => $"ok       {name}"));
        lines[^1].Should().Be("All is well.");
        outcome.Text.Should().NotContain("\u001b", "this is no terminal");
    }

    [Fact]
    public void A_finding_is_a_line_and_its_remedy_another_one()
    {
        Device.Shell("rmdir /run/du-apt-handler");

        var outcome = Device.DuApt("doctor");

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
    public void Who_does_what_a_remedy_says_has_a_healthyDevice(string name, string script)
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
        Device.Shell($"mkdir -p /usr/local/bin; {Sudo}\n{script}");
        var (state, _, remedy) = Find(name);
        state.Should().NotBe("ok");

        var begin = remedy.IndexOf("sudo ", StringComparison.Ordinal);
        Device.Shell(remedy[begin..].Split([",", ";"], StringSplitOptions.None)[0]);

        Device.DuApt("doctor").Succeeded("doctor").Output.Should().EndWith("\nAll is well.\n");
    }

    [Fact]
    public void A_copy_that_was_not_installed_says_so_and_leaves_the_folders_of_others_alone()
    {
        const string Clone = "/tmp/clone";
        Device.Shell($"cp -r {Ours} {Clone}; chown -R somebody {Clone}");

        var (findings, text) = InClone();

        findings["programs"]
            .Should()
            .Be(("warning", $"this is not an installed copy: it lies in {Clone}", "run sudo du-apt doctor, which is the installed copy"));
        findings["registration"]
            .Should()
            .Be(("ok", $"microsoft/apt:1 belongs to {Ours}/libdu_apt_handler.so, which is the installed copy", ""));
        text.Should().NotContain("chown").And.NotContain("chmod").And.NotContain("/tmp ");

        Device.Shell($"{Clone}/du-apt register; rm -r {Ours}");
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
            var outcome = Device.Run($"{Clone}/du-apt", ["doctor", "--json"]);
            using JsonDocument answer = Answer.Json(outcome);
            return (Read(answer).ToDictionary(each => each.Name, each => each.Finding, StringComparer.Ordinal), outcome.Output);
        }
    }

    [Fact]
    public void A_remedy_for_another_configuration_names_it()
    {
        Device.Shell("echo '{ \"runDir\": \"/run/elsewhere\" }' >/etc/other.json");

        Device
            .DuApt("doctor", "--config", "/etc/other.json")
            .Output.Should()
            .Contain("remedy               run sudo du-apt register --config /etc/other.json\n");
    }

    [Fact]
    public void Without_roots_rights_what_cannot_be_looked_at_is_no_problem()
    {
        var outcome = Device.Run("/usr/bin/du-apt", ["doctor"], user: "somebody");

        outcome.ExitStatus.Should().Be(0, outcome.Text);
        outcome.Output.Should().NotContain("problem  ").And.Contain("warning  rights");
        foreach (var name in new[] { "registration", "log folder", "installed criteria", "records", "worker" })
            outcome.Output.Should().Contain($"warning  {name.PadRight(21)}only root can look: ");
        outcome.Output.Should().Contain("ok       apt  ");
    }

    [Fact]
    public void Nothing_is_changed()
    {
        Device.Shell($"rm -r {State}/registration.json /run/du-apt-handler");
        var before = Everything();

        _ = Device.DuApt("doctor");

        Everything().Should().Be(before);

        string Everything() => Device.Shell("find /etc /run /srv /var /usr/lib/du-apt-handler -printf '%p %u %g %m %s %T@\n'");
    }
}
