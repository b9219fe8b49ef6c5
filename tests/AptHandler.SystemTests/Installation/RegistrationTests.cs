using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Installation;

/// <summary>The library goes into the agent's registration, and nobody else's rights grow by that.</summary>
public sealed class RegistrationTests : IDisposable
{
    private const string Memory = "/var/lib/du-apt-handler/registration.json";
    private const string Calls = "/var/log/AducIotAgent.calls";
    private const string TypeFolder = "/var/lib/adu/extensions/update_content_handlers/microsoft_apt_1";

    private readonly SmallDevice _device = new();

    [Fact]
    public void The_agent_registers_the_library_and_the_handler_before_it_is_remembered()
    {
        RegisterReference();

        Register().Should().Be($"{SmallDevice.Library} is registered for microsoft/apt:1.\n");

        Registered().Should().Be((SmallDevice.Library, HashOf(SourceTree.HandlerLibrary)));
        Remembered().Should().Be(("microsoft/apt:1", SmallDevice.ReferenceLibrary));
        _device.Read(Calls).Should().EndWith($"--extension-id microsoft/apt:1 --register-extension {SmallDevice.Library}\n");
    }

    [Fact]
    public void Registering_again_changes_nothing()
    {
        RegisterReference();
        Register();
        var before = (Registered(), _device.Read(Memory), _device.Read(Calls), Written());

        Register().Should().Contain("already");

        (Registered(), _device.Read(Memory), _device.Read(Calls), Written()).Should().Be(before);

        string Written() => _device.Shell($"stat -c '%y %i' {SmallDevice.Registration} {Memory}");
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
        _device.Shell($"echo more >>{SmallDevice.Library}");

        Register();

        Registered().Should().Be((SmallDevice.Library, HashOnDevice(SmallDevice.Library)));
        Remembered().Library.Should().Be(SmallDevice.ReferenceLibrary);
    }

    [Theory]
    [InlineData("echo first; echo 'no du-config.json' >&2; exit 3", "exit status 3 and said: no du-config.json")]
    [InlineData("kill -9 $$", "ended by signal 9")]
    [InlineData("exit 0", "reported success, but")]
    [InlineData("printf '{\"fileName\":\"/usr/lib/du-apt-handler/libdu_apt_handler.so\",\"hashes\":{\"sha256\":\"AAAA\"}}' >" + SmallDevice.Registration, "reported success, but")]
    public void Where_the_agents_program_does_not_do_it_the_file_is_written_directly(string script, string reason)
    {
        RegisterReference();
        _device.Shell($"cat >{SmallDevice.AgentProgram} <<'SCRIPT'\n#!/bin/sh\n{script}\nSCRIPT");

        Register().Should().Contain(reason).And.Contain($"{SmallDevice.Registration} was written directly");

        Registered().Should().Be((SmallDevice.Library, HashOf(SourceTree.HandlerLibrary)));
        _device.Rights(SmallDevice.Registration).Should().Be("adu:adu 644");
        Remembered().Library.Should().Be(SmallDevice.ReferenceLibrary);
    }

    [Fact]
    public void Folders_that_are_missing_are_made_as_the_agent_makes_them()
    {
        _device.Shell($"printf '#!/bin/sh\nexit 1\n' >{SmallDevice.AgentProgram}; rm -r /var/lib/adu/extensions");

        Register();

        using var content = JsonDocument.Parse(_device.Read(SmallDevice.Registration)!);
        content.RootElement.GetProperty("fileName").GetString().Should().Be(SmallDevice.Library);
        content.RootElement.GetProperty("sizeInBytes").GetInt64().Should().Be(new FileInfo(SourceTree.HandlerLibrary).Length);
        content.RootElement.GetProperty("hashes").GetProperty("sha256").GetString().Should().Be(HashOf(SourceTree.HandlerLibrary));
        content.RootElement.GetProperty("handlerId").GetString().Should().Be("microsoft/apt:1");
        foreach (var folder in new[] { "/var/lib/adu/extensions", "/var/lib/adu/extensions/update_content_handlers", TypeFolder })
            _device.Rights(folder).Should().Be("adu:adu 770");
        _device.Rights(SmallDevice.Registration).Should().Be("adu:adu 644");
    }

    [Fact]
    public void Without_the_agents_program_the_file_is_written_directly()
    {
        _device.Shell($"rm {SmallDevice.AgentProgram}");

        Register().Should().Contain($"was written directly, because there is no {SmallDevice.AgentProgram}.");

        Registered().Library.Should().Be(SmallDevice.Library);
    }

