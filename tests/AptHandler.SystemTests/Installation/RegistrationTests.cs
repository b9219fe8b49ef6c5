using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Installation;

/// <summary>The library goes into the agent's registration, and nobody else's rights grow by that.</summary>
public sealed class RegistrationTests : RegistrationTest
{
    private const string Calls = "/var/log/AducIotAgent.calls";

    [Fact]
    public void The_agent_registers_the_library_and_the_handler_before_it_is_remembered()
    {
        RegisterReference();

        Register().Should().Be($"{SmallDevice.Library} is registered for microsoft/apt:1.\n");

        Registered().Should().Be((SmallDevice.Library, HashOf(SourceTree.HandlerLibrary)));
        Remembered().Should().Be(("microsoft/apt:1", SmallDevice.ReferenceLibrary));
        Device.Read(Calls).Should().EndWith($"--extension-id microsoft/apt:1 --register-extension {SmallDevice.Library}\n");
    }

    [Fact]
    public void Registering_again_changes_nothing()
    {
        RegisterReference();
        Register();
        var before = (Registered(), Device.Read(Memory), Device.Read(Calls), Written());

        Register().Should().Contain("already");

        (Registered(), Device.Read(Memory), Device.Read(Calls), Written()).Should().Be(before);

        string Written() => Device.Shell($"stat -c '%y %i' {SmallDevice.Registration} {Memory}");
    }

    [Fact]
    public void After_an_upgrade_of_the_agent_the_type_is_taken_again()
    {
        Register();
        Remembered().Library.Should().BeNull("nothing was registered");
        RegisterReference();

        Register();

        Registered().Library.Should().Be(SmallDevice.Library);
        Remembered().Library.Should().Be(SmallDevice.ReferenceLibrary);
    }

    [Fact]
    public void After_an_upgrade_of_the_library_its_new_hash_is_registered_and_the_old_library_is_not_remembered()
    {
        RegisterReference();
        Register();
        Device.Shell($"echo more >>{SmallDevice.Library}");

        Register();

        Registered().Should().Be((SmallDevice.Library, HashOnDevice(SmallDevice.Library)));
        Remembered().Library.Should().Be(SmallDevice.ReferenceLibrary);
    }

    [Theory]
    [InlineData("echo first; echo 'no du-config.json' >&2; exit 3", "exit status 3 and said: no du-config.json")]
    [InlineData("kill -9 $$", "ended by signal 9")]
    [InlineData("exit 0", "reported success, but")]
    [InlineData(
        "printf '{\"fileName\":\"/usr/lib/du-apt-handler/libdu_apt_handler.so\",\"hashes\":{\"sha256\":\"AAAA\"}}' >"
            + SmallDevice.Registration,
        "reported success, but"
    )]
    public void Where_the_agents_program_does_not_do_it_the_file_is_written_directly(string script, string reason)
    {
        RegisterReference();
        Device.Shell($"cat >{SmallDevice.AgentProgram} <<'SCRIPT'\n#!/bin/sh\n{script}\nSCRIPT");

        Register().Should().Contain(reason).And.Contain($"{SmallDevice.Registration} was written directly");

        Registered().Should().Be((SmallDevice.Library, HashOf(SourceTree.HandlerLibrary)));
        Device.Rights(SmallDevice.Registration).Should().Be("adu:adu 644");
        Remembered().Library.Should().Be(SmallDevice.ReferenceLibrary);
    }

    [Fact]
    public void Folders_that_are_missing_are_made_as_the_agent_makes_them()
    {
        Device.Shell($"printf '#!/bin/sh\nexit 1\n' >{SmallDevice.AgentProgram}; rm -r /var/lib/adu/extensions");

        Register();

        using var content = JsonDocument.Parse(Device.Read(SmallDevice.Registration)!);
        content.RootElement.GetProperty("fileName").GetString().Should().Be(SmallDevice.Library);
        content.RootElement.GetProperty("sizeInBytes").GetInt64().Should().Be(new FileInfo(SourceTree.HandlerLibrary).Length);
        content.RootElement.GetProperty("hashes").GetProperty("sha256").GetString().Should().Be(HashOf(SourceTree.HandlerLibrary));
        content.RootElement.GetProperty("handlerId").GetString().Should().Be("microsoft/apt:1");
        foreach (var folder in new[] { "/var/lib/adu/extensions", "/var/lib/adu/extensions/update_content_handlers", TypeFolder })
            Device.Rights(folder).Should().Be("adu:adu 770");
        Device.Rights(SmallDevice.Registration).Should().Be("adu:adu 644");
    }

