using AptHandler.SystemTests.Fixtures;

namespace AptHandler.DeviceTests.Fixtures;

/// <summary>
/// The architecture of the test devices: that of this machine, or the one that DU_APT_TEST_ARCHITECTURE names. Then an emulator runs the
/// programs of the devices, and scripts that make packages for them read the same variable.
/// </summary>
public static class Architecture
{
    private static readonly string OfMachine = Command
        .Run("dpkg", ["--print-architecture"])
        .Succeeded("tell the architecture")
        .Output.Trim();

    /// <summary>As dpkg calls it.</summary>
    public static string Name { get; } = Environment.GetEnvironmentVariable("DU_APT_TEST_ARCHITECTURE") ?? OfMachine;

    /// <summary>Whether the devices are in a user namespace, where the emulator is registered.</summary>
    public static bool IsEmulated => Name != OfMachine;
}
