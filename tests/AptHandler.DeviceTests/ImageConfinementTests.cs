using AptHandler.DeviceTests.Fixtures;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.DeviceTests;

/// <summary>What is in an image reaches nothing of the machine that builds it: not its scripts, not its programs, not its links.</summary>
[Trait("Needs", "processor")]
public sealed class ImageConfinementTests
{
    // What every program of the image does first, where the image has it in ld.so.preload.
    private const string Preloaded = """
        #include <fcntl.h>
        #include <stdio.h>
        #include <string.h>
        #include <unistd.h>
        static void note(FILE *out, const char *name) {
          char target[256]; ssize_t n = readlink(name, target, sizeof target - 1);
          fprintf(out, "%s %.*s\n", name, n < 0 ? 0 : (int)n, target);
        }
        __attribute__((constructor)) static void begin(void) {
          FILE *out = fopen("/srv/preloaded", "a");
          if (!out) return;
          note(out, "/proc/1/exe");
          note(out, "/proc/1/ns/mnt");
          note(out, "/proc/1/ns/pid");
          fprintf(out, "outside %d\n", access("/proc/1/root/srv/outside", F_OK) == 0);
          fclose(out);
        }
        """;

    private const string Listen = """
        use IO::Socket::UNIX; use IO::Handle;
        my $s = IO::Socket::UNIX->new(Local => "\0builder", Listen => 9) or die "cannot listen: $!";
        print "listening\n"; STDOUT->flush; while (1) { $s->accept }
        """;

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void A_maintainer_script_reaches_nothing_of_the_builder(string suite)
    {
        using var builder = Device.Bare(suite);
        var image = Furnished(builder);
        using var listener = builder.Start(["perl", "-e", Listen]);
        listener.WaitForText("listening");
        builder
            .Try("perl", "-MIO::Socket::UNIX", "-e", "exit !IO::Socket::UNIX->new(Peer => \"\\0builder\")")
            .ExitStatus.Should()
            .Be(0, "else nothing is tested here");
        var (name, mounts) = (builder.Run("hostname").Output, image.BuildersMounts);

        var answer = image.Deploy(image.Manifest("1.0", "burglar"));
        answer.Cause.Should().Be((0, 700, "0x00000000"), answer.Details);
        image.Read("/var/lib/burglar/done").Should().BeEmpty();
        image.Read("/var/lib/burglar/open").Should().NotContain("/srv").And.NotContain(MountedImage.Root);
        var namespaces = image.Read("/var/lib/burglar/namespaces").Split('\n');
        foreach (var kind in new[] { "mnt", "pid", "uts", "ipc", "net" })
        {
            namespaces
                .Where(each => each.StartsWith($"{kind}:", StringComparison.Ordinal))
                .Should()
                .NotBeEmpty()
                .And.NotContain(builder.Run("readlink", $"/proc/self/ns/{kind}").Output.Trim());
        }

        builder.Run("hostname").Output.Should().Be(name);
        image.BuildersMounts.Should().Be(mounts);

        // Without the confinement, what it tries can be done: else nothing is tested here.
        image.Run("apt-get", "-q", "-y", "remove", "--purge", "burglar");
        builder.Run(
            "unshare",
            "--uts",
            "--mount",
            "chroot",
            MountedImage.Root,
            "sh",
            "-c",
            "rm -rf /var/lib/burglar; mount -t proc proc /proc; mount -t sysfs sysfs /sys; apt-get -q -y install burglar"
        );
        image.Read("/var/lib/burglar/done").Split('\n').Should().HaveCountGreaterThan(6);
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void Nothing_of_the_image_runs_before_it_is_confined(string suite)
    {
        using var builder = Device.Bare(suite);
        var image = Furnished(builder);
        using var folder = new TemporaryFolder("preloaded");
        File.WriteAllText($"{folder}/preloaded.c", Preloaded);
        Command
            .Run("cc", ["-shared", "-fPIC", "-o", $"{folder}/preloaded.so", $"{folder}/preloaded.c"])
            .Succeeded("build what is preloaded");
        File.Copy($"{folder}/preloaded.so", builder.At($"{MountedImage.Root}/srv/preloaded.so"));
        image.Write("/etc/ld.so.preload", "/srv/preloaded.so\n");

        image.Deploy(image.Manifest("1.0", "hello=1.0")).Cause.Should().Be((0, 700, "0x00000000"));
        image.Deploy(image.Manifest("2.0", "bad=1.0")).ExitStatus.Should().Be(1);
        var lines = image.Read("/srv/preloaded").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Distinct("/proc/1/exe").Should().Equal("/proc/1/exe /run/du-apt-image/du-apt");
        foreach (var kind in new[] { "mnt", "pid" })
            lines.Should().NotContain($"/proc/1/ns/{kind} {builder.Run("readlink", $"/proc/1/ns/{kind}").Output.Trim()}");
        Distinct("outside").Should().Equal("outside 0");

        IEnumerable<string> Distinct(string name) =>
            lines.Where(line => line.StartsWith(name, StringComparison.Ordinal)).Distinct(StringComparer.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void Links_of_the_image_lead_to_no_file_of_the_builder(string suite)
    {
        using var builder = Device.Bare(suite);
        var image = Furnished(builder);
        builder.Shell("mkdir -m 0755 /srv/victim; : >/srv/victim/empty; chmod 0600 /srv/victim/empty; mkdir -m 0755 /etc/victim");
        var files = builder.Shell("find /srv/victim /etc/victim -ls");
        foreach (
            var link in new[]
            {
                "/srv/victim/empty",
                "../../srv/victim/empty",
                "../../../../../../srv/victim/new",
                "/etc/victim/new",
                "/proc/1/root/srv/victim/empty",
                "/proc/self/root/srv/victim/new",
                "/proc/self/cwd/srv/victim/new",
                "/proc/1/fd/3/../../srv/victim/new",
            }
        )
        {
            builder.Shell(
                $"cd {MountedImage.Root}; rm -f .{MountedImage.NameService} .{MountedImage.Policy}; ln -s {link} .{MountedImage.NameService}; "
                    + $"ln -s {link} .{MountedImage.Policy}"
            );
            image.Deploy(image.Manifest("1.0", "hello=1.0")).ExitStatus.Should().BeOneOf([0, 2], link);
            builder.Shell("find /srv/victim /etc/victim -ls").Should().Be(files, link);
        }

        foreach (var folder in new[] { "run", "dev", "proc", "sys" })
        {
            builder.Shell($"cd {MountedImage.Root}; mv {folder} {folder}.away; ln -s /proc/1/root/srv/victim {folder}");
            image.Deploy(image.Manifest("1.0", "hello=1.0")).ExitStatus.Should().Be(2);
            builder.Shell($"cd {MountedImage.Root}; rm {folder}; mv {folder}.away {folder}");
            builder.Shell("find /srv/victim /etc/victim -ls").Should().Be(files, folder);
        }
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void A_local_user_keeps_nobody_out_of_an_image(string suite)
    {
        using var builder = Device.Bare(suite);
        var image = Furnished(builder);
        using var holder = builder.Start([
            "setpriv",
            "--reuid=nobody",
            "--regid=nogroup",
            "--clear-groups",
            "flock",
            MountedImage.Root,
            "sh",
            "-c",
            "echo held; sleep 1000",
        ]);
        holder.WaitForText("held");
        image.Deploy(image.Manifest("1.0", "hello=1.0")).Cause.Should().Be((0, 700, "0x00000000"));
        builder.Rights("/run/du-apt-images").Should().Be("root:root 700");
    }

    // With a device in it that anybody may read, and a file outside of it.
    private static MountedImage Furnished(Device builder)
    {
        var image = new MountedImage(builder);
        builder.Shell($"mkdir -p {MountedImage.Root}/srv; mknod -m 0666 {MountedImage.Root}/srv/zero c 1 5; echo secret >/srv/outside");
        return image;
    }
}