    [Fact]
    public void A_registration_that_the_agents_user_cannot_read_is_written_anew()
    {
        Register();
        _device.Shell($"chmod 0600 {SmallDevice.Registration}");

        Register().Should().Contain("was written directly");

        _device.Rights(SmallDevice.Registration).Should().Be("adu:adu 644");
    }

    [Fact]
    public void Without_an_agent_that_is_said_and_no_failure()
    {
        _device.Shell($"rm -r {SmallDevice.AgentProgram} /var/lib/adu; sed -i /adu/d /etc/passwd /etc/group");

        Register().Should().Contain("There is no Device Update agent on this machine yet.");

        File.Exists(_device.At(Memory)).Should().BeFalse();
        Directory.Exists(_device.At("/var/lib/adu")).Should().BeFalse();
        _device.Rights("/var/lib/du-apt-handler").Should().Be("root:root 2750");
        Unregister().Should().Contain("not registered");
    }

    [Fact]
    public void An_agent_that_is_not_set_up_yet_is_no_failure()
    {
        _device.Shell($"rm -r /var/lib/adu; printf '#!/bin/sh\nexit 1\n' >{SmallDevice.AgentProgram}");

        Register().Should().Contain("The Device Update agent is not set up yet");

        Directory.Exists(_device.At("/var/lib/adu")).Should().BeFalse();
    }

    [Theory]
    [InlineData("/var/lib/adu")]
    [InlineData("/var/lib/adu/extensions")]
    [InlineData("/var/lib/adu/extensions/update_content_handlers")]
    [InlineData(TypeFolder)]
    public void A_link_in_the_way_is_not_followed(string path)
    {
        _device.Shell($"mkdir -p {TypeFolder} /srv/victim/extensions/update_content_handlers/microsoft_apt_1; rm -r {path}; ln -s /srv/victim {path}");
        var before = Victims();

        var outcome = _device.DuApt("register");

        outcome.ExitStatus.Should().Be(1, outcome.Text);
        outcome.Errors.Should().Contain($"cannot enter {path}: it is no folder, or a symbolic link");
        _device.DuApt("unregister").Output.Should().Contain("not registered");
        Victims().Should().Be(before);
        _device.Read(Calls).Should().BeNull("the agent's program would follow the link");
    }

    [Fact]
    public void A_link_in_the_place_of_the_file_is_replaced_and_its_target_left_alone()
    {
        _device.Shell($"mkdir {TypeFolder}; echo precious >/srv/victim; ln -s /srv/victim {SmallDevice.Registration}");

        Register().Should().Contain("it is a symbolic link, which is not followed here");

        _device.Read("/srv/victim").Should().Be("precious\n");
        Registered().Library.Should().Be(SmallDevice.Library);
        _device.Read(Calls).Should().BeNull("the agent's program would follow the link");
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
        _device.Shell($"mkdir {TypeFolder}");
        _device.Write(SmallDevice.Registration, content);

        Register();

        Registered().Library.Should().Be(SmallDevice.Library);
        Remembered().Library.Should().BeNull();
    }

    [Fact]
    public void The_type_is_given_back_with_the_hash_that_the_library_has_by_then()
    {
        RegisterReference();
        Register();
        _device.Shell($"echo upgraded >{SmallDevice.ReferenceLibrary}");

        Unregister().Should().Contain($"microsoft/apt:1 is given back to {SmallDevice.ReferenceLibrary}.");

        Registered().Should().Be((SmallDevice.ReferenceLibrary, HashOnDevice(SmallDevice.ReferenceLibrary)));
        Unregister().Should().Contain($"microsoft/apt:1 belongs to {SmallDevice.ReferenceLibrary} and is left as it is.");
    }

    [Fact]
    public void The_type_goes_back_to_the_agents_own_handler_when_nothing_better_is_known()
    {
        Register();

        Unregister();

        Registered().Should().Be((SmallDevice.ReferenceLibrary, HashOnDevice(SmallDevice.ReferenceLibrary)));
    }

