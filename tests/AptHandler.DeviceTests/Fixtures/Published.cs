using System.Text.Json.Nodes;
using AptHandler.DeviceTests.VirtualMachine.PowerCuts;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.DeviceTests.Fixtures;

/// <summary>
/// The repository that all devices know: this product as it was built and a later version of it, two versions of the agent, and packages to
/// deploy.
/// </summary>
public static class Published
{
    public const string Product = "du-apt-handler";
    public const string Agent = "deviceupdate-agent";
    public const string AgentVersion = "1.1.0";
    public const string NextAgentVersion = "1.1.1";

    /// <summary>A package that needs a package with files in /boot, as a kernel does: for each version another one.</summary>
    public const string Kernel = "kernel";

    /// <summary>The size of a kernel. What its script makes of it has the same.</summary>
    public const int KernelKib = 100;

    /// <summary>A folder of the repository for packages that it does not tell of.</summary>
    public const string Unpublished = "unpublished";

    /// <summary>
    /// The postinst of "slow" tells its process id, in /tmp/started, and goes on when there is a file /tmp/go; a forgotten one ends by
    /// itself.
    /// </summary>
    public const string Slow = "slow";

    // The same package as a later release would be: another version, and a library with another hash.
    private const string MakeNext = """
        dpkg-deb --raw-extract "$1" "$2/package"
        cd "$2/package"
        sed -i "s/^Version: .*/Version: $3/" DEBIAN/control
        printf next >>usr/lib/du-apt-handler/libdu_apt_handler.so
        find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | xargs -0 md5sum >DEBIAN/md5sums
        dpkg-deb -Znone --root-owner-group --build . "$2" >/dev/null
        rm -r "$2/package"
        """;

    private const string Start = """
        #!/bin/sh
        ### BEGIN INIT INFO
        # Provides: service
        # Required-Start:
        # Required-Stop:
        # Default-Start: 2 3 4 5
        # Default-Stop:
        ### END INIT INFO
        echo "$1" >>/var/lib/service-was-told
        """;

    // What a maintainer script has from whoever started the worker.
    private const string Inherited = """
        {
          prlimit --pid $$ --raw --noheadings --output RESOURCE,SOFT | tr '\n' ' '
          nice; cat /proc/self/oom_score_adj; uname -m
          chrt --pid $$; ionice --pid $$; taskset --pid $$
        } >/tmp/limits
        """;

    // What a maintainer script sees of the machine, in /var/lib/curious.
    private const string Look = """
        mkdir -p /var/lib/curious
        cd /var/lib/curious
        cat /dev/stdin </etc/resolv.conf >nameservice
        ls -A /dev >devices
        : <>/dev/ptmx
        echo text >/dev/shm/curious
        ls -A /run /run/* >run
        [ ! -d /run/systemd/system ] || touch systemd
        cat /proc/self/mountinfo >mounts
        cat /proc/[0-9]*/comm >processes
        ls /sys/kernel /dev/null >kernel
        echo text >/dev/null
        echo text >/run/curious
        echo text >/var/lock/curious
        """;

    // What a maintainer script would do to the machine that builds an image. What it could do is in /var/lib/burglar/done.
    private const string Break = """
        mkdir -p /var/lib/burglar
        cd /var/lib/burglar
        : >done
        try() { if "$@" >/dev/null 2>&1; then echo "$*" >>done; fi; }
        try hostname burgled
        try sh -c 'cat /proc/sys/vm/swappiness >/proc/sys/vm/swappiness'
        try sh -c ': >>/proc/sysrq-trigger'
        try sh -c ': >>/sys/kernel/uevent_helper'
        try mount -o remount,rw /sys
        try mount -o remount,rw /proc
        try mount -o remount,dev /
        try mount -t tmpfs tmpfs /mnt
        try mknod /var/lib/burglar/disk b 8 0
        try head -c 1 /srv/zero
        try chroot / true
        try dmesg
        try unshare --user true
        try unshare --user --map-root-user --mount true
        try chmod 0666 /dev/null
        try chown 0:0 /dev/null
        try perl -e 'use Socket; socket(my $s, 40, SOCK_STREAM, 0) or exit 1'
        try nsenter --target 1 --mount true
        try sh -c 'ls /proc/[0-9]*/root/srv/outside'
        try perl -MIO::Socket::UNIX -e 'exit !IO::Socket::UNIX->new(Peer => "\0builder")'
        ls -l /proc/[0-9]*/fd >open 2>&1 || true
        readlink /proc/self/ns/* >namespaces
        try umount /proc
        """;

    // What dpkg ships to /boot, and what the script makes of it.
    private static readonly string KernelFile = string.Concat(Enumerable.Repeat("a kernel\n", KernelKib * 1024 / 9));

    private static readonly string[] RealPackages = ["postgresql-15", "nginx", "openssh-server", "libc6", "zlib1g:i386"];

    private static readonly Lazy<(Repository Repository, string Version)> Content = new(Publish);

    /// <summary>The folder of the repository.</summary>
    public static string Folder => Content.Value.Repository.Location;

