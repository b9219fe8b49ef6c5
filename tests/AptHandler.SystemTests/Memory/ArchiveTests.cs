using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Memory;

/// <summary>Packages that ship more than a device can hold in memory.</summary>
public sealed class ArchiveTests : IDisposable
{
    private readonly Repository _repository = new(isSigned: false);
    private Device? _device;

    [Fact]
    public void A_backup_before_a_package_with_twice_the_files_of_the_largest_of_Debian_is_made()
    {
        var outcome = Backup(count: 190_000, nameLength: 45).Bounded();
        outcome.ExitStatus.Should().Be(0, outcome.Text);
        outcome.Output.Should().Contain("backup 1000");
    }

    [Theory]
    [InlineData(240_000, 3, "the update touches more than 200000 files")]
    [InlineData(50_000, 4000, "the update touches more than 200000 files, or such with very long names; update fewer packages at once")]
    [InlineData(5_000, 40_000, "an entry of 40014 bytes is too large")]
    public void A_package_with_more_is_refused_and_it_is_said_why(int count, int nameLength, string why)
    {
        var outcome = Backup(count, nameLength).Bounded();
        outcome.ExitStatus.Should().Be(1, outcome.Text);
        outcome.Text.Should().Contain(why);
        _device!.Root.Packages().Should().BeEmpty();
    }

    public void Dispose()
    {
        _device?.Dispose();
        _repository.Dispose();
    }

    private PeakMemory Backup(int count, int nameLength)
    {
        LinkArchive.Fill(_repository.Package("links", "1").Deb("links", "1"), count, nameLength);
        _device = new Device(PrivateRoot.Create(_repository.Index()));
        _device.Root.AptGet("update");
        return PeakMemory.Of(_device.Root, "backup", _device.Manifest("links=1"));
    }
}
