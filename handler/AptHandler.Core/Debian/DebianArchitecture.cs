using System.Runtime.InteropServices;

namespace AptHandler.Debian;

/// <summary>Debian's names of the architectures, as <c>dpkg --print-architecture</c> prints them.</summary>
public static class DebianArchitecture
{
    /// <summary>The architecture this process was compiled for, which is that of the dpkg that installed it.</summary>
    /// <exception cref="PlatformNotSupportedException">Debian has no architecture for this processor.</exception>
    public static string OfThisProcess { get; } = NameOf(RuntimeInformation.ProcessArchitecture);

    /// <summary>Debian's name of a processor architecture under Linux.</summary>
    /// <param name="architecture">The architecture as .NET names it.</param>
    /// <returns>Debian's name, such as <c>arm64</c>.</returns>
    /// <exception cref="PlatformNotSupportedException">Debian has no architecture for this processor.</exception>
    public static string NameOf(Architecture architecture) =>
        architecture switch
        {
            Architecture.X64 => "amd64",
            Architecture.X86 => "i386",
            Architecture.Arm64 => "arm64",
            Architecture.Arm => "armhf",
            Architecture.Armv6 => "armel",
            Architecture.RiscV64 => "riscv64",
            Architecture.Ppc64le => "ppc64el",
            Architecture.S390x => "s390x",
            Architecture.LoongArch64 => "loong64",
            _ => throw new PlatformNotSupportedException($"cannot name the architecture {architecture} as Debian does; pass its name"),
        };
}
