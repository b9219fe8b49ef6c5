using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Updates;

/// <summary>Devices whose file system has just room enough, or not.</summary>
public sealed class RoomTests(RoomTests.Published packages) : DeviceTests<RoomTests.Published>(packages)
{
    private const string NoSpace = "0x30200307";
    private const int PackageKib = 4 << 10;

    private SmallFileSystem? _small;

    [Fact]
    public void Room_for_an_archive_its_content_and_a_reserve_is_room_enough_for_both_steps()
    {
        var manifest = Device.Manifest("bulky");
        LeaveKib((PackageKib * 2) + 2048);
        var download = Device.Run("download", manifest);
        download.Cause.Should().Be((0, 500, "0x00000000"), download.Details);
        var install = Device.Run("install", manifest);
        install.Cause.Should().Be((0, 600, "0x00000000"), install.Details);
        Root.Packages().Should().Equal("bulky 1 installed");
    }

    [Fact]
    public void Room_for_the_archive_alone_is_not_enough()
    {
        LeaveKib(PackageKib + (PackageKib / 2));
        Device.Refused(1, NoSpace, "bulky").Details.Should().Contain($"at {Root.Location}");
        Directory.EnumerateFiles(Root.At("var/cache/apt/archives"), "*.deb", SearchOption.AllDirectories).Should().BeEmpty();
    }

    [Fact]
    public void An_upgrade_needs_room_for_the_old_and_the_new_files_side_by_side()
    {
        Root.Install("growing=1");
        Root.AptGet("clean");
        LeaveKib(PackageKib + (PackageKib / 2));
        Device.Refused(1, NoSpace, "growing=2");
        Root.Packages().Should().Equal("growing 1 installed");
    }

    [Theory]
    [InlineData("boundless")]
    [InlineData("boundless", "bulky")]
    [InlineData("boundless", "boundless-too")]
    public void A_size_beyond_all_disks_is_refused(params string[] words) =>
        Device.Refused(1, NoSpace, words).Details.Should().Contain("are free");

    public override void Dispose()
    {
        _small?.Dispose();
        base.Dispose();
    }

    private void LeaveKib(int free)
    {
        Root.AptGet("update");
        _small = SmallFileSystem.Around(Root.Location);
        _small.LeaveKib(free);
    }

    public sealed class Published()
        : PublishedPackages(repository =>
            repository
                .Package("bulky", "1", sizeKib: PackageKib)
                .Package("growing", "1", sizeKib: PackageKib)
                .Package("growing", "2", sizeKib: PackageKib)
                .Package("boundless", "1", fields: Boundless)
                .Package("boundless-too", "1", fields: Boundless)
        )
    {
        private static readonly string Boundless = $"Installed-Size: {long.MaxValue}";
    }
}
