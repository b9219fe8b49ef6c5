using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Installation;

/// <summary>Registering also settles who may do what with the handler's own files.</summary>
public sealed class RightsTests : IDisposable
{
    private const string State = "/var/lib/du-apt-handler";
    private const string Run = "/run/du-apt-handler";
    private const string Script = "/usr/lib/du-apt-handler/du-apt-root";

    private readonly SmallDevice _device = new();

    [Fact]
    public void Root_writes_and_the_agents_group_reads()
    {
        _device.Shell(
            $"""
            mkdir -p {State}/updates/000001 {Run}/results; chmod -R 0777 {State} {Run}
            echo x >{State}/updates/000001/update.json; echo x >{Run}/results/1.json; chown -R adu:adu {State} {Run}
            """
        );

        Register();

        foreach (var folder in new[] { State, $"{State}/updates", $"{State}/updates/000001", Run, $"{Run}/results" })
            _device.Rights(folder).Should().Be("root:adu 2750", folder);
        foreach (var file in new[] { $"{State}/updates/000001/update.json", $"{State}/registration.json", $"{Run}/results/1.json" })
            _device.Rights(file).Should().Be("root:adu 640", file);
        _device.Rights(Script).Should().Be("root:adu 750");
    }

    [Fact]
    public void Without_the_account_all_is_roots()
    {
        _device.Shell("sed -i /adu/d /etc/passwd /etc/group");

        Register();

        foreach (var (path, rights) in new[] { (State, "root:root 2750"), (Run, "root:root 2750"), (Script, "root:root 750") })
            _device.Rights(path).Should().Be(rights, path);
    }

    [Fact]
    public void What_could_belong_to_somebody_else_keeps_its_rights()
    {
        _device.Shell(
            $"""
            mkdir -p {State}/updates; echo secret >/root/secret; chmod 0600 /root/secret; mkdir -m 0700 /root/folder
            ln /root/secret {State}/updates/name; ln -s /root/secret {State}/updates/link; ln -s /root/folder {State}/updates/folder
            mkfifo -m 0600 {State}/updates/pipe
            """
        );

        Register();

        _device.Rights("/root/secret").Should().Be("root:root 600");
        _device.Rights("/root/folder").Should().Be("root:root 700");
        _device.Rights($"{State}/updates/pipe").Should().Be("root:root 600");
        _device.Rights($"{State}/updates").Should().Be("root:adu 2750");
    }

    [Fact]
    public void A_folder_that_is_shared_with_others_is_not_closed()
    {
        _device.Shell("mkdir -m 0755 /srv/data /srv/own; echo x >/srv/data/of-somebody; mkdir /srv/own/updates");
        _device.Write("/etc/du-apt-handler/config.json", """{"stateDir":"/srv/data","runDir":"/srv/own"}""");

        Register().Should().Contain("Owner and mode of /srv/data are left as they are, because it holds of-somebody");

        _device.Rights("/srv/data").Should().Be("root:root 755");
        _device.Rights("/srv/data/of-somebody").Should().Be("root:root 644");
        _device.Rights("/srv/own").Should().Be("root:adu 2750");
        _device.Rights("/srv/own/updates").Should().Be("root:adu 2750");
    }

    [Fact]
    public void A_file_that_a_killed_writer_left_behind_is_no_stranger()
    {
        _device.Shell("mkdir -m 0755 /srv/state; echo half >/srv/state/.registration.json.new");
        _device.Write("/etc/du-apt-handler/config.json", """{"stateDir":"/srv/state"}""");

        Register();

        _device.Rights("/srv/state").Should().Be("root:adu 2750");
    }

    [Fact]
    public void Where_usr_is_read_only_a_second_time_writes_nothing_there()
    {
        Register();
        _device.Shell("mount -o remount,bind,ro /usr; ! touch /usr/probe 2>/dev/null");

        Register();

        _device.Rights(Script).Should().Be("root:adu 750");
    }

    public void Dispose() => _device.Dispose();

    private string Register() => _device.DuApt("register").Succeeded("register").Output;
}
