using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Rollback.WayBack;

/// <summary>An image of a machine sees all that makes another device, and nothing that does not.</summary>
public sealed class MachineImageTests : IDisposable
{
    private readonly TemporaryFolder _root = new("image");

    public MachineImageTests() =>
        Shell(
            """
            mkdir -p etc usr/bin srv/data var/lib/dpkg/info var/lib/dpkg/updates var/lib/dpkg/triggers var/lib/apt var/log var/cache
            echo one >etc/app.conf
            head -c 9000 /dev/zero >usr/bin/app
            ln usr/bin/app usr/bin/also
            ln -s ../etc/app.conf srv/link
            mkfifo srv/pipe
            printf '/etc/app.conf\n' >var/lib/dpkg/info/app.list
            printf '/usr/bin/x\n/usr/bin/x.real\nwrapper\n/usr/bin/y\n/usr/bin/y.real\n:\n' >var/lib/dpkg/diversions
            printf 'root root 4755 /usr/bin/app\nroot root 2755 /usr/bin/x\n' >var/lib/dpkg/statoverride
            printf '/usr/share/x app\n/usr/share/y app\n' >var/lib/dpkg/triggers/File
            printf 'Package: app\nArchitecture: amd64\nAuto-Installed: 1\n\n' >var/lib/apt/extended_states
            state='Status: install ok installed\nArchitecture: amd64\nVersion: 1\n'
            printf "Package: lib\n$state\n" >var/lib/dpkg/status
            printf "Package: app\n${state}Conffiles:\n /etc/a 1\n /etc/b 2\n" >>var/lib/dpkg/status
            """
        );

    [Theory]
    [InlineData("printf 'onE\\n' >etc/app.conf", "~ /etc/app.conf: file 0:0 644 'one | ' -> file 0:0 644 'onE | '")]
    [InlineData("printf one >etc/app.conf", "~ /etc/app.conf: file 0:0 644 'one | ' -> file 0:0 644 'one'")]
    [InlineData("printf x | dd of=usr/bin/app bs=1 seek=8000 conv=notrunc", "~ /usr/bin/also: file 0:0 644 9000 bytes, SHA-256 ")]
    [InlineData("chown 0:7 etc/app.conf", "~ /etc/app.conf: file 0:0 644 'one | ' -> file 0:7 644 'one | '")]
    [InlineData("chmod 4755 etc/app.conf", "~ /etc/app.conf: file 0:0 644 'one | ' -> file 0:0 4755 'one | '")]
    [InlineData("chmod 0700 srv/data", "~ /srv/data: folder 0:0 755 -> folder 0:0 700")]
    [InlineData("chown 7:0 srv/data", "~ /srv/data: folder 0:0 755 -> folder 7:0 755")]
    [InlineData("chmod 0711 .", "~ /: folder 0:0 700 -> folder 0:0 711")]
    [InlineData("rmdir srv/data", "- /srv/data: folder 0:0 755")]
    [InlineData("mkdir srv/more", "+ /srv/more: folder 0:0 755")]
    [InlineData("ln -sfn app.conf srv/link", "~ /srv/link: link 0:0 -> ../etc/app.conf -> link 0:0 -> app.conf")]
    [InlineData("chown -h 7:7 srv/link", "~ /srv/link: link 0:0 -> ../etc/app.conf -> link 7:7 -> ../etc/app.conf")]
    [InlineData("rm srv/link; cp etc/app.conf srv/link", "~ /srv/link: link 0:0 -> ../etc/app.conf -> file 0:0 644 'one | '")]
    [InlineData("chmod 0600 srv/pipe", "~ /srv/pipe: type p 0:0 644 -> type p 0:0 600")]
    [InlineData("cp usr/bin/app x; mv x usr/bin/app", "~ /usr/bin/app: the same file as /usr/bin/also -> file 0:0 644 9000 bytes")]
    [InlineData(
        "sed -i 's/Version: 1/Version: 2/' var/lib/dpkg/status",
        "~ /var/lib/dpkg/status, app amd64, Version: 1 -> 2\n~ /var/lib/dpkg/status, lib amd64, Version: 1 -> 2"
    )]
    [InlineData(
        "sed -i '1,/^$/d' var/lib/dpkg/status",
        "- /var/lib/dpkg/status, lib amd64, Status: install ok installed\n- /var/lib/dpkg/status, lib amd64, Version: 1"
    )]
    [InlineData(
        "sed -i 's, /etc/b 2, /etc/b 2 obsolete,' var/lib/dpkg/status",
        "~ /var/lib/dpkg/status, app amd64, Conffiles: | /etc/a 1 | /etc/b 2 -> | /etc/a 1 | /etc/b 2 obsolete"
    )]
    [InlineData("sed -i 's/: amd64/: i386/' var/lib/dpkg/status", "- /var/lib/dpkg/status, app amd64, ")]
    [InlineData(
        "printf '\\nPackage: new\\nStatus: install ok installed\\n' >>var/lib/dpkg/status",
        "+ /var/lib/dpkg/status, new , Status: install ok installed"
    )]
    [InlineData(
        "printf '\\nPackage: old\\nStatus: deinstall ok config-files\\n' >>var/lib/dpkg/status",
        "+ /var/lib/dpkg/status, old , Status: deinstall ok config-files"
    )]
    [InlineData("touch var/lib/dpkg/updates/0001", "+ /var/lib/dpkg/updates/0001: file 0:0 644 ''")]
    [InlineData("echo /etc/x >>var/lib/dpkg/info/app.list", "~ /var/lib/dpkg/info/app.list: file 0:0 644 '/etc/app.conf | ' -> ")]
    [InlineData(
        "sed -i 's/wrapper/:/' var/lib/dpkg/diversions",
        "~ /var/lib/dpkg/diversions, /usr/bin/x: /usr/bin/x.real by wrapper -> /usr/bin/x.real by :"
    )]
    [InlineData("sed -i 4,6d var/lib/dpkg/diversions", "- /var/lib/dpkg/diversions, /usr/bin/y: /usr/bin/y.real by :")]
    [InlineData("sed -i 1d var/lib/dpkg/statoverride", "- /var/lib/dpkg/statoverride, root root 4755 /usr/bin/app: there")]
    [InlineData("rm var/lib/dpkg/triggers/File", "- /var/lib/dpkg/triggers/File, /usr/share/x app: there")]
    [InlineData(
        "sed -i 's/Installed: 1/Installed: 0/' var/lib/apt/extended_states",
        "~ /var/lib/apt/extended_states, app amd64, Auto-Installed: 1 -> 0"
    )]
    [InlineData("mkdir -p var/lib/dpkg/tmp.ci; touch var/lib/dpkg/tmp.ci/control", "+ /var/lib/dpkg/tmp.ci: folder 0:0 755")]
    public void Every_change_of_the_device_is_seen(string change, string difference)
    {
        var before = Image();
        Shell(change);
        string.Join('\n', Image().DifferencesFrom(before)).Should().StartWith(difference);
    }

