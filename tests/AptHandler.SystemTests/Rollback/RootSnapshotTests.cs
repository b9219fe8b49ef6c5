using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Rollback;

/// <summary>A root on a file system that can keep its own state.</summary>
public sealed class RootSnapshotTests : DeviceTests<RootSnapshotTests.Published>
{
    private const string Snapshots = ".du-apt-snapshots";

    public RootSnapshotTests(RootSnapshotTests.Published packages)
        : base(packages) => Device.Configure("snapshot", "auto");

    [Fact]
    public void A_root_on_btrfs_is_kept_read_only_until_the_next_update_and_the_result_says_where()
    {
        using var mounted = OnBtrfs();
        Device.Deployed("foo=1").Details.Should().Be($"+foo 1; the root as it was before: /{Snapshots}/1");
        StatusIn("1").Should().NotContain("Package: foo");
        Command.Run("touch", [Root.At($"{Snapshots}/1/etc/new")]).Errors.Should().Contain("Read-only file system");

        Device.Deployed("foo=2").Details.Should().EndWith($"/{Snapshots}/2");
        StatusIn("2").Should().Contain("Package: foo").And.Contain("Version: 1");
        Directory.Exists(Root.At($"{Snapshots}/1")).Should().BeFalse();
    }

    [Fact]
    public void Where_a_device_is_not_as_it_was_the_result_says_where_the_old_root_is()
    {
        using var mounted = OnBtrfs();
        Device.Deployed("foo=1");
        File.WriteAllText(Root.At("usr/share/foo/data"), "of the operator\n");
        Device.Run("restore").Details.Should().EndWith($"; the root as it was before: /{Snapshots}/1");
    }

    [Fact]
    public void Elsewhere_nothing_is_kept_and_nothing_is_said()
    {
        Device.Deployed("foo=1").Details.Should().Be("+foo 1");
        Directory.Exists(Root.At(Snapshots)).Should().BeFalse();
    }

    public sealed class Published()
        : PublishedPackages(repository =>
            repository.Package("foo", "1").WithFile("/usr/share/foo/data", "1").Package("foo", "2").WithFile("/usr/share/foo/data", "2")
        );

    private string StatusIn(string snapshot) => File.ReadAllText(Root.At($"{Snapshots}/{snapshot}/var/lib/dpkg/status"));

    private BtrfsMount OnBtrfs() => new(Root.Location);

    // Over the root, with all that is in it.
    private sealed class BtrfsMount : IDisposable
    {
        private readonly TemporaryFolder _folder = new("btrfs");
        private readonly string _root;

        public BtrfsMount(string root)
        {
            const string Script = """
                truncate -s 256M "$2/image"
                mkfs.btrfs -q --rootdir "$1" "$2/image"
                mount -o loop "$2/image" "$1"
                """;
            _root = root;
            Command.Run("sh", ["-ec", Script, "sh", root, _folder]).Succeeded("put btrfs over a root");
        }

        public void Dispose()
        {
            Command.Run("umount", [_root]).Succeeded("unmount the root");
            _folder.Dispose();
        }
    }
}
