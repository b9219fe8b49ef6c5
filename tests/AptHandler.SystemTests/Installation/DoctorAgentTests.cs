using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Installation;

/// <summary>What doctor says of the agent: exactly what is broken there is named.</summary>
public sealed class DoctorAgentTests : DoctorTest
{
    [Theory]
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
        Device.Shell(script);

        Expect(name, state, found, remedy, alsoBroken.Split(',', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Without_an_agent_nothing_but_that_is_missing()
    {
        Device.Shell(
            $"rm -r {SmallDevice.AgentProgram} /usr/bin/adu-shell /usr/lib/systemd/system/deviceupdate-agent.service /etc/adu "
                + "/var/lib/adu; sed -i /^adu/d /etc/passwd; chown root: /var/log/adu; du-apt register"
        );

        Expect("agent", "problem", $"there is no {SmallDevice.AgentProgram}", "install deviceupdate-agent");
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
        Device.Shell(
            $"{script}; rm /usr/bin/adu-shell {Ours}/du-apt-root; sed -i 's/\"adu\", \"do\"/\"do\"/' {SmallDevice.AgentConfiguration}"
        );

        var outcome = Device.DuApt("doctor");

        outcome.ExitStatus.Should().Be(0, outcome.Text);
        outcome.Output.Should().EndWith("All is well.\n").And.Contain("not needed: the agent runs as root");
    }
}