    [Fact]
    public void A_type_that_nobody_had_before_is_free_again()
    {
        Configure("updateType", "contoso/apt:2");
        Register();
        const string Folder = "/var/lib/adu/extensions/update_content_handlers/contoso_apt_2";
        _device.Read($"{Folder}/content_handler.json").Should().Contain(SmallDevice.Library);

        Unregister().Should().Contain("contoso/apt:2 has no handler any more.");

        Directory.Exists(_device.At(Folder)).Should().BeFalse();
    }

    [Fact]
    public void The_registration_of_somebody_else_is_left_alone()
    {
        Register();
        _device.Shell($"echo third >/var/lib/adu/third.so; AducIotAgent -l 2 --extension-type updateContentHandler --extension-id microsoft/apt:1 --register-extension /var/lib/adu/third.so");

        Unregister().Should().Contain("microsoft/apt:1 belongs to /var/lib/adu/third.so");

        Registered().Library.Should().Be("/var/lib/adu/third.so");
    }

    [Theory]
    [InlineData("/root/secret.so", "echo secret >/root/secret.so; chmod 0600 /root/secret.so")]
    [InlineData("/root/closed/secret.so", "mkdir -m 0700 /root/closed; echo secret >/root/closed/secret.so")]
    [InlineData("/var/lib/adu/link.so", "echo secret >/root/secret.so; chmod 0600 /root/secret.so; ln -s /root/secret.so /var/lib/adu/link.so")]
    [InlineData("/var/lib/adu/link/secret.so", "echo secret >/srv/secret.so; ln -s /srv /var/lib/adu/link")]
    [InlineData("/var/lib/adu/folder.so", "mkdir /var/lib/adu/folder.so")]
    [InlineData("/var/lib/adu/pipe.so", "mkfifo -m 0666 /var/lib/adu/pipe.so")]
    [InlineData("/var/lib/adu/gone.so", "")]
    public void What_the_agents_user_has_registered_before_is_not_hashed_when_it_could_not_load_it_itself(string path, string script)
    {
        _device.Shell($"mkdir {TypeFolder}; chown adu: {TypeFolder}; {script}");
        _device.Write(SmallDevice.Registration, $"{{\"fileName\":\"{path}\",\"hashes\":{{\"sha256\":\"x\"}}}}");
        Register();
        Remembered().Library.Should().Be(path);

        Unregister().Should().Contain($"microsoft/apt:1 is not given back to {path}: cannot ");

        Registered().Library.Should().Be(SmallDevice.ReferenceLibrary);
    }

    [Fact]
    public void When_the_configured_type_changes_the_old_one_is_given_back_first()
    {
        RegisterReference();
        Register();
        Configure("updateType", "contoso/apt:2");

        Register().Should().Contain($"microsoft/apt:1 is given back to {SmallDevice.ReferenceLibrary}.");

        Registered().Library.Should().Be(SmallDevice.ReferenceLibrary);
        _device.Read("/var/lib/adu/extensions/update_content_handlers/contoso_apt_2/content_handler.json").Should().Contain(SmallDevice.Library);
        Remembered().Should().Be(("contoso/apt:2", null));
    }

    [Theory]
    [InlineData("extensionsFolder", "/srv/moved", "/srv/moved")]
    [InlineData("dataFolder", "/srv/moved", "/srv/moved/extensions")]
    public void The_folder_that_the_agents_configuration_names_counts(string member, string value, string extensions)
    {
        _device.Shell($"mkdir -p {extensions}; chown -R adu:adu /srv/moved; chmod 0700 {extensions}");
        ConfigureAgent(member, value);

        Register();

        _device.Read($"{extensions}/update_content_handlers/microsoft_apt_1/content_handler.json").Should().Contain(SmallDevice.Library);
        _device.Rights($"{extensions}/update_content_handlers/microsoft_apt_1").Should().Be("adu:adu 700");
        Unregister();
        Directory.Exists(_device.At($"{extensions}/update_content_handlers/microsoft_apt_1")).Should().BeFalse();
    }

    [Theory]
    [InlineData("mkdir /srv/moved")]
    [InlineData("mkdir /srv/target; chown adu /srv/target; ln -s target /srv/moved")]
    [InlineData(":")]
    public void The_agents_configuration_cannot_make_root_write_where_the_agents_user_cannot(string script)
    {
        _device.Shell(script);
        ConfigureAgent("extensionsFolder", "/srv/moved");
        _device.Shell($"printf '#!/bin/sh\nexit 1\n' >{SmallDevice.AgentProgram}");
        var before = _device.Shell("find /srv");

        _ = _device.DuApt("register");

        _device.Shell("find /srv").Should().Be(before);
    }

