using System.Runtime.InteropServices;

namespace AptHandler.Debian;

/// <summary>What tells a file from another one that bears its name later: a file system gives an inode number away again, but not with the
/// same times.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FileIdentity(
    uint DeviceMajor, uint DeviceMinor, ulong Inode, ulong Length, long WrittenSeconds, uint WrittenNanoseconds);