    [Fact]
    public void Without_the_agents_program_the_file_is_written_directly()
    {
        Device.Shell($"rm {SmallDevice.AgentProgram}");

        Register().Should().Contain($"was written directly, because there is no {SmallDevice.AgentProgram}.");

        Registered().Library.Should().Be(SmallDevice.Library);
    }

    [Fact]
    public void A_registration_that_the_agents_user_cannot_read_is_written_anew()
    {
        Register();
        Device.Shell($"chmod 0600 {SmallDevice.Registration}");

        Register().Should().Contain("was written directly");

        Device.Rights(SmallDevice.Registration).Should().Be("adu:adu 644");
    }

    [Fact]
    public void Without_an_agent_that_is_said_and_no_failure()
    {
        Device.Shell($"rm -r {SmallDevice.AgentProgram} /var/lib/adu; sed -i /adu/d /etc/passwd /etc/group");

        Register().Should().Contain("There is no Device Update agent on this machine yet.");

        File.Exists(Device.At(Memory)).Should().BeFalse();
        Directory.Exists(Device.At("/var/lib/adu")).Should().BeFalse();
        Device.Rights("/var/lib/du-apt-handler").Should().Be("root:root 2750");
        Unregister().Should().Contain("not registered");
    }

    [Fact]
    public void An_agent_that_is_not_set_up_yet_is_no_failure()
    {
        Device.Shell($"rm -r /var/lib/adu; printf '#!/bin/sh\nexit 1\n' >{SmallDevice.AgentProgram}");

        Register().Should().Contain("The Device Update agent is not set up yet");

        Directory.Exists(Device.At("/var/lib/adu")).Should().BeFalse();
    }

    [Theory]
    [InlineData("/var/lib/adu")]
    [InlineData("/var/lib/adu/extensions")]
    [InlineData("/var/lib/adu/extensions/update_content_handlers")]
    [InlineData(TypeFolder)]
    public void A_link_in_the_way_is_not_followed(string path)
    {
        Device.Shell(
            $"mkdir -p {TypeFolder} /srv/victim/extensions/update_content_handlers/microsoft_apt_1; rm -r {path}; ln -s /srv/victim {path}"
        );
        var before = Victims();

        var outcome = Device.DuApt("register");

        outcome.ExitStatus.Should().Be(1, outcome.Text);
        outcome.Errors.Should().Contain($"cannot enter {path}: it is no folder, or a symbolic link");
        Device.DuApt("unregister").Output.Should().Contain("not registered");
        Victims().Should().Be(before);
        Device.Read(Calls).Should().BeNull("the agent's program would follow the link");
    }

    [Fact]
    public void A_link_in_the_place_of_the_file_is_replaced_and_its_target_left_alone()
    {
        Device.Shell($"mkdir {TypeFolder}; echo precious >/srv/victim; ln -s /srv/victim {SmallDevice.Registration}");

        Register().Should().Contain("it is a symbolic link, which is not followed here");

        Device.Read("/srv/victim").Should().Be("precious\n");
        Registered().Library.Should().Be(SmallDevice.Library);
        Device.Read(Calls).Should().BeNull("the agent's program would follow the link");
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("[]")]
    [InlineData("{\"fileName\":7,\"hashes\":{\"sha256\":\"x\"}}")]
    [InlineData("{\"fileName\":\"\\ud800\",\"hashes\":{\"sha256\":\"x\"}}")]
    [InlineData("{\"\\ud800\":1,\"fileName\":\"/x.so\",\"hashes\":7}")]
    [InlineData("{\"fileName\":\"relative.so\",\"hashes\":{\"sha256\":\"x\"}}")]
    [InlineData("{\"fileName\":\"/etc/shadow\",\"hashes\":{\"sha256\":\"x\"}}")]
    [InlineData("{\"fileName\":\"/x/../etc/x.so\",\"hashes\":{\"sha256\":\"x\"}}")]
    public void What_cannot_be_a_registration_is_not_remembered(string content)
    {
        Device.Shell($"mkdir {TypeFolder}");
        Device.Write(SmallDevice.Registration, content);

        Register();

        Registered().Library.Should().Be(SmallDevice.Library);
        Remembered().Library.Should().BeNull();
    }