    [Fact]
    public void Without_roots_rights_nothing_is_tried()
    {
        foreach (var command in new[] { "register", "unregister" })
        {
            var outcome = _device.Run("/usr/bin/du-apt", [command], user: "somebody");
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
            using var answer = Updates.Answer.Json(_device.DuApt(command, "--json"));
            answer.RootElement.EnumerateObject().Select(member => member.Name).Should().Equal("updateType", "isRegistered", "details");
            answer.RootElement.GetProperty("updateType").GetString().Should().Be("microsoft/apt:1");
            answer.RootElement.GetProperty("isRegistered").GetBoolean().Should().Be(isRegistered);
            answer.RootElement.GetProperty("details").GetArrayLength().Should().Be(1);
        }
    }

    [Fact]
    public void What_the_agents_user_wrote_cannot_command_a_terminal()
    {
        _device.Shell($"mkdir {TypeFolder}");
        _device.Write(SmallDevice.Registration, "{\"fileName\":\"/x\\u001b[2J.so\",\"hashes\":{\"sha256\":\"x\"}}");

        Unregister().Should().Contain("belongs to /x^[[2J.so").And.NotContain("\u001b");
    }

    [Fact]
    public void What_was_given_back_by_hand_stays_so_until_somebody_asks_for_it_again()
    {
        RegisterReference();
        Register();
        Unregister();

        _device.DuApt("register", "--unless-unregistered").Succeeded("register again by itself").Output.Should().Contain("stays so until du-apt register");
        Registered().Library.Should().Be(SmallDevice.ReferenceLibrary);

        Register();
        Registered().Library.Should().Be(SmallDevice.Library);
        RegisterReference();
        _device.DuApt("register", "--unless-unregistered").Succeeded("register again by itself");
        Registered().Library.Should().Be(SmallDevice.Library);
    }

    [Fact]
    public void Those_who_register_at_the_same_time_take_turns()
    {
        RegisterReference();
        _device.Shell("for i in 1 2 3 4 5 6; do du-apt register >/srv/said.$i 2>&1 & done; wait; cat /srv/said.*").Should().NotContain("cannot");

        Registered().Should().Be((SmallDevice.Library, HashOnDevice(SmallDevice.Library)));
        Remembered().Library.Should().Be(SmallDevice.ReferenceLibrary);
    }

    [Fact]
    public void With_a_damaged_memory_the_agents_own_handler_gets_its_type_back()
    {
        RegisterReference();
        Register();
        _device.Write(Memory, "{}");

        Unregister();

        Registered().Library.Should().Be(SmallDevice.ReferenceLibrary);
    }

    public void Dispose() => _device.Dispose();

    private static string HashOf(string path) => Convert.ToBase64String(SHA256.HashData(File.ReadAllBytes(path)));

    private string HashOnDevice(string path) =>
        Convert.ToBase64String(Convert.FromHexString(_device.Shell($"sha256sum {path}").Split(' ')[0]));

    private string Register() => _device.DuApt("register").Succeeded("register").Output;

    private string Unregister() => _device.DuApt("unregister").Succeeded("unregister").Output;

    // As the agent's package does in its postinst.
    private void RegisterReference() =>
        _device.Shell($"AducIotAgent -l 2 --extension-type updateContentHandler --extension-id microsoft/apt:1 --register-extension {SmallDevice.ReferenceLibrary}");

    private (string? Library, string? Hash) Registered()
    {
        var content = JsonNode.Parse(_device.Read(SmallDevice.Registration)!)!;
        return ((string?)content["fileName"], (string?)content["hashes"]!["sha256"]);
    }

    private (string? UpdateType, string? Library) Remembered()
    {
        var content = JsonNode.Parse(_device.Read(Memory)!)!;
        return ((string?)content["updateType"], (string?)content["library"]);
    }

    private string Victims() => _device.Shell("cd /srv/victim; find . -printf '%p %u %m %T@\n'");

    private void Configure(string member, string value) => _device.Write("/etc/du-apt-handler/config.json", $"{{\"{member}\":\"{value}\"}}");

    private void ConfigureAgent(string member, string value)
    {
        var configuration = JsonNode.Parse(_device.Read(SmallDevice.AgentConfiguration)!)!;
        configuration[member] = value;
        _device.Write(SmallDevice.AgentConfiguration, configuration.ToJsonString());
    }
}