    /// <summary>The repository, as a device finds it, for the sources of a manifest.</summary>
    public static JsonObject Source => Content.Value.Repository.AsSource($"copy:{Device.Repository}");

    /// <summary>The version that was built.</summary>
    public static string ProductVersion => Content.Value.Version;

    /// <summary>The later one.</summary>
    public static string NextProductVersion => ProductVersion + "+next";

    /// <summary>A package whose postinst fails after a package of Debian was configured.</summary>
    public static string FailsAfter(string package) => $"fails-after-{package.Replace(':', '-')}";

    private static (Repository Repository, string Version) Publish()
    {
        var repository = new Repository();
        TemporaryFolder.RemoveAtTheEnd(repository.Location);
        // apt reads it as a user of its own, and the folder was made for nobody else.
        Command.Run("chmod", ["0755", repository.Location]).Succeeded("open the repository");
        repository
            .Package("hello", "1.0")
            .Package("hello", "2.0", depends: "world")
            .Package("world", "1:1.0-1")
            .Package("obsolete", "1.0")
            .Package("bad", "1.0", postinst: "echo 'out of cheese: 100%' >&2; exit 7")
            .Package(Slow, "1.0", postinst: Wait.ForTheTest)
            .Package("daemon", "1.0", postinst: "sleep 1000 & echo $! >/tmp/daemon")
            .Package("witness", "1.0", postinst: "{ env; echo \"id=$(id)\"; } >/tmp/witness")
            .Package("top", "1.0", depends: "mid (= 1.0)")
            .Package("top", "2.0", depends: "mid (= 2.0)")
            .Package("mid", "1.0", depends: "low (= 1.0)")
            .Package("mid", "2.0", depends: "low (= 2.0)")
            .Package("low", "1.0-0")
            .Package("low", "2.0")
            .Package("fan", "1.0", depends: "hello (= 1.0)")
            .Package("rival", "1.0", fields: "Conflicts: low")
            .Package("settings", "1.0", conffile: "/etc/settings=1")
            .Package("settings", "2.0", conffile: "/etc/settings=2")
            .Package("large", "1.0", sizeKib: 2000)
            .Package("service", "1.0", conffile: $"/etc/init.d/service={Start}", postinst: "invoke-rc.d service start")
            .Package("curious", "1.0", postinst: Look)
            .Package("burglar", "1.0", postinst: Break)
            .Package("limits", "1.0", sizeKib: 2000, postinst: Inherited)
            .Package("lost", "1.0");
        WideUpdate.AddTo(repository);
        AddForRealPackages(repository);
        var pool = Path.GetDirectoryName(repository.Deb("hello", "1.0"))!;
        foreach (var version in new[] { AgentVersion, NextAgentVersion })
            Command
                .Run(
                    Path.Combine(SourceTree.Root, "tests", "agent-package", "build.sh"),
                    [version, pool],
                    timeout: TimeSpan.FromMinutes(10)
                )
                .Succeeded("build the stand-in for the agent's package");

        var built = Directory.GetFiles(SourceTree.Artifacts, $"{Product}_*_{Architecture.Name}.deb");
        if (built.Length != 1)
        {
            throw new FileNotFoundException(
                $"cannot test the package: there are {built.Length} of {Product} for {Architecture.Name} in {SourceTree.Artifacts}; "
                    + "leave one there, made by scripts/build-deb.sh"
            );
        }

        var productVersion = Command
            .Run("dpkg-deb", ["--field", built[0], "Version"])
            .Succeeded("read the version of the package")
            .Output.Trim();
        File.Copy(built[0], Path.Combine(pool, Path.GetFileName(built[0])));
        Command
            .Run("sh", ["-ec", MakeNext, "sh", built[0], pool, productVersion + "+next"])
            .Succeeded("make a later version of the package");
        var unpublished = Directory.CreateDirectory(Path.Combine(repository.Location, Unpublished)).FullName;
        File.Move(repository.Deb("private", "1.0"), Path.Combine(unpublished, "private_1.0_all.deb"));
        repository.Index();
        File.Delete(repository.Deb("lost", "1.0"));
        return (repository, productVersion);
    }

    private static void AddForRealPackages(Repository repository)
    {
        repository.Package("docker-ce", "5:24.0.7", file: "/usr/bin/dockerd=#!/bin/sh");
        repository.Package("private", "1.0", conffile: "/etc/private.conf=1").Package("private", "2.0", conffile: "/etc/private.conf=2");
        foreach (var version in new[] { "6.1", "6.2" })
        {
            // As the scripts of initramfs-tools do.
            var initial = $"/boot/initrd.img-{version}";
            repository
                .Package(Kernel, version, depends: $"kernel-{version}")
                .Package(
                    $"kernel-{version}",
                    "1.0",
                    postinst: $"cat /boot/vmlinuz-{version} >{initial}",
                    postrm: $"[ \"$1\" != remove ] || rm -f {initial}",
                    file: $"/boot/vmlinuz-{version}={KernelFile}"
                );
        }

        foreach (var name in RealPackages)
            repository.Package(FailsAfter(name), "1.0", depends: name, postinst: "exit 7");
    }
}
