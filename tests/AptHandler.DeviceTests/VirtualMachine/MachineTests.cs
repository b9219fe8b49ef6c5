namespace AptHandler.DeviceTests.VirtualMachine;

/// <summary>What tests of power cuts stand on.</summary>
[Trait("Needs", "virtual-machine")]
public sealed class MachineTests : IDisposable
{
    private readonly Machine _machine = new("machine");

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void A_power_cut_keeps_what_was_synced_and_nothing_else()
    {
        _machine.Start();
        _machine.Run("echo kept >/root/kept; sync; echo lost >/root/lost");
        _machine.CutPower();
        _machine.Start();
        _machine.Run("cat /root/kept").Should().Be("kept\n");
        _machine.Try("cat /root/lost").ExitStatus.Should().Be(1);
    }
}
