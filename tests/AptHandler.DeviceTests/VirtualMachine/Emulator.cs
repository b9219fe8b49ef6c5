using AptHandler.DeviceTests.Fixtures;

namespace AptHandler.DeviceTests.VirtualMachine;

/// <summary>The emulator of a whole machine, and in what machines of one architecture are different from those of another.</summary>
internal static class Emulator
{
    private static bool IsArm64 => Architecture.Name == "arm64";

    /// <summary>The package that it is in.</summary>
    public static string Package => IsArm64 ? "qemu-system-arm" : "qemu-system-x86";

    /// <summary>The program, with the kind of machine. Of the processors for arm64 this one is emulated twice as fast as "max".</summary>
    public static IReadOnlyList<string> Program =>
        IsArm64 ? ["qemu-system-aarch64", "-machine", "virt", "-cpu", "cortex-a57"] : ["qemu-system-x86_64", "-cpu", "max"];

    /// <summary>What the kernel calls the first serial line.</summary>
    public static string Console => IsArm64 ? "ttyAMA0" : "ttyS0";

    /// <summary>Options for a second serial line; the usual machine of arm64 has but one of its own.</summary>
    public static IReadOnlyList<string> SecondLine(string device) =>
        IsArm64 ? ["-device", $"pci-serial,chardev={device}"] : ["-serial", $"chardev:{device}"];
}
