using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.DeviceTests.Fixtures;

/// <summary>
/// An image whose root file system is mounted on a device, which plays the machine that builds it. The builder has another name service, a
/// policy of its own for services, and a systemd; its mounts are handed on to other namespaces, as systemd sets it up.
/// </summary>
public sealed class MountedImage
{
    /// <summary>Where it is mounted.</summary>
    public const string Root = "/srv/image";

    /// <summary>Of the product the builder has this program alone.</summary>
    public const string Program = "/srv/usr/lib/du-apt-handler/du-apt";

    /// <summary>What keeps services from being started, and is covered meanwhile.</summary>
    public const string Policy = "/usr/sbin/policy-rc.d";

    /// <summary>The name service, which is covered by the builder's.</summary>
    public const string NameService = "/etc/resolv.conf";

    public const string BuildersNameService = "nameserver 192.0.2.53\n";

    private static readonly string Prepare = $"""
        printf '{BuildersNameService.Trim()}\n' >/etc/resolv.conf
        mount -t tmpfs -o mode=0755 tmpfs /run
        mkdir -p /run/lock /run/systemd/system
        mount -t tmpfs -o mode=0755 tmpfs /srv
        mkdir /srv/upper /srv/work {Root}
        mount -t overlay -o lowerdir=/,upperdir=/srv/upper,workdir=/srv/work overlay {Root}
        mount --bind -o ro {Device.Repository} {Root}{Device.Repository}
        rm {Root}/etc/resolv.conf
        dpkg-deb --fsys-tarfile {Device.Repository}/pool/{Published.Product}_{Published.ProductVersion}_{Architecture.Name}.deb | tar -x -C /srv .{Program[
            4..
        ]}
        mount --make-rshared /
        """;

    private const string Survey = """
        cd "$0"
        find "$@" -xdev \( -type d -printf '%p %y %m %U:%G\n' -o -printf '%p %y %m %U:%G %s %T@ %l\n' \) | LC_ALL=C sort
        """;

    // By the folder itself and not by its name, which is another one in another namespace.
    private const string Users = """
        for process in /proc/[0-9]*; do
          if [ "$process/root/" -ef "$0" ]; then cat "$process/comm" 2>/dev/null || true; fi
        done
        """;

    /// <summary>Makes it: the image begins with what the device has now.</summary>
    public MountedImage(Device builder)
    {
        Builder = builder;
        builder.Shell(Prepare);
    }

    /// <summary>The machine that it is mounted on.</summary>
    public Device Builder { get; }

    /// <summary>Mounts of the builder, which the tests leave as they are.</summary>
    public string BuildersMounts => Builder.Run("cat", "/proc/self/mountinfo").Output;

    /// <summary>Every package with version and state.</summary>
    public string Packages => Run("dpkg-query", "--show", "--showformat=${Package} ${Version} ${Status}\n");

    /// <summary>The programs that run with the image for their root.</summary>
    public string Programs => Builder.Run("sh", "-ec", Users, Root).Output;

    /// <summary>Archives of packages, which would be copied to every device.</summary>
    public string Archives => Builder.Run("find", $"{Root}/var", "-xdev", "-name", "*.deb", "-o", "-path", "*/updates/*/backup*").Output;

    public bool Exists(string path) => Builder.Exists(Root + path);

    public string Read(string path) => Builder.Read(Root + path);

    public string Write(string path, string text) => Builder.Write(Root + path, text);

    /// <summary>Every file of the image, or of folders of it, with owner, mode, size, time and target.</summary>
    public IReadOnlySet<string> Files(params IEnumerable<string> folders) =>
        Builder.Run("sh", ["-ec", Survey, Root, .. folders.DefaultIfEmpty(".")]).Output.Split('\n').ToHashSet(StringComparer.Ordinal);

    /// <summary>What has changed, come or gone among files since they were looked at: as they were and as they are.</summary>
    public IEnumerable<string> Changes(IReadOnlySet<string> before, params IEnumerable<string> folders)
    {
        var now = Files(folders);
        return
        [
            .. before.Except(now, StringComparer.Ordinal).Select(line => $"was {line}"),
            .. now.Except(before, StringComparer.Ordinal).Select(line => $"is {line}"),
        ];
    }

    /// <summary>Runs a program in the image, as image builders do without this product; it must succeed.</summary>
    public string Run(string program, params IEnumerable<string> arguments) => Builder.Run("chroot", [Root, program, .. arguments]).Output;

    /// <summary>Writes a manifest on the builder.</summary>
    /// <returns>Its name there.</returns>
    public string Manifest(string version, params IEnumerable<string> words) =>
        Builder.Write(
            $"/srv/edge-{version}.json",
            Manifests.Of(words).Replace("\"test\", \"version\": \"1.0\"", $"\"edge\", \"version\": \"{version}\"", StringComparison.Ordinal)
        );

    /// <summary>Deploys manifests into the image, however that ends.</summary>
    public Answer Deploy(params IEnumerable<string> manifests) =>
        Answer.Of(Builder.Try(Program, ["deploy", "--json", "--root", Root, .. manifests]));

    /// <summary>Begins to deploy.</summary>
    public RunningCommand Start(params IEnumerable<string> manifests) =>
        Builder.Start([Program, "deploy", "--json", "--root", Root, .. manifests]);

    /// <summary>Sends a signal to the program that was started, if it has not ended, and to nothing that it has started.</summary>
    public static void Signal(RunningCommand deployment, int signal) =>
        Command.Run("sh", ["-c", "kill -$0 $(cat /proc/$1/task/$1/children)", $"{signal}", $"{deployment.ProcessId}"]);
}
