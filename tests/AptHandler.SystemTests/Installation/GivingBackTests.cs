using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Installation;

/// <summary>The update type goes back to whoever had it before.</summary>
public sealed class GivingBackTests : RegistrationTest
{
    [Fact]
    public void The_type_is_given_back_with_the_hash_that_the_library_has_by_then()
    {
        RegisterReference();
        Register();
        Device.Shell($"echo upgraded >{SmallDevice.ReferenceLibrary}");

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
        Device.Read($"{Folder}/content_handler.json").Should().Contain(SmallDevice.Library);

        Unregister().Should().Contain("contoso/apt:2 has no handler any more.");

        Directory.Exists(Device.At(Folder)).Should().BeFalse();
    }

    [Fact]
    public void The_registration_of_somebody_else_is_left_alone()
    {
        Register();
        Device.Shell(
            "echo third >/var/lib/adu/third.so; AducIotAgent -l 2 --extension-type updateContentHandler --extension-id "
                + "microsoft/apt:1 --register-extension /var/lib/adu/third.so"
        );

        Unregister().Should().Contain("microsoft/apt:1 belongs to /var/lib/adu/third.so");

        Registered().Library.Should().Be("/var/lib/adu/third.so");
    }

    [Theory]
    [InlineData("/root/secret.so", "echo secret >/root/secret.so; chmod 0600 /root/secret.so")]
    [InlineData("/root/closed/secret.so", "mkdir -m 0700 /root/closed; echo secret >/root/closed/secret.so")]
    [InlineData(
        "/var/lib/adu/link.so",
        "echo secret >/root/secret.so; chmod 0600 /root/secret.so; ln -s /root/secret.so /var/lib/adu/link.so"
    )]
    [InlineData("/var/lib/adu/link/secret.so", "echo secret >/srv/secret.so; ln -s /srv /var/lib/adu/link")]
    [InlineData("/var/lib/adu/folder.so", "mkdir /var/lib/adu/folder.so")]
    [InlineData("/var/lib/adu/pipe.so", "mkfifo -m 0666 /var/lib/adu/pipe.so")]
    [InlineData("/var/lib/adu/gone.so", "")]
    public void What_the_agents_user_has_registered_before_is_not_hashed_when_it_could_not_load_it_itself(string path, string script)
    {
        Device.Shell($"mkdir {TypeFolder}; chown adu: {TypeFolder}; {script}");
        Device.Write(SmallDevice.Registration, $"{{\"fileName\":\"{path}\",\"hashes\":{{\"sha256\":\"x\"}}}}");
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
        Device
            .Read("/var/lib/adu/extensions/update_content_handlers/contoso_apt_2/content_handler.json")
            .Should()
            .Contain(SmallDevice.Library);
        Remembered().Should().Be(("contoso/apt:2", null));
    }

    [Fact]
    public void What_the_agents_user_wrote_cannot_command_a_terminal()
    {
        Device.Shell($"mkdir {TypeFolder}");
        Device.Write(SmallDevice.Registration, "{\"fileName\":\"/x\\u001b[2J.so\",\"hashes\":{\"sha256\":\"x\"}}");

        Unregister().Should().Contain("belongs to /x^[[2J.so").And.NotContain("\u001b");
    }

    [Fact]
    public void What_was_given_back_by_hand_stays_so_until_somebody_asks_for_it_again()
    {
        RegisterReference();
        Register();
        Unregister();

        Device
            .DuApt("register", "--unless-unregistered")
            .Succeeded("register again by itself")
            .Output.Should()
            .Contain("stays so until du-apt register");
        Registered().Library.Should().Be(SmallDevice.ReferenceLibrary);

        Register();
        Registered().Library.Should().Be(SmallDevice.Library);
        RegisterReference();
        Device.DuApt("register", "--unless-unregistered").Succeeded("register again by itself");
        Registered().Library.Should().Be(SmallDevice.Library);
    }

    [Fact]
    public void With_a_damaged_memory_the_agents_own_handler_gets_its_type_back()
    {
        RegisterReference();
        Register();
        Device.Write(Memory, "{}");

        Unregister();

        Registered().Library.Should().Be(SmallDevice.ReferenceLibrary);
    }

    private void Configure(string member, string value) => Device.Write("/etc/du-apt-handler/config.json", $"{{\"{member}\":\"{value}\"}}");
}