    [Theory]
    [InlineData("touch -d yesterday etc/app.conf")]
    [InlineData("cp -a etc/app.conf x; mv x etc/app.conf")]
    [InlineData("cd var/lib/dpkg; awk -v RS= -v ORS='\\n\\n' '{ p = $0 \"\\n\\n\" p } END { printf \"%s\", p }' status >s; mv s status")]
    [InlineData("printf '\\nPackage: gone\\nStatus: unknown ok not-installed\\n' >>var/lib/dpkg/status")]
    [InlineData("sed -i -n '4,6p;1h;2,3H;6{g;p}' var/lib/dpkg/diversions")]
    [InlineData("for f in statoverride triggers/File; do tac var/lib/dpkg/$f >x; mv x var/lib/dpkg/$f; done")]
    [InlineData("touch var/log/apt var/cache/x; cd var/lib/dpkg; touch lock status-old available triggers/Unincorp")]
    [InlineData("mkdir -p var/lib/du-apt-handler/updates")]
    [InlineData("mkdir var/lib/dpkg/tmp.ci; mkdir own; touch own/file")]
    public void What_makes_no_other_device_is_not_seen(string change)
    {
        var before = Image();
        Shell(change);
        Image().DifferencesFrom(before).Should().BeEmpty();
    }

    [Fact]
    public void An_image_can_be_told_what_else_is_to_be_there()
    {
        var before = Image();
        Shell("echo new >srv/new; rmdir srv/data");
        var now = Image();
        now.DifferencesFrom(before.With("/srv/new", now.At("/srv/new")).With("/srv/data", null)).Should().BeEmpty();
    }

    public void Dispose() => _root.Dispose();

    private MachineImage Image() => MachineImage.Of(_root, "/own");

    private void Shell(string commands) => Command.Run("sh", ["-euc", $"cd {_root}; umask 022; {commands}"]).Succeeded(commands);
}