    [Theory]
    [InlineData("extensionsFolder", "/srv/moved", "/srv/moved")]
    [InlineData("dataFolder", "/srv/moved", "/srv/moved/extensions")]
    public void The_folder_that_the_agents_configuration_names_counts(string member, string value, string extensions)
    {
        Device.Shell($"mkdir -p {extensions}; chown -R adu:adu /srv/moved; chmod 0700 {extensions}");
        ConfigureAgent(member, value);

        Register();

        Device.Read($"{extensions}/update_content_handlers/microsoft_apt_1/content_handler.json").Should().Contain(SmallDevice.Library);
        Device.Rights($"{extensions}/update_content_handlers/microsoft_apt_1").Should().Be("adu:adu 700");
        Unregister();
        Directory.Exists(Device.At($"{extensions}/update_content_handlers/microsoft_apt_1")).Should().BeFalse();
    }

    [Theory]
    [InlineData("mkdir /srv/moved")]
    [InlineData("mkdir /srv/target; chown adu /srv/target; ln -s target /srv/moved")]
    [InlineData(":")]
    public void The_agents_configuration_cannot_make_root_write_where_the_agents_user_cannot(string script)
    {
        Device.Shell(script);
        ConfigureAgent("extensionsFolder", "/srv/moved");
        Device.Shell($"printf '#!/bin/sh\nexit 1\n' >{SmallDevice.AgentProgram}");
        var before = Device.Shell("find /srv");

        _ = Device.DuApt("register");

        Device.Shell("find /srv").Should().Be(before);
    }

    [Fact]
    public void Without_roots_rights_nothing_is_tried()
    {
        foreach (var command in new[] { "register", "unregister" })
        {
            var outcome = Device.Run("/usr/bin/du-apt", [command], user: "somebody");
            outcome.ExitStatus.Should().Be(1);
            outcome.Errors.Should().Be($"du-apt: cannot {command} without root's rights; run sudo du-apt {command}\n");
        }
    }

    [Fact]
    public void Programs_get_one_object()
    {
        RegisterReference();
        foreach (var (command, isRegistered) in new[] { ("register", true), ("unregister", false) })
        {
            using var answer = Updates.Answer.Json(Device.DuApt(command, "--json"));
            answer.RootElement.EnumerateObject().Select(member => member.Name).Should().Equal("updateType", "isRegistered", "details");
            answer.RootElement.GetProperty("updateType").GetString().Should().Be("microsoft/apt:1");
            answer.RootElement.GetProperty("isRegistered").GetBoolean().Should().Be(isRegistered);
            answer.RootElement.GetProperty("details").GetArrayLength().Should().Be(1);
        }
    }

    [Fact]
    public void Those_who_register_at_the_same_time_take_turns()
    {
        RegisterReference();
        Device
            .Shell("for i in 1 2 3 4 5 6; do du-apt register >/srv/said.$i 2>&1 & done; wait; cat /srv/said.*")
            .Should()
            .NotContain("cannot");

        Registered().Should().Be((SmallDevice.Library, HashOnDevice(SmallDevice.Library)));
        Remembered().Library.Should().Be(SmallDevice.ReferenceLibrary);
    }

    private static string HashOf(string path) => Convert.ToBase64String(SHA256.HashData(File.ReadAllBytes(path)));

    private string Victims() => Device.Shell("cd /srv/victim; find . -printf '%p %u %m %T@\n'");

    private void ConfigureAgent(string member, string value)
    {
        var configuration = JsonNode.Parse(Device.Read(SmallDevice.AgentConfiguration)!)!;
        configuration[member] = value;
        Device.Write(SmallDevice.AgentConfiguration, configuration.ToJsonString());
    }
}
